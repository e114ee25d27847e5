using System.Buffers.Binary;

namespace TlsPool.Bench.Fuzzing.Targets;

/// <summary>Takes an input apart. Past its end everything is zero or empty: every input means something.</summary>
internal ref struct InputReader(ReadOnlySpan<byte> input)
{
    private ReadOnlySpan<byte> _rest = input;

    internal readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>All that is left.</summary>
    internal readonly ReadOnlySpan<byte> Rest => _rest;

    internal byte Byte() => Take(1) is [var value] ? value : (byte)0;

    internal ushort UInt16()
    {
        ReadOnlySpan<byte> bytes = Take(sizeof(ushort));
        return bytes.Length == sizeof(ushort) ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : (ushort)0;
    }

    /// <summary>At most so many bytes.</summary>
    internal ReadOnlySpan<byte> Take(int count)
    {
        ReadOnlySpan<byte> taken = _rest[..Math.Min(count, _rest.Length)];
        _rest = _rest[taken.Length..];
        return taken;
    }
}
