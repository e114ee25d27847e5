using System.Buffers;
using System.Security.Cryptography;

namespace TlsPool.Crypto.Pump;

/// <summary>A few bytes kept between two events in a pooled buffer, which goes back to the pool, cleared, as soon as it is empty.</summary>
internal struct PendingBytes
{
    private byte[]? _buffer;
    private int _offset;

    internal int Length { get; private set; }

    internal readonly ReadOnlySpan<byte> Bytes => _buffer.AsSpan(_offset, Length);

    internal void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == 0)
            return;
        if (_buffer is null || _buffer.Length - _offset - Length < bytes.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Length + bytes.Length);
            int kept = Length;
            Bytes.CopyTo(larger);
            Clear();
            (_buffer, Length) = (larger, kept);
        }
        bytes.CopyTo(_buffer.AsSpan(_offset + Length));
        Length += bytes.Length;
    }

    /// <summary>Moves everything to a buffer that is large enough, or nothing.</summary>
    internal int Take(Span<byte> destination)
    {
        int taken = Length;
        if (taken == 0 || taken > destination.Length)
            return 0;
        Bytes.CopyTo(destination);
        Clear();
        return taken;
    }

    internal void Skip(int count)
    {
        if (count == Length)
        {
            Clear();
            return;
        }
        _offset += count;
        Length -= count;
    }

    internal void Clear()
    {
        if (_buffer is not null)
        {
            // It may hold plaintext. What was skipped is cleared as well.
            CryptographicOperations.ZeroMemory(_buffer.AsSpan(0, _offset + Length));
            ArrayPool<byte>.Shared.Return(_buffer);
        }
        this = default;
    }
}
