namespace TlsPool.Actors.Cluster.Wire;

/// <summary>
/// Versions of the messages between nodes. A node reads all of them, tells the others the highest it knows when it joins, and writes the
/// highest that all nodes of the cluster read: so a cluster is upgraded node by node, and back.
/// </summary>
public static class WireVersion
{
    /// <summary>Lowest version that is read and written.</summary>
    public const int Oldest = 1;

    /// <summary>Requests for signatures say how long they are waited for.</summary>
    public const int WithDeadlines = 2;

    /// <summary>Highest version that is read and written.</summary>
    public const int Newest = WithDeadlines;
}
