using Microsoft.Data.Sqlite;
using NUnit.Framework;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Storage;
using TlsPool.Actors.Storage.Trails;

namespace TlsPool.Tests.Actors.Storage.Trails;

/// <summary>Trails of some nodes, and the one they are collected in, each in a directory of its own.</summary>
internal sealed class CollectedTrails : IDisposable
{
    internal static readonly DateTimeOffset Noon = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    private readonly string _directory = Directory.CreateTempSubdirectory("tlspool-test-").FullName;
    private readonly Dictionary<string, AuditStore> _nodes = [];

    internal CollectedTrails() => Collected = ClusterAuditStore.Open(_directory);

    internal ClusterAuditStore Collected { get; }

    internal string CollectedFile => Path.Combine(_directory, ClusterAuditStore.FileName);

    /// <summary>The trail of a node.</summary>
    internal AuditStore this[string node]
    {
        get
        {
            if (!_nodes.TryGetValue(node, out AuditStore? store))
                _nodes.Add(node, store = AuditStore.Open(DirectoryOf(node)));
            return store;
        }
    }

    internal string FileOf(string node) => Path.Combine(DirectoryOf(node), AuditStore.FileName);

    /// <summary>Decides on a node, once for each reason.</summary>
    internal void Decide(string node, params string[] reasons) => Decide(node, Noon, reasons);

    internal void Decide(string node, DateTimeOffset time, params string[] reasons) =>
        this[node].Append([.. reasons.Select(reason => new AuditRecord(0, time, new AuditEvent(AuditKind.Access, true, reason)))]);

    /// <summary>Collects all that a node has.</summary>
    internal void Collect(string node)
    {
        for (int step = 0; step < 100; step++)
        {
            CollectedPosition position = Collected.Position(node);
            AuditPage page = this[node].Page(position.Trail);
            Assert.That(page.Continues(position.Trail));
            bool more = Collected.Add(node, position, page, Noon);
            if (!more && page is { Answer: AuditPageAnswer.Rows, Rows.Count: 0 })
                return;
        }
        Assert.Fail("it finds no end");
    }

    /// <summary>What was collected from a node.</summary>
    internal IReadOnlyList<AuditRecord> Of(string node) => Collected.Next(new AuditFilter { Node = node }, int.MaxValue);

    /// <summary>Reasons of what was collected from a node itself, without what the collecting node says.</summary>
    internal IEnumerable<string> ReasonsOf(string node) => Of(node).Where(record => record.Origin!.Id is not null).Select(record => record.Event.Reason);

    /// <summary>What the collecting node says about the trail of a node.</summary>
    internal IEnumerable<string> RemarksOn(string node) => Of(node).Where(record => record.Origin!.Id is null).Select(record => record.Event.Reason);

    /// <summary>Closes the trail of a node, and does something to its file.</summary>
    internal void Exchange(string node, Action<string> exchange)
    {
        if (_nodes.Remove(node, out AuditStore? store))
            store.Dispose();
        Execute(FileOf(node), "PRAGMA wal_checkpoint(TRUNCATE)");
        exchange(FileOf(node));
    }

    internal static void Execute(string file, string statement)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = statement;
        command.ExecuteNonQuery();
    }

    public void Dispose()
    {
        foreach (AuditStore store in _nodes.Values)
            store.Dispose();
        Collected.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private string DirectoryOf(string node) => Path.Combine(_directory, node);
}
