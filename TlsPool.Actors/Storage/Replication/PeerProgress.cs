namespace TlsPool.Actors.Storage.Replication;

/// <summary>How far this host has got with the records of another. Immutable.</summary>
/// <param name="Node">The other host: 1 to 255 printable characters of ASCII without spaces.</param>
/// <param name="Incarnation">Which life of its database; empty while nothing is known.</param>
/// <param name="Seq">What to ask it for: <see cref="ReplicaChanges.Next"/> of its last answer, or 0.</param>
public sealed record PeerProgress(string Node, string Incarnation, long Seq);
