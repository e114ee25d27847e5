namespace TlsPool.Actors.Audit;

/// <summary>How much of the trail is kept. Immutable.</summary>
/// <param name="MaxAge">Decisions older than this are removed; zero keeps them.</param>
/// <param name="MaxSize">Bytes of database beyond which the oldest decisions are removed; 0 for no limit.</param>
public sealed record AuditRetention(TimeSpan MaxAge, long MaxSize)
{
    /// <summary>90 days, 256 MiB.</summary>
    public static AuditRetention Default { get; } = new(TimeSpan.FromDays(90), 256L << 20);
}
