using System.Text;

namespace TlsPool.Actors.Interop;

/// <summary>Strings as programs get them: NUL-terminated, one after the other.</summary>
internal static unsafe class StringBlock
{
    /// <summary>A block of these strings.</summary>
    internal static byte[] Of(IEnumerable<string> strings) => Encoding.UTF8.GetBytes(string.Concat(strings.Select(one => one + "\0")));

    /// <summary>Pointers to the strings of a block of NUL-terminated ones, and a null at the end.</summary>
    internal static byte*[] Pointers(byte* start, ReadOnlySpan<byte> block)
    {
        var pointers = new byte*[block.Count((byte)0) + 1];
        int at = 0;
        for (int i = 0; i < pointers.Length - 1; i++)
        {
            pointers[i] = start + at;
            at += block[at..].IndexOf((byte)0) + 1;
        }
        return pointers;
    }
}
