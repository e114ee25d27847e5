namespace TlsPool.Actors.Storage.Replication;

/// <summary>Records that a host has, for one that asks. Immutable.</summary>
/// <param name="Records">In the order in which this host stored them.</param>
/// <param name="Incarnation">Which life of this database numbers them so: when it changes, the one that asks begins at 0 again.</param>
/// <param name="Next">What to ask for the next time. May be less than what was asked for, after this database was restored from a backup.</param>
/// <param name="HasMore">True if there are more at once.</param>
public sealed record ReplicaChanges(IReadOnlyList<ReplicaRecord> Records, string Incarnation, long Next, bool HasMore);
