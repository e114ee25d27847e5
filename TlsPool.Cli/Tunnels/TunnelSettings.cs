using TlsPool.Cli.Tunnels.Preambles;
using TlsPool.Protocol.Frames;

namespace TlsPool.Cli.Tunnels;

/// <summary>What a tunnel is to do.</summary>
internal sealed record TunnelSettings
{
    /// <summary>True to end TLS for a local server, false to begin it for local clients.</summary>
    internal required bool IsServer { get; init; }

    /// <summary>Where connections come in.</summary>
    internal required TunnelAddress Listen { get; init; }

    /// <summary>Where they go to.</summary>
    internal required TunnelAddress Connect { get; init; }

    /// <summary>Identity of this side; empty for the pool's choice.</summary>
    internal string LocalId { get; init; } = "";

    /// <summary>Identity demanded of the other side; empty for any.</summary>
    internal string RemoteId { get; init; } = "";

    /// <summary>IANA name of the service inside.</summary>
    internal string Service { get; init; } = "";

    /// <summary>Roles and requirements, as STARTTLS has them.</summary>
    internal required StartTlsFlags Flags { get; init; }

    /// <summary>What is said before TLS; null for nothing.</summary>
    internal IPreamble? Preamble { get; init; }

    /// <summary>True to begin backend connections with a PROXY protocol v2 header.</summary>
    internal bool ProxyHeader { get; init; }

    /// <summary>Time for everything until bytes flow.</summary>
    internal TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Set-ups at one time; further connections wait in the kernel's queue.</summary>
    internal int MaxSetups { get; init; } = 1024;

    /// <summary>Path where a successor takes over; null for none.</summary>
    internal string? HandOver { get; init; }

    /// <summary>The pool's socket; null for the host's.</summary>
    internal string? PoolSocket { get; init; }
}
