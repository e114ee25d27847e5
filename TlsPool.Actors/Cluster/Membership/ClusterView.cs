namespace TlsPool.Actors.Cluster.Membership;

/// <summary>The cluster as this node sees it. Immutable.</summary>
/// <param name="Self">Name of this node.</param>
/// <param name="Nodes">All nodes that take part, oldest first.</param>
public sealed record ClusterView(string Self, IReadOnlyList<NodeView> Nodes)
{
    /// <summary>This node is alone, or not in the cluster at present.</summary>
    public static ClusterView Alone(string self) => new(self, []);

    /// <summary>Other nodes that take part and are reached.</summary>
    public IEnumerable<NodeView> Others => Nodes.Where(node => node.Host != Self && node.IsActive);

    /// <summary>The oldest node that takes part; null if there is none.</summary>
    public NodeView? Oldest => Nodes.FirstOrDefault(node => node.Status == "Up");

    /// <summary>True if this node takes part.</summary>
    public bool IsUp => Nodes.Any(node => node.Host == Self && node.Status is "Up" or "WeaklyUp");

    /// <summary>Version of messages that all nodes read.</summary>
    public int WireVersion => Nodes.Count == 0 ? Wire.WireVersion.Oldest : Nodes.Min(node => node.WireVersion);
}
