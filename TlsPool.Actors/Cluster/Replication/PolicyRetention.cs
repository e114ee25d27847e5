namespace TlsPool.Actors.Cluster.Replication;

/// <summary>How long is remembered what was removed.</summary>
internal static class PolicyRetention
{
    /// <summary>A node that was cut off for longer may bring back what was removed meanwhile.</summary>
    internal static readonly TimeSpan Removals = TimeSpan.FromDays(180);
}
