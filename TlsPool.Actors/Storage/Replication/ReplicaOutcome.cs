namespace TlsPool.Actors.Storage.Replication;

/// <summary>What became of records of others. Immutable.</summary>
/// <param name="Applied">How many are new here.</param>
/// <param name="Ignored">How many were known here, or older than what is here.</param>
/// <param name="Refused">Those that are broken, or that the tables do not take.</param>
/// <param name="Conflicts">Changes that were lost, whichever side made them.</param>
public sealed record ReplicaOutcome(
    int Applied, int Ignored, IReadOnlyList<ReplicaRefusal> Refused, IReadOnlyList<ReplicaConflict> Conflicts);
