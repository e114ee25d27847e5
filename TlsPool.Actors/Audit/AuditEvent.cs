using TlsPool.Protocol.Transport;

namespace TlsPool.Actors.Audit;

/// <summary>One decision, for the record. Immutable, without descriptors and secrets; texts may come from strangers.</summary>
/// <param name="Kind">What was decided.</param>
/// <param name="Allowed">True if it was granted, succeeded or was done.</param>
/// <param name="Reason">Which rule, person or failure decided.</param>
public sealed record AuditEvent(AuditKind Kind, bool Allowed, string Reason)
{
    /// <summary>The application or program it was decided for; null for the pool itself.</summary>
    public PeerCredentials? Application { get; init; }

    /// <summary>Number of the session, as in the log; 0 for none.</summary>
    public long Session { get; init; }

    /// <summary>Local identity; empty for none.</summary>
    public string LocalId { get; init; } = "";

    /// <summary>Remote identity; empty for none.</summary>
    public string RemoteId { get; init; } = "";

    /// <summary>Role and service, as <c>server http</c>; empty for none.</summary>
    public string Use { get; init; } = "";

    /// <summary>URI of the token (RFC 7512); empty for none.</summary>
    public string Token { get; init; } = "";

    /// <summary>URI of the key; empty for none.</summary>
    public string Key { get; init; } = "";
}
