using Akka.Actor;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Cluster.Replication;
using TlsPool.Actors.Cluster.Signing;
using TlsPool.Actors.Cluster.Tickets;
using TlsPool.Actors.Configuration;
using TlsPool.Actors.Hosting;
using TlsPool.Actors.Logging;

namespace TlsPool.Actors.Cluster.Hosting;

/// <summary>What a node does for the pool of its host, and for the others.</summary>
internal static class PoolNode
{
    /// <summary>The actors of a node.</summary>
    /// <param name="configuration">The cluster.</param>
    /// <param name="stores">The pool's stores, opened for a cluster.</param>
    /// <param name="policies">The pool's session policies.</param>
    /// <param name="actors">The pool's actors, started.</param>
    /// <param name="link">Leads the pool's actors to those of the node.</param>
    /// <param name="loggers">The log.</param>
    internal static IReadOnlyList<ClusterPart> Parts(
        ClusterConfiguration configuration, PoolStores stores, SessionPolicies policies, PoolActors actors, ClusterLink link, ILoggerFactory loggers)
    {
        ILogger log = loggers.CreateLogger(LogFacility.Cluster);
        IAuditTrail audit = actors.Services.Audit;
        IActorRef tokens = actors.Tokens;
        return
        [
            new ClusterPart(PolicyActor.PartName, () => PolicyActor.Props(stores.Replica!, audit, log, TimeProvider.System)),
            new ClusterPart(TicketActor.PartName, () => TicketActor.Props(() => policies.Tickets, log)),
            new ClusterPart(SigningActor.PartName, () => SigningActor.Props(configuration, stores.Identities, tokens, audit, log, TimeProvider.System)),
            new ClusterPart(RemoteSigningActor.PartName, () => RemoteSigningActor.Props(link, TimeProvider.System, log)),
            .. stores.Trails?.Parts(loggers) ?? [],
        ];
    }
}
