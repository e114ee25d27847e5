namespace TlsPool.Actors.Storage.Replication;

/// <summary>Two hosts changed the same row without knowing of each other, and one change was lost. Immutable.</summary>
/// <param name="Kind">Which kind of row.</param>
/// <param name="Key">Which row, as JSON.</param>
/// <param name="Winner">The host whose change stays.</param>
/// <param name="Loser">The host whose change is lost.</param>
/// <param name="Lost">What it said, for people; at most 200 characters, without secrets.</param>
public sealed record ReplicaConflict(string Kind, string Key, string Winner, string Loser, string Lost);
