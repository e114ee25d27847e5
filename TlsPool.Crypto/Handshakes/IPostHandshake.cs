namespace TlsPool.Crypto.Handshakes;

/// <summary>Handshake messages of an established session: tickets, key update, requests to renegotiate (RFC 8446 section 4.6).</summary>
public interface IPostHandshake
{
    /// <summary>True while a message has begun and not ended: nothing else may come between (RFC 8446 section 5.1).</summary>
    bool IsInsideMessage { get; }

    /// <summary>Takes the content of one handshake record; messages may span or share records.</summary>
    /// <param name="content">The record's content.</param>
    /// <param name="session">What the message makes the session do.</param>
    /// <exception cref="Records.RecordException">The message is malformed or not allowed now.</exception>
    void Receive(ReadOnlySpan<byte> content, IPostHandshakeSession session);

    /// <summary>Sends a key update of our own (TLS 1.3); in TLS 1.2 nothing happens.</summary>
    void SendKeyUpdate(bool requestAnswer, IPostHandshakeSession session);
}
