using TlsPool.Actors.Audit;
using TlsPool.Actors.Disclosure;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;
using TlsPool.Protocol.Frames;

namespace TlsPool.Actors.Sessions;

/// <content>
/// Whom to be. A client's identity is settled before the first byte is sent, so that nothing, a ticket of an earlier session included, tells
/// the other side more than the rules want (behaviour.md, "STARTTLS" step 2).
/// </content>
public sealed partial class SessionActor
{
    private LocalIdGate _gate = null!;

    private void SettleLocalId()
    {
        _gate = new LocalIdGate(_services, _request, _number);
        if (_request.Role == TlsRole.Client)
            DecideByRules();
        else
            StartHandshake();
    }

    private void DecideByRules()
    {
        string suggestion = _request.Message.LocalId;
        DisclosureDecision decision = _gate.Disclose(suggestion);
        if (decision.Key is not null)
            _gate.Record(AuditKind.LocalIdChoice, decision.Allowed, decision.Allowed ? decision.LocalId : suggestion, decision.Reason);
        if (!decision.Allowed)
        {
            Fail(new PoolFault(PoolError.ConnectionDriverSetup, decision.Reason), AlertCode.UserCanceled);
            return;
        }
        UseLocalId(decision.LocalId);
        StartHandshake();
    }

    private void UseLocalId(string localId) => _request = _request with { Message = _request.Message with { LocalId = localId } };

    /// <summary>Why the identity that was settled on cannot be used; null if it can, or if there is none yet.</summary>
    private PoolFault? RefusedLocalId()
    {
        string localId = _request.Message.LocalId;
        if (localId.Length == 0)
            return null;
        if (_gate.Refuse(localId) is { } refusal)
            return new PoolFault(PoolError.ConnectionDriverSetup, refusal);
        return _request.CheckLocalId || _services.Identities.Find(localId, _request.Role).Count > 0
            ? null
            : new PoolFault(PoolError.ConnectionDriverSetup, $"no credential for {localId} in this role: see 'tlspool identity list'");
    }

    /// <summary>The engine's answer for the identity that the application wants, which may be another than the one that was settled on.</summary>
    private HandshakeAnswer Accept(string chosen)
    {
        if (_request.Role == TlsRole.Client && !IsSettled(chosen))
        {
            DisclosureDecision decision = _gate.Disclose(chosen);
            if (!decision.Allowed || decision.LocalId != chosen)
            {
                _gate.Record(AuditKind.LocalIdChoice, allowed: false, chosen, decision.Reason);
                return new RefusalAnswer(AlertCode.AccessDenied, decision.Reason);
            }
        }
        return _proposals!.Accept(chosen);
    }

    private bool IsSettled(string chosen) => string.Equals(chosen, _request.Message.LocalId, StringComparison.OrdinalIgnoreCase);
}
