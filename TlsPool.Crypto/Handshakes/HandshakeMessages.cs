using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes;

/// <summary>Puts handshake messages together that span records, with a bound (RFC 8446 section 5.1).</summary>
internal sealed class HandshakeMessages
{
    private const int HeaderSize = 4;
    private const int MaxMessage = 64 * 1024;

    private byte[] _partial = [];

    /// <summary>True if a message is incomplete.</summary>
    internal bool HasPartial => _partial.Length > 0;

    /// <summary>Adds the content of a record and hands over each message that is complete: type and body.</summary>
    /// <exception cref="RecordException">A message is too long, or a record is empty.</exception>
    internal void Add(ReadOnlySpan<byte> content, Action<byte, byte[]> take)
    {
        if (content.IsEmpty)
            throw new RecordException(AlertCode.UnexpectedMessage, "a handshake record is empty");
        _partial = [.. _partial, .. content];
        while (_partial.Length >= HeaderSize)
        {
            int length = (_partial[1] << 16) | (_partial[2] << 8) | _partial[3];
            if (length > MaxMessage)
                throw new RecordException(AlertCode.DecodeError, "a handshake message is too long");
            if (_partial.Length < HeaderSize + length)
                return;
            byte type = _partial[0];
            byte[] body = _partial[HeaderSize..(HeaderSize + length)];
            _partial = _partial[(HeaderSize + length)..];
            take(type, body);
        }
    }
}
