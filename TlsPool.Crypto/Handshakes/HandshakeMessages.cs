using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes;

/// <summary>Puts handshake messages together that span records, with a bound (RFC 8446 section 5.1).</summary>
internal sealed class HandshakeMessages
{
    private const int HeaderSize = 4;
    private const int MaxMessage = 64 * 1024;

    private byte[] _buffer = [];
    private int _start;
    private int _end;

    /// <summary>True if a message is incomplete.</summary>
    internal bool HasPartial => _end > _start;

    /// <summary>Adds the content of a record and hands over each message that is complete: type and body.</summary>
    /// <exception cref="RecordException">A message is too long, or a record is empty.</exception>
    internal void Add(ReadOnlySpan<byte> content, Action<byte, byte[]> take)
    {
        if (content.IsEmpty)
            throw new RecordException(AlertCode.UnexpectedMessage, "a handshake record is empty");
        Append(content);
        while (_end - _start >= HeaderSize)
        {
            ReadOnlySpan<byte> rest = _buffer.AsSpan(_start, _end - _start);
            int length = (rest[1] << 16) | (rest[2] << 8) | rest[3];
            if (length > MaxMessage)
                throw new RecordException(AlertCode.DecodeError, "a handshake message is too long");
            if (rest.Length < HeaderSize + length)
                return;
            byte type = rest[0];
            byte[] body = rest.Slice(HeaderSize, length).ToArray();
            _start += HeaderSize + length;
            take(type, body);
        }
        // An idle session keeps no buffer.
        if (!HasPartial)
            (_buffer, _start, _end) = ([], 0, 0);
    }

    /// <summary>Makes room by doubling: a peer that sends a byte at a time must not make this side copy all of them each time.</summary>
    private void Append(ReadOnlySpan<byte> content)
    {
        if (_buffer.Length - _end < content.Length)
        {
            ReadOnlySpan<byte> kept = _buffer.AsSpan(_start, _end - _start);
            byte[] larger = new byte[Math.Max(kept.Length + content.Length, 2 * kept.Length)];
            kept.CopyTo(larger);
            (_buffer, _start, _end) = (larger, 0, kept.Length);
        }
        content.CopyTo(_buffer.AsSpan(_end));
        _end += content.Length;
    }
}
