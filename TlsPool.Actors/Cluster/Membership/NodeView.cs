namespace TlsPool.Actors.Cluster.Membership;

/// <summary>A node as another one sees it. Immutable.</summary>
/// <param name="Host">Its name.</param>
/// <param name="Port">Its TCP port.</param>
/// <param name="Status">Joining, WeaklyUp, Up, Leaving, Exiting or Down, as Akka.Cluster says.</param>
/// <param name="IsReachable">False if heartbeats are missed.</param>
/// <param name="Roles">What it is for.</param>
/// <param name="WireVersion">Highest version of messages that it reads.</param>
public sealed record NodeView(string Host, int Port, string Status, bool IsReachable, IReadOnlyList<string> Roles, int WireVersion)
{
    /// <summary>True if it takes part and is reached.</summary>
    public bool IsActive => IsReachable && Status is "Up" or "WeaklyUp";
}
