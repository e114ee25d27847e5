namespace TlsPool.Actors.Cluster.Membership;

/// <summary>What <c>tlspool cluster status</c> shows. Immutable.</summary>
/// <param name="Process">Number of the daemon's process.</param>
/// <param name="Since">When it last changed.</param>
/// <param name="Self">Name of this node.</param>
/// <param name="WireVersion">Version of messages in use.</param>
/// <param name="Nodes">All nodes, oldest first; none while this node is in no cluster.</param>
public sealed record ClusterStatus(int Process, DateTimeOffset Since, string Self, int WireVersion, IReadOnlyList<NodeView> Nodes);
