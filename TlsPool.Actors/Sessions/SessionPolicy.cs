using TlsPool.Crypto.Certificates;
using TlsPool.Crypto.Handshakes;
using TlsPool.Protocol.Frames;

namespace TlsPool.Actors.Sessions;

/// <summary>What configuration says about sessions. Immutable: a reload makes a new one, and running sessions keep theirs.</summary>
public sealed record SessionPolicy
{
    /// <summary>Engine policy.</summary>
    public required HandshakeSettings Handshakes { get; init; }

    /// <summary>Who vouches for certificates of a moment; null if nobody does.</summary>
    public SigningAuthority? OnTheFly { get; init; }

    /// <summary>What this pool offers in PING.</summary>
    public Facilities Facilities { get; init; } = Facilities.StartTls;

    /// <summary>Users whose programs may choose local identities; null for everybody.</summary>
    public IReadOnlySet<uint>? LocalIdProgramUsers { get; init; }

    /// <summary>Time a session may take until bytes flow, where the application does not say.</summary>
    public TimeSpan SetupTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Begin anonymously where the peer wants that too and the service allows it (TLS 1.2).</summary>
    public bool Precursor { get; init; }

    /// <summary>Application bytes taken from a peer between an anonymous handshake and the one that shows who it is.</summary>
    public int MaxEarlyBytes { get; init; }

    /// <summary>Open requests one connection may have.</summary>
    public int MaxRequestsPerConnection { get; init; } = 16384;

    /// <summary>Connections of applications at one time.</summary>
    public int MaxConnections { get; init; } = 16384;
}
