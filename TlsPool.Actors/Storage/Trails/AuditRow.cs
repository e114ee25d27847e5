using System.Text;
using TlsPool.Actors.Audit;
using TlsPool.Protocol.Transport;

namespace TlsPool.Actors.Storage.Trails;

/// <summary>A decision on its way to another node. Immutable.</summary>
/// <param name="Record">The decision, with its number in the trail it comes from.</param>
/// <param name="Kind">Name of its kind, which this version of the pool need not know.</param>
internal sealed record AuditRow(AuditRecord Record, string Kind)
{
    private const int LongestKind = 32;

    /// <summary>A row; a kind that this version does not know is shown as unknown, and its name kept.</summary>
    internal static AuditRow Of(long id, DateTimeOffset time, string kind, AuditEvent decision)
    {
        string name = kind.Length is > 0 and <= LongestKind && kind.All(char.IsAsciiLetter) ? kind : nameof(AuditKind.Unknown);
        return new AuditRow(
            new AuditRecord(id, time, decision with { Kind = Enum.TryParse(name, out AuditKind known) ? known : AuditKind.Unknown }), name);
    }

    /// <summary>The row with texts as they may be stored, whoever wrote them.</summary>
    internal AuditRow Cleaned()
    {
        AuditEvent decision = Record.Event;
        PeerCredentials? application = decision.Application is { } known ? known with { Executable = AuditText.Clean(known.Executable) } : null;
        return this with
        {
            Record = Record with
            {
                Event = decision with
                {
                    Reason = AuditText.Clean(decision.Reason),
                    Application = application,
                    LocalId = AuditText.Clean(decision.LocalId),
                    RemoteId = AuditText.Clean(decision.RemoteId),
                    Use = AuditText.Clean(decision.Use),
                    Token = AuditText.Clean(decision.Token),
                    Key = AuditText.Clean(decision.Key),
                },
            },
        };
    }

    /// <summary>Bytes that it takes in a message, or a few more.</summary>
    internal int Size()
    {
        const int numbers = 10, texts = 8;
        AuditEvent decision = Record.Event;
        return (numbers * sizeof(long)) + (texts * sizeof(int)) + Kind.Length
            + Encoding.UTF8.GetByteCount(decision.Reason) + Encoding.UTF8.GetByteCount(decision.Application?.Executable ?? "")
            + Encoding.UTF8.GetByteCount(decision.LocalId) + Encoding.UTF8.GetByteCount(decision.RemoteId) + Encoding.UTF8.GetByteCount(decision.Use)
            + Encoding.UTF8.GetByteCount(decision.Token) + Encoding.UTF8.GetByteCount(decision.Key);
    }
}
