using Org.BouncyCastle.Tls;

namespace TlsPool.Crypto.Handshakes;

/// <summary>BouncyCastle's server with the hooks that tickets need.</summary>
internal sealed class ServerProtocol(ServerPeer peer) : TlsServerProtocol
{
    internal void Abort(short alert, string reason) => HandleException(alert, reason, null!);

    protected override ClientHello ReceiveClientHelloMessage(MemoryStream buf)
    {
        ClientHello hello = base.ReceiveClientHelloMessage(buf);
        peer.ClientOffers(hello);
        return hello;
    }

    protected override void HandleHandshakeMessage(short type, HandshakeMessageInput buf) =>
        MalformedMessages.Guard(() => base.HandleHandshakeMessage(type, buf));

    protected override void Receive13ClientFinished(MemoryStream buf)
    {
        base.Receive13ClientFinished(buf);
        peer.Transcript = Transcript.With(this, buf.ToArray());
    }
}
