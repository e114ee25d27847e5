using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;
using TlsPool.Protocol.IO;

namespace TlsPool.Crypto.Pump;

/// <summary>
/// The data path of one TLS session on one <see cref="EventLoop"/>: first handshake bytes, then records both ways between the
/// ciphertext and the plaintext descriptor (design/architecture.md, "Data path"). Holds a buffer only for a partial record or a
/// blocked write.
/// </summary>
public sealed class SessionPump : DescriptorHandler
{
    private SessionPump()
    {
    }

    /// <summary>Takes a ciphertext descriptor and starts the handshake on the loop. Any thread.</summary>
    /// <param name="loop">The loop that will own both descriptors.</param>
    /// <param name="ciphertext">A connected stream socket, now owned by the pump.</param>
    /// <param name="handshake">A fresh machine, now owned by the pump.</param>
    /// <param name="events">Who is told.</param>
    public static SessionPump Start(EventLoop loop, SafeDescriptor ciphertext, HandshakeMachine handshake, ISessionEvents events) =>
        throw new NotSupportedException();

    /// <summary>Application bytes opened and passed on so far. Any thread; may lag.</summary>
    public long BytesToPlaintext => throw new NotSupportedException();

    /// <summary>Application bytes sealed and passed on so far. Any thread; may lag.</summary>
    public long BytesToCiphertext => throw new NotSupportedException();

    /// <summary>Answers the open question. Any thread.</summary>
    public void Answer(HandshakeAnswer answer) => throw new NotSupportedException();

    /// <summary>Gives the plaintext side, now owned by the pump, and lets bytes flow. Any thread; once, after the handshake.</summary>
    public void Attach(SafeDescriptor plaintext) => throw new NotSupportedException();

    /// <summary>Ends the session from this side: during the handshake with the alert, later with close_notify (or the alert, if fatal). Any thread.</summary>
    public void Close(AlertCode alert) => throw new NotSupportedException();

    /// <summary>Sends a key update (TLS 1.3). Any thread.</summary>
    public void UpdateKeys(bool requestAnswer) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void OnReady(EventLoop loop, int descriptor, Readiness ready) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void OnFault(EventLoop loop, Exception exception) => throw new NotSupportedException();
}
