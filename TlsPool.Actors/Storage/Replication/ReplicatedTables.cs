using static TlsPool.Actors.Storage.Replication.ReplicatedType;

namespace TlsPool.Actors.Storage.Replication;

/// <summary>
/// What hosts of a cluster share. Another kind of record is one more entry here, and a step of the schema that makes its table. Private
/// keys (table <c>key</c>) are not here, and never will be.
/// </summary>
internal static class ReplicatedTables
{
    /// <summary>All kinds.</summary>
    internal static IReadOnlyList<ReplicatedTable> All { get; } =
    [
        new("anchor", "anchor", Key: [new("fingerprint", Blob)], Values: [new("certificate", Blob), new("source", Text, Default: "")]),
        new(
            "access",
            "access",
            Key: [new("selector", Text), new("uid", Integer), new("gid", Integer), new("socket", Text), new("roles", Integer), new("service", Text)],
            Values: []),
        new(
            "disclosure",
            "disclosure",
            Key: [new("selector", Text), new("localid", Text)],
            Values: [new("position", Integer), new("formula", Text, Default: "")]),
        new(
            "identity",
            "identity",
            Key: [new("donai", Text), new("fingerprint", Blob)],
            Values:
            [
                new("roles", Integer), new("key_uri", Text, IsShown: false), new("schemes", Text), new("chain", Blob), new("not_before", Integer),
                new("not_after", Integer), new("added", Integer, Default: 0L),
            ]),
    ];
}
