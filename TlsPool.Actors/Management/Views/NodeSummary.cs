namespace TlsPool.Actors.Management.Views;

/// <summary>A node, as the one that was asked sees it.</summary>
/// <param name="Node">Its name.</param>
/// <param name="Port">Its TCP port in the cluster; 0 for a host that is in none.</param>
/// <param name="Status">Joining, WeaklyUp, Up, Leaving, Exiting or Down, as Akka.Cluster says; Absent for a member that takes no part; Single for a host that is in no cluster.</param>
/// <param name="IsReachable">False if it does not answer.</param>
/// <param name="IsSelf">True for the node that was asked.</param>
/// <param name="Roles">What it is for.</param>
/// <param name="WireVersion">Highest version of messages that it reads; 0 if that is not known.</param>
public sealed record NodeSummary(string Node, int Port, string Status, bool IsReachable, bool IsSelf, IReadOnlyList<string> Roles, int WireVersion);
