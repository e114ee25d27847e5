using Akka.Actor;
using TlsPool.Actors.Cluster;
using TlsPool.Actors.Cluster.Membership;

namespace TlsPool.Tests.Actors.Cluster;

/// <summary>An actor of this process as other nodes see it: its address has a host, and so has that of whoever tells it something.</summary>
/// <param name="host">The node that it is on.</param>
/// <param name="target">The actor.</param>
/// <param name="user">The node whose actors tell it something; empty if the target is to see them as they are.</param>
/// <param name="loses">True for messages that are lost on the way.</param>
internal sealed class NodeRef(string host, IActorRef target, string user = "", Func<object, bool>? loses = null) : ActorRefBase
{
    public override ActorPath Path { get; } = new RootActorPath(new Address("akka.pool", "tlspool-cluster", host, 4253)) / "user" / target.Path.Name;

    /// <summary>A node that takes part.</summary>
    internal static NodeView Node(string host, params string[] roles) => new(host, 4253, "Up", IsReachable: true, roles, WireVersion: 2);

    /// <summary>A cluster of nodes that take part, oldest first.</summary>
    internal static ClusterView View(string self, params string[] hosts) => new(self, [.. hosts.Select(host => Node(host))]);

    /// <summary>Leads from one node to the actors of others.</summary>
    internal static NodeParts From(string user, Func<string, IActorRef> find, Func<object, bool>? loses = null) =>
        (_, node, _) => new NodeRef(node.Host, find(node.Host), user, loses);

    protected override void TellInternal(object message, IActorRef sender)
    {
        if (loses?.Invoke(message) != true)
            target.Tell(message, user.Length == 0 ? sender : new NodeRef(user, sender, host, loses));
    }
}
