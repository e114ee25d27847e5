using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Pump;

/// <content>Client authentication after a TLS 1.3 handshake, while data goes on (RFC 8446 section 4.6.2).</content>
public sealed partial class SessionPump
{
    /// <summary>
    /// Server: asks the client for its certificate. Any thread; the outcome is told by <see cref="ISessionEvents"/>.
    /// </summary>
    /// <param name="authentication">What is asked of it; the session ends if it shows nothing and that is demanded.</param>
    public void RequestCertificate(PeerAuthentication authentication) => _loop.Post(_ => RequestNow(authentication), this);

    /// <inheritdoc/>
    void IPostHandshakeSession.Ask(HandshakeQuestion question) => _events.OnQuestion(this, question);

    /// <inheritdoc/>
    byte[] IPostHandshakeSession.FinishedKey(bool ofPeer) => ofPeer ? _opener!.FinishedKey() : _sealer!.FinishedKey();

    /// <inheritdoc/>
    void IPostHandshakeSession.Authenticated(PostHandshakeIdentity identity) => _events.OnAuthenticated(this, identity);

    private void RequestNow(PeerAuthentication authentication)
    {
        bool possible = _phase == Phase.Established && _postHandshake is PostHandshake13 && !_closeNotifySent && !_closeNotifyReceived;
        PostHandshakeServer? server = (_postHandshake as PostHandshake13)?.Server;
        if (possible && server is null)
            _events.OnRenewalRefused(this, RenewalRefusal.NotOffered);
        else if (!possible || !server!.Request(authentication, this))
            _events.OnRenewalRefused(this, RenewalRefusal.NotNow);
        else
            Pump();
    }

    private void AnswerAuthentication(HandshakeAnswer answer)
    {
        try
        {
            ((PostHandshake13)_postHandshake!).Answer(answer, this);
            Pump();
        }
        catch (RecordException exception)
        {
            _events.OnRenewalFailed(this, new HandshakeFault(exception.Alert, FromPeer: false, exception.Message));
            End(SessionEndReason.ProtocolError, exception.Alert);
        }
    }

    private void CancelAuthentication(RenewalRefusal refusal)
    {
        if (_phase == Phase.Established && _postHandshake is PostHandshake13 { Server: { } server } && server.GiveUp())
            _events.OnRenewalRefused(this, refusal);
    }
}
