using Akka.Actor;
using TlsPool.Actors.Cluster.Hosting;
using TlsPool.Actors.Cluster.Membership;
using TlsPool.Actors.Cluster.Transport;

namespace TlsPool.Actors.Cluster;

/// <summary>How the parts of nodes reach their like on other nodes.</summary>
internal static class NodePaths
{
    /// <summary>A part of another node.</summary>
    /// <param name="context">Who asks.</param>
    /// <param name="node">The node.</param>
    /// <param name="part">Name of the part.</param>
    internal static ActorSelection Part(this IUntypedActorContext context, NodeView node, string part) => context.ActorSelection(
        new RootActorPath(new Address($"akka.{TlsTransport.Scheme}", ClusterSettings.SystemName, node.Host, node.Port)) / "user" / part);

    /// <summary>Name of the node that an actor is on; empty for this one. The transport lets no node speak for another.</summary>
    internal static string NodeOf(IActorRef actor) => actor.Path.Address.Host ?? "";
}
