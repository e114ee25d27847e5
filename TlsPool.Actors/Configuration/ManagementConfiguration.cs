using System.Collections.Immutable;
using System.Net;
using TlsPool.Actors.Management.Access;

namespace TlsPool.Actors.Configuration;

/// <summary>How the pool is managed. Immutable.</summary>
public sealed record ManagementConfiguration
{
    /// <summary>The socket for programs of this host; null for none.</summary>
    public SocketConfiguration? Socket { get; init; }

    /// <summary>True if the socket was not asked for: a pool that cannot make it starts all the same.</summary>
    public bool IsDefaultSocket { get; init; }

    /// <summary>Who has which role, beside root and the daemon's user.</summary>
    public ImmutableArray<ManagementGrant> Grants { get; init; } = [];

    /// <summary>Where programs of other hosts come in; null for nowhere.</summary>
    public IPEndPoint? Address { get; init; }

    /// <summary>Local identity to be for them.</summary>
    public string Identity { get; init; } = "";

    /// <summary>UNIX socket of HTTP; null for none.</summary>
    public SocketConfiguration? HttpSocket { get; init; }

    /// <summary>Where HTTPS comes in; null for nowhere.</summary>
    public IPEndPoint? HttpAddress { get; init; }

    /// <summary>Local identity to be for HTTPS.</summary>
    public string HttpIdentity { get; init; } = "";

    /// <summary>True if nothing differs but what a reload takes over.</summary>
    internal bool IsSame(ManagementConfiguration other) => this with { Grants = other.Grants } == other;
}
