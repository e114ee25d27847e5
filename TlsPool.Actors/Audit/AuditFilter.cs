namespace TlsPool.Actors.Audit;

/// <summary>Which decisions are looked for: all conditions have to hold. Immutable.</summary>
public sealed record AuditFilter
{
    /// <summary>Not before this time.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Before this time.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Of these kinds; empty for all.</summary>
    public IReadOnlyList<AuditKind> Kinds { get; init; } = [];

    /// <summary>For this user.</summary>
    public uint? UserId { get; init; }

    /// <summary>With this local or remote identity, in whatever case.</summary>
    public string? Identity { get; init; }

    /// <summary>Granted or refused.</summary>
    public bool? Allowed { get; init; }

    /// <summary>About this session. Numbers begin again with each start of the daemon.</summary>
    public long? Session { get; init; }

    /// <summary>Collected from this node; for the collected trail only.</summary>
    public string? Node { get; init; }

    /// <summary>After this number.</summary>
    public long After { get; init; }
}
