using Akka.Actor;
using TlsPool.Actors.Cluster.People;

namespace TlsPool.Tests.Actors.Cluster.People;

/// <summary>Nodes within one actor system: which one an actor lives at goes by its path.</summary>
internal sealed class NamedPeers : IEntryPeers
{
    private readonly Dictionary<string, string?> _nodes = [];
    private volatile IReadOnlyList<Address> _addresses = [];

    public IReadOnlyList<Address> Nodes
    {
        get => _addresses;
        set => _addresses = value;
    }

    public string? NodeOf(IActorRef actor)
    {
        string path = actor.Path.ToStringWithoutAddress();
        lock (_nodes)
            return _nodes.Where(node => path.StartsWith(node.Key, StringComparison.Ordinal)).OrderByDescending(node => node.Key.Length).FirstOrDefault().Value;
    }

    /// <summary>What is at a path and below lives at a node; at none that shares entry if that is null.</summary>
    internal void Put(ActorPath path, string? node)
    {
        lock (_nodes)
            _nodes[path.ToStringWithoutAddress()] = node;
    }
}
