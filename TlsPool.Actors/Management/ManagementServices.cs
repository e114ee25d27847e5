using Akka.Actor;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Cluster.Hosting;
using TlsPool.Actors.Entry;
using TlsPool.Actors.Hosting;
using TlsPool.Actors.Logging;
using TlsPool.Actors.Sessions;
using TlsPool.Actors.Storage;

namespace TlsPool.Actors.Management;

/// <summary>What there is to manage at a node.</summary>
internal sealed class ManagementServices
{
    /// <summary>Name of the node: that of the cluster, or the host's.</summary>
    internal required string Node { get; init; }

    /// <summary>When the daemon started.</summary>
    internal DateTimeOffset Started { get; } = DateTimeOffset.UtcNow;

    /// <summary>The sessions.</summary>
    internal required SessionTable Sessions { get; init; }

    /// <summary>The <see cref="PoolSupervisor"/>, which passes on what is for sessions.</summary>
    internal required IActorRef Pool { get; init; }

    /// <summary>The token supervisor.</summary>
    internal required IActorRef Tokens { get; init; }

    /// <summary>Who waits for people, and who serves.</summary>
    internal required EntryBoard Entries { get; init; }

    /// <summary>Identities, rules and trust; null where they are not on disk.</summary>
    internal required PolicyStores? Policy { get; init; }

    /// <summary>What is on disk, where an operation needs it.</summary>
    /// <exception cref="ManagementException">It is not.</exception>
    internal PolicyStores NeededPolicy => Policy ?? throw new ManagementException(ManagementFault.Failed, "this pool has no database");

    /// <summary>Where changes are recorded.</summary>
    internal required IAuditTrail Audit { get; init; }

    /// <summary>What was logged last.</summary>
    internal required LogBook Log { get; init; }

    /// <summary>Which lines are logged.</summary>
    internal required LogRules LogRules { get; init; }

    /// <summary>This node in its cluster; null if it is in none.</summary>
    internal required ClusterService? Cluster { get; init; }

    /// <summary>Ends the daemon as SIGTERM does.</summary>
    internal required Action Drain { get; init; }
}
