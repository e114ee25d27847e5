using Microsoft.Extensions.Logging;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Cluster.Hosting;
using TlsPool.Actors.Configuration;
using TlsPool.Actors.Logging;
using TlsPool.Actors.Storage;
using TlsPool.Actors.Storage.Trails;

namespace TlsPool.Actors.Cluster.Trail;

/// <summary>The trails of a node of a cluster, beside what writes its own: they outlive each life of the node.</summary>
internal sealed class TrailStores : IDisposable
{
    private readonly string _self;
    private readonly AuditStore _own;
    private readonly CollectedTrail? _collected;

    private TrailStores(string self, AuditStore own, CollectedTrail? collected) => (_self, _own, _collected) = (self, own, collected);

    /// <summary>Opens them.</summary>
    /// <returns>Null if this host is in no cluster.</returns>
    /// <exception cref="StorageException">They cannot be used.</exception>
    internal static TrailStores? Open(PoolConfiguration configuration, ILogger log)
    {
        if (configuration.Cluster is not { } cluster)
            return null;
        string self = cluster.Address.Host;
        CollectedTrail? collected = cluster.CollectsAudit
            ? new CollectedTrail(ClusterAuditStore.Open(configuration.DatabaseDirectory), configuration.AuditRetention, self, TimeProvider.System, log)
            : null;
        return new TrailStores(self, AuditStore.Open(configuration.DatabaseDirectory), collected);
    }

    /// <summary>The actors that show this node's trail and collect those of all.</summary>
    internal IEnumerable<ClusterPart> Parts(ILoggerFactory loggers)
    {
        ILogger log = loggers.CreateLogger(LogFacility.Cluster);
        yield return new ClusterPart(TrailActor.Name, () => TrailActor.Props(_own, log));
        if (_collected is not null)
            yield return new ClusterPart(TrailCollectorActor.Name, () => TrailCollectorActor.Props(_collected, _own, _self, log));
    }

    /// <summary>Takes over another retention of what was collected.</summary>
    internal void Change(AuditRetention retention) => _collected?.Change(retention);

    public void Dispose()
    {
        _collected?.Dispose();
        _own.Dispose();
    }
}
