using TlsPool.Actors.Audit;

namespace TlsPool.Actors.Management.Views;

/// <summary>A decision for scripts.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Time">When, in UTC.</param>
/// <param name="Kind">What was decided.</param>
/// <param name="Decision">allowed or refused.</param>
/// <param name="Reason">Why.</param>
/// <param name="Uid">The application's user, or null for the pool itself.</param>
/// <param name="Gid">Its group.</param>
/// <param name="Pid">Its process.</param>
/// <param name="Executable">Its program, or null.</param>
/// <param name="Session">Number of the session, or null.</param>
/// <param name="LocalId">Local identity, or null.</param>
/// <param name="RemoteId">Remote identity, or null.</param>
/// <param name="Use">Role and service, or null.</param>
/// <param name="Token">Token, or null.</param>
/// <param name="Key">URI of the key, or null.</param>
/// <param name="Node">Node that the decision was collected from, or null for one of this host's own trail.</param>
/// <param name="NodeId">Its number in the trail of that node, or null for what the collecting node says about that trail.</param>
public sealed record AuditView(
    long Id,
    DateTime Time,
    string Kind,
    string Decision,
    string Reason,
    uint? Uid,
    uint? Gid,
    int? Pid,
    string? Executable,
    long? Session,
    string? LocalId,
    string? RemoteId,
    string? Use,
    string? Token,
    string? Key,
    string? Node,
    long? NodeId)
{
    /// <summary>What is shown of it.</summary>
    public static AuditView Of(AuditRecord record)
    {
        AuditEvent decision = record.Event;
        return new AuditView(
            record.Id,
            record.Time.UtcDateTime,
            AuditKindNames.Of(decision.Kind),
            decision.Allowed ? "allowed" : "refused",
            decision.Reason,
            decision.Application?.UserId,
            decision.Application?.GroupId,
            decision.Application?.ProcessId,
            OrNull(decision.Application?.Executable ?? ""),
            decision.Session == 0 ? null : decision.Session,
            OrNull(decision.LocalId),
            OrNull(decision.RemoteId),
            OrNull(decision.Use),
            OrNull(decision.Token),
            OrNull(decision.Key),
            record.Origin?.Node,
            record.Origin?.Id);
    }

    private static string? OrNull(string text) => text.Length == 0 ? null : text;
}
