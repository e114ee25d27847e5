using TlsPool.Actors.Cluster.Wire;
using TlsPool.Actors.Storage.Replication;

namespace TlsPool.Actors.Cluster.Replication;

/// <summary>What nodes say to each other about policy.</summary>
internal static class PolicyProtocol
{
    /// <summary>Records of one page.</summary>
    internal const int MaxRecords = 500;

    /// <summary>Bytes of one page, but for one record that is longer alone.</summary>
    internal const int MaxBytes = 128 * 1024;

    /// <summary>How far a node's own records go.</summary>
    /// <param name="Incarnation">Which database.</param>
    /// <param name="Seq">Number of the last record.</param>
    internal sealed record Have(string Incarnation, long Seq) : IClusterMessage;

    /// <summary>Asks for the next page. Answered by <see cref="Page"/>.</summary>
    /// <param name="Since">The number to go on after.</param>
    internal sealed record Pull(long Since) : IClusterMessage;

    /// <summary>Some records.</summary>
    /// <param name="Changes">The records, and how to go on.</param>
    internal sealed record Page(ReplicaChanges Changes) : IClusterMessage;

    /// <summary>How they cross.</summary>
    internal static IReadOnlyList<WireCodec> Codecs { get; } =
    [
        WireCodec.Of<Have>(
            "policy-have",
            (writer, have) =>
            {
                writer.Text(have.Incarnation);
                writer.Number(have.Seq);
            },
            reader => new Have(reader.Text(MaxIncarnation), reader.Number())),
        WireCodec.Of<Pull>("policy-pull", (writer, pull) => writer.Number(pull.Since), reader => new Pull(reader.Number())),
        WireCodec.Of<Page>(
            "policy-page",
            (writer, page) =>
            {
                ReplicaChanges changes = page.Changes;
                writer.Text(changes.Incarnation);
                writer.Number(changes.Next);
                writer.Flag(changes.HasMore);
                writer.List(changes.Records, WriteRecord);
            },
            reader =>
            {
                string incarnation = reader.Text(MaxIncarnation);
                long next = reader.Number();
                bool hasMore = reader.Flag();
                return new Page(new ReplicaChanges(reader.List(MaxRecords, ReadRecord), incarnation, next, hasMore));
            }),
    ];

    private const int MaxIncarnation = 64;

    private static void WriteRecord(WireWriter writer, ReplicaRecord record)
    {
        writer.Text(record.Kind);
        writer.Text(record.Key);
        writer.Number(record.Clock);
        writer.Text(record.Node);
        writer.Text(record.Seen);
        writer.Flag(record.Value is not null);
        writer.Text(record.Value ?? "");
    }

    /// <summary>Sizes are the store's to judge: it refuses one record, and not the whole page.</summary>
    private static ReplicaRecord ReadRecord(WireReader reader)
    {
        const int max = ClusterWire.MaxMessage;
        (string kind, string key, long clock, string node, string seen) = (reader.Text(max), reader.Text(max), reader.Number(), reader.Text(max), reader.Text(max));
        bool hasValue = reader.Flag();
        string value = reader.Text(max);
        return new ReplicaRecord(kind, key, clock, node, seen, hasValue ? value : null);
    }
}
