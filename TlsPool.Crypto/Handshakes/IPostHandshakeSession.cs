using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes;

/// <summary>What a post-handshake message may do to its session. Calls come on the session's loop.</summary>
public interface IPostHandshakeSession
{
    /// <summary>Seals and sends one record, in order with data.</summary>
    void Send(ContentType type, ReadOnlySpan<byte> content);

    /// <summary>The peer asks to renegotiate (TLS 1.2).</summary>
    /// <param name="message">Its HelloRequest or ClientHello, with header.</param>
    void PeerRenegotiates(byte[] message);

    /// <summary>Moves the sending side to its next traffic secret.</summary>
    void UpdateSealer();

    /// <summary>Moves the receiving side to its next traffic secret.</summary>
    void UpdateOpener();

    /// <summary>Asks what an authentication has to know (TLS 1.3); the answer comes later.</summary>
    void Ask(HandshakeQuestion question);

    /// <summary>The key of a Finished under the current traffic secret (RFC 8446 section 4.4.4). The taker clears it.</summary>
    /// <param name="ofPeer">Whose Finished.</param>
    byte[] FinishedKey(bool ofPeer);

    /// <summary>An authentication is complete.</summary>
    void Authenticated(PostHandshakeIdentity identity);
}
