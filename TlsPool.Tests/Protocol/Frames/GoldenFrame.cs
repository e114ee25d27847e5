using System.Globalization;
using System.Text;
using TlsPool.Protocol.Frames;

namespace TlsPool.Tests.Protocol.Frames;

/// <summary>Builds the 388 bytes of a frame from offsets that are written out by hand from wire-format.md.</summary>
internal sealed class GoldenFrame
{
    internal byte[] Bytes { get; } = new byte[Frame.Size];

    /// <summary>Puts bytes given as hexadecimal digits; blanks are for the reader.</summary>
    internal GoldenFrame Hex(int offset, string digits)
    {
        Convert.FromHexString(digits.Replace(" ", "", StringComparison.Ordinal)).CopyTo(Bytes, offset);
        return this;
    }

    internal GoldenFrame Text(int offset, string text)
    {
        Encoding.UTF8.GetBytes(text, Bytes.AsSpan(offset));
        return this;
    }

    internal GoldenFrame Counting(int offset, byte first, int count)
    {
        FrameSamples.Sequence(first, count).CopyTo(Bytes, offset);
        return this;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Convert.ToHexString(Bytes)}");
}
