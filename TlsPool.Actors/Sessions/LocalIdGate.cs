using Microsoft.Extensions.Logging;
using TlsPool.Actors.Access;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Disclosure;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Keys;
using TlsPool.Protocol.Identities;

namespace TlsPool.Actors.Sessions;

/// <summary>
/// Whether the application of a request may use a local identity: every way to one goes through here. Any thread, never waits.
/// </summary>
/// <param name="services">Rules and records.</param>
/// <param name="request">The request, whose role is settled.</param>
/// <param name="session">Number of the session.</param>
internal sealed class LocalIdGate(SessionServices services, SessionRequest request, long session)
{
    private AccessRequest? _use;

    /// <summary>Why a local identity may not be used, which is recorded; null if it may.</summary>
    internal string? Refuse(string localId)
    {
        AccessVerdict verdict = services.Rules.Access.Check(localId, Use);
        if (verdict.Allowed)
            return null;
        Record(AuditKind.Access, allowed: false, localId, verdict.Reason);
        services.Log.LogWarning(
            "session {Number}: uid {Uid}, pid {Pid} may not use {LocalId}: {Reason}",
            session,
            request.Application.UserId,
            request.Application.ProcessId,
            localId,
            verdict.Reason);
        return $"no access to {localId}: {verdict.Reason}";
    }

    /// <summary>Whether a local identity may be used, for looking around.</summary>
    internal bool Allows(string localId) => services.Rules.Access.Check(localId, Use).Allowed;

    /// <summary>The credentials that may be used; what was refused is recorded if nothing is left.</summary>
    /// <param name="found">What there is.</param>
    /// <param name="refusal">Why nothing is left that was there.</param>
    internal IReadOnlyList<Credential> Permitted(IReadOnlyList<Credential> found, out string? refusal)
    {
        refusal = null;
        if (services.Rules.Access.IsEmpty || found.Count == 0)
            return found;
        List<Credential> permitted = [.. found.Where(credential => Allows(credential.Identity))];
        if (permitted.Count == 0)
            refusal = Refuse(found[0].Identity);
        return permitted;
    }

    /// <summary>What the disclosure database says about a suggestion; for client roles.</summary>
    internal DisclosureDecision Disclose(string suggestion) =>
        services.Rules.Disclosure.Decide(request.Message.RemoteId, suggestion, Obstacle);

    /// <summary>Records a decision about the session's local identity.</summary>
    internal void Record(AuditKind kind, bool allowed, string localId, string reason) => services.Audit.Record(
        request.Event(kind, allowed, reason) with { Session = session, LocalId = localId });

    private AccessRequest Use => _use ??= new AccessRequest(
        request.Application.UserId,
        [request.Application.GroupId, .. request.Origin.Groups],
        request.Origin.Socket,
        request.Role,
        request.Message.Service);

    private string? Obstacle(DoNai identity)
    {
        string localId = identity.ToString();
        return !request.OnTheFly && services.Identities.Find(localId, request.Role).Count == 0 ? $"{localId} has no credential in this role"
            : !Allows(localId) ? $"{localId} is not open to this application"
            : null;
    }
}
