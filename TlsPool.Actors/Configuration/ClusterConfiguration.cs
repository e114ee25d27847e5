using System.Collections.Immutable;

namespace TlsPool.Actors.Configuration;

/// <summary>What makes this host a node of a cluster. Immutable.</summary>
public sealed record ClusterConfiguration
{
    /// <summary>Where others reach this node; one of <see cref="Members"/>.</summary>
    public required ClusterAddress Address { get; init; }

    /// <summary>All nodes that may be in the cluster, this one too. The first one may begin a cluster where there is none.</summary>
    public required ImmutableArray<ClusterAddress> Members { get; init; }

    /// <summary>File with this node's certificate, its chain and its private key, in PEM.</summary>
    public required string CertificateFile { get; init; }

    /// <summary>File with the authority that vouches for nodes, in PEM.</summary>
    public required string AuthorityFile { get; init; }

    /// <summary>Address to listen at, where it is not that of <see cref="Address"/>; empty otherwise.</summary>
    public string Bind { get; init; } = "";

    /// <summary>What this node is for, as other nodes' keys and policies name it.</summary>
    public ImmutableArray<string> Roles { get; init; } = [];

    /// <summary>Highest version of messages that this node writes; 0 for the newest it knows.</summary>
    public int WireVersion { get; init; }

    /// <summary>How long nodes have to agree on whom they cannot reach before one side goes on without the other.</summary>
    public TimeSpan DecisionTime { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Who may have handshakes signed by the tokens of this node; nobody if empty.</summary>
    public ImmutableArray<SigningGrant> SigningGrants { get; init; } = [];

    /// <summary>Signatures in a second that one node gets for one identity.</summary>
    public int SigningRate { get; init; } = 1000;

    /// <summary>True if people at any node may enter PINs for the tokens of this one and choose its identities, and the other way round.</summary>
    public bool SharesEntry { get; init; }

    /// <summary>True if this node collects the audit trails of all nodes.</summary>
    public bool CollectsAudit { get; init; }

    /// <summary>True if another one says the same.</summary>
    public bool IsSame(ClusterConfiguration? other) => other is not null && Describe() == other.Describe();

    private string Describe() => string.Join(
        '\n',
        [
            Address, string.Join(',', Members), CertificateFile, AuthorityFile, Bind, string.Join(',', Roles), WireVersion, DecisionTime, SigningRate, SharesEntry, CollectsAudit,
            .. SigningGrants.Select(grant => $"{string.Join(',', grant.Nodes)} {string.Join(',', grant.Identities)}"),
        ]);
}
