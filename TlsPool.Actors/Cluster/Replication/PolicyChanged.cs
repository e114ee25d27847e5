namespace TlsPool.Actors.Cluster.Replication;

/// <summary>The database of this node has changed, by whichever program. On the event stream of the node.</summary>
internal sealed record PolicyChanged
{
    internal static PolicyChanged Instance { get; } = new();
}
