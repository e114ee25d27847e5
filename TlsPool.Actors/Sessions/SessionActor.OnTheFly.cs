using TlsPool.Actors.Audit;
using TlsPool.Actors.OnTheFly;
using TlsPool.Crypto.Certificates;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.Identities;

namespace TlsPool.Actors.Sessions;

/// <content>Certificates of a moment (behaviour.md, "LOCALID_ONTHEFLY"): nothing is made before the peer asks for it, nor for what rules forbid.</content>
public sealed partial class SessionActor
{
    /// <summary>Why no certificate can be made at all; null if one can.</summary>
    private PoolFault? RefusedOnTheFly(SessionRequest request)
    {
        string localId = request.Message.LocalId;
        return _services.Policy.OnTheFly is null
                ? new PoolFault(PoolError.CommandNotImplemented, "LOCALID_ONTHEFLY needs tls_onthefly_signcert and tls_onthefly_signkey in the pool's configuration")
            : localId.Length == 0 && request.Role == TlsRole.Client
                ? new PoolFault(PoolError.ConnectionDriverSetup, "LOCALID_ONTHEFLY needs a local identity, and there is none")
            : localId.Length > 0 && OnTheFlyName.TryRead(localId) is null
                ? new PoolFault(PoolError.ConnectionDriverSetup, $"no certificate is made on the fly for {localId}: it is no host name and no user@host")
            : null;
    }

    /// <summary>Has a certificate made for the engine's open question.</summary>
    /// <param name="localId">For whom; null if the peer does not say.</param>
    /// <param name="gate">Which local identities the application may use.</param>
    /// <param name="request">What the application asked.</param>
    private void MakeOnTheFly(string? localId, LocalIdGate gate, SessionRequest request)
    {
        if (localId is null)
        {
            NotMade(AlertCode.HandshakeFailure, "the client names no server (SNI), so that no certificate can be made on the fly: give a localid");
            return;
        }
        bool peerSays = request.Message.LocalId.Length == 0 && !request.CheckLocalId;
        if (OnTheFlyName.TryRead(localId) is not { } identity || (peerSays && identity.User is not null))
        {
            const string reason = "no certificate is made on the fly for what is no host name";
            gate.Record(AuditKind.OnTheFly, allowed: false, localId, reason);
            NotMade(AlertCode.UnrecognizedName, reason);
            return;
        }
        if (gate.Refuse(identity.ToString()) is { } refusal)
        {
            NotMade(AlertCode.AccessDenied, refusal);
            return;
        }
        if (_services.Policy.OnTheFly is not { } authority)
        {
            NotMade(AlertCode.InternalError, "the pool's configuration has no tls_onthefly_signcert any more");
            return;
        }
        _services.OnTheFly.Tell(new OnTheFlyProtocol.Make(authority, identity, request.Role, request.Message.Service), Self);
    }

    /// <summary>Takes the answer about a certificate.</summary>
    private void ConcludeOnTheFly(object answer, LocalIdGate gate)
    {
        if (answer is OnTheFlyProtocol.Made { Credential: var credential })
        {
            string fingerprint = Convert.ToHexStringLower(credential.Fingerprint.Span[..8]);
            gate.Record(AuditKind.OnTheFly, allowed: true, credential.Identity, $"certificate {fingerprint} was made for the moment");
            AnswerQuestion(new CredentialAnswer([credential]));
        }
        else if (answer is OnTheFlyProtocol.NotMade { Reason: var reason })
        {
            gate.Record(AuditKind.OnTheFly, allowed: false, _request.Message.LocalId, reason);
            NotMade(AlertCode.InternalError, reason);
        }
    }

    private void NotMade(AlertCode alert, string reason) => AnswerQuestion(new RefusalAnswer(alert, reason));

    /// <summary>Whom the engine's question is about; null if the peer does not say.</summary>
    private static string? NameOnTheFly(SessionRequest request, CredentialQuestion question) =>
        request.Message.LocalId.Length > 0 ? request.Message.LocalId : question.ServerName;
}
