using Akka.Actor;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Cluster.People;
using TlsPool.Actors.Cluster.Trail;
using TlsPool.Actors.Configuration;
using TlsPool.Actors.Entry;
using TlsPool.Actors.Sessions;
using TlsPool.Actors.Storage;
using TlsPool.Actors.Storage.Replication;
using TlsPool.Crypto.Validation;

namespace TlsPool.Actors.Hosting;

/// <summary>Where sessions find identities, keys and trust.</summary>
internal sealed class PoolStores : IDisposable
{
    /// <summary>Local identities.</summary>
    internal required ILocalIdentities Identities { get; init; }

    /// <summary>Rules about local identities.</summary>
    internal ILocalIdRules Rules { get; init; } = new NoLocalIdRules();

    /// <summary>Judge of peers.</summary>
    internal required IPeerValidator Validator { get; init; }

    /// <summary>Keys at hand.</summary>
    internal required ISigningKeys Keys { get; init; }

    /// <summary>
    /// The token supervisor, not yet started, which records logins, shows who waits for a PIN, and asks people at other nodes too, if there is a
    /// way to them.
    /// </summary>
    internal required Func<IAuditTrail, EntryDoor?, EntryBoard, Props> Tokens { get; init; }

    /// <summary>Identities, rules and trust, to be changed; null where they are not on disk.</summary>
    internal PolicyStores? Policy { get; init; }

    /// <summary>Where decisions are recorded; null for the log.</summary>
    internal IAuditTrail? Audit { get; init; }

    /// <summary>Audit trails for and of the nodes of a cluster; null if there is none.</summary>
    internal TrailStores? Trails { get; init; }

    /// <summary>Takes over a new configuration, and looks at once for what has changed on disk.</summary>
    internal required Action<PoolConfiguration> Refresh { get; init; }

    /// <summary>Takes over what has changed on disk; null if nothing has. Any thread; never waits.</summary>
    internal Func<Task?> CatchUp { get; init; } = () => null;

    /// <summary>Identities, rules and trust as records that other nodes get; null if this host is in no cluster.</summary>
    internal ReplicaStore? Replica { get; init; }

    /// <summary>Called when the database has changed, by whichever program. Any thread; must not wait.</summary>
    internal Action Changed { get; set; } = () => { };

    /// <summary>What ends with the stores, in this order.</summary>
    internal IReadOnlyList<IDisposable> Owned { get; init; } = [];

    public void Dispose()
    {
        foreach (IDisposable owned in Owned)
            owned.Dispose();
        Trails?.Dispose();
    }
}
