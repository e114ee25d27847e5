namespace TlsPool.Actors.Storage.Replication;

/// <summary>A record that was neither stored nor applied. Texts are cut and printable, whatever was sent. Immutable.</summary>
/// <param name="Kind">Which kind of row it claims.</param>
/// <param name="Key">Which row.</param>
/// <param name="Node">Who is said to have made it.</param>
/// <param name="Reason">What is wrong.</param>
public sealed record ReplicaRefusal(string Kind, string Key, string Node, string Reason);
