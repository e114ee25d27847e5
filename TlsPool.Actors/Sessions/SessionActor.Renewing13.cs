using Akka.Actor;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;
using TlsPool.Protocol.Frames;

namespace TlsPool.Actors.Sessions;

/// <content>
/// Renewal in TLS 1.3: new keys at once, and where a server's application asks for it, the client's identity after the handshake.
/// </content>
public sealed partial class SessionActor
{
    private CredentialQuestion? _heldQuestion;

    private bool Is13 => _parameters.Version == TlsVersion.Tls13;

    /// <summary>A server wants to know this client: it shows whom it was settled to be, or nothing.</summary>
    private void FollowServer(CredentialQuestion question)
    {
        SessionRequest request = _request with { Message = _request.Message with { Timeout = StartTlsMessage.TimeoutDefault } };
        _renewal = new SessionRenewal(request, _gate, asker: null, keepsLocalId: true) { Question = question };
        CatchUpForRenewal();
    }

    private void Renew13(SessionRenewal renewal)
    {
        if (renewal.Question is not null)
        {
            renewal.Bridge = new SessionBridge(_services, renewal.Request, renewal.Gate, Self);
            string identity = KeptIdentity;
            _pump!.Answer(new CredentialAnswer(identity.Length > 0 ? _services.Identities.Find(identity, TlsRole.Client) : []));
            return;
        }
        StartTlsMessage wish = renewal.Request.Message;
        bool staysKnown = _request.Role == TlsRole.Server || string.Equals(wish.RemoteId, _request.Message.RemoteId, StringComparison.OrdinalIgnoreCase);
        if (!renewal.KeepsLocalId || !staysKnown)
        {
            string whose = renewal.KeepsLocalId ? "the server's" : "the local";
            EndRenewal(new PoolFault(PoolError.CommandNotImplemented, $"{whose} identity of a session stays the same in TLS 1.3"));
            return;
        }
        _pump!.UpdateKeys(requestAnswer: true);
        if (_request.Role == TlsRole.Client || renewal.Request.PeerAuthentication == PeerAuthentication.Ignore)
        {
            ConcludeRenewal(_request.Message.LocalId, _request.Message.RemoteId, "keys updated");
            return;
        }
        renewal.Bridge = new SessionBridge(_services, renewal.Request, renewal.Gate, Self);
        _pump.RequestCertificate(renewal.Request.PeerAuthentication);
    }

    private void AnswerQuestion13(SessionRenewal renewal, HandshakeQuestion question)
    {
        switch (question)
        {
            case SignatureQuestion or PeerQuestion when renewal.Bridge.TryAnswer(question) is { } answer:
                _pump!.Answer(answer);
                break;
            case SignatureQuestion signature:
                AskForSignature(signature);
                break;
            case PeerQuestion:
                AwaitVerdict(renewal.Bridge);
                break;
            case CredentialQuestion credential:
                // The application renews the keys just now.
                _heldQuestion = credential;
                break;
            default:
                Unhandled(question);
                break;
        }
    }

    private void TakeAuthenticated(SessionRenewal renewal, PostHandshakeIdentity identity)
    {
        StartTlsMessage now = _request.Message;
        if (renewal.Question is not null)
        {
            _credential = identity.Credential ?? _credential;
            ConcludeRenewal(
                identity.Credential?.Identity ?? now.LocalId, now.RemoteId, identity.Credential is null ? "showed nobody to the server" : "shown to the server");
            return;
        }
        bool known = identity.PeerChain.Count > 0;
        Remember(identity.PeerChain);
        ConcludeRenewal(now.LocalId, known ? renewal.Bridge.RemoteId : now.RemoteId, known ? "the client has shown who it is" : "the client has shown nobody");
    }
}
