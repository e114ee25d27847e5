using System.Globalization;
using Microsoft.Data.Sqlite;
using TlsPool.Actors.Audit;

namespace TlsPool.Actors.Storage.Trails;

/// <summary>
/// The decisions of all nodes of a cluster, as they were collected, in a database of its own. How far each node's trail was collected is stored
/// with the rows, in one transaction: none is left out and none is there twice, whatever ends in between. Thread safe; calls wait for the disk.
/// </summary>
public sealed class ClusterAuditStore : IAuditReader, IDisposable
{
    /// <summary>Its file in <c>dbenv_dir</c>.</summary>
    public const string FileName = "audit-cluster.db";

    private readonly PoolDatabase _database;

    private ClusterAuditStore(PoolDatabase database) => _database = database;

    /// <summary>Opens the collected trail, after making it if need be.</summary>
    /// <param name="directory">Its directory.</param>
    /// <exception cref="StorageException">It cannot be used.</exception>
    public static ClusterAuditStore Open(string directory) => new(PoolDatabase.Open(directory, FileName, ClusterAuditSchema.Steps, isChecked: false));

    /// <inheritdoc/>
    public IReadOnlyList<AuditRecord> Latest(AuditFilter filter, int limit)
    {
        List<AuditRecord> found = Select(filter, "DESC", limit);
        found.Reverse();
        return found;
    }

    /// <inheritdoc/>
    public IReadOnlyList<AuditRecord> Next(AuditFilter filter, int limit) => Select(filter, "ASC", limit);

    /// <inheritdoc/>
    public long LastId() => _database.Read(connection => AuditRows.Number(connection, "SELECT ifnull(max(id), 0) FROM audit"));

    /// <inheritdoc/>
    public void Dispose() => _database.Dispose();

    /// <summary>How far the trail of a node was collected.</summary>
    /// <exception cref="StorageException">It cannot be read.</exception>
    internal CollectedPosition Position(string node) => _database.Read(connection => ClusterAuditProgress.Of(connection, node));

    /// <summary>Stores a page of a node's trail, and how far that is, durably.</summary>
    /// <param name="node">The node.</param>
    /// <param name="asked">The position that the page is the answer to. If it is not the present one any more, nothing is stored.</param>
    /// <param name="page">The page; it has to continue the position.</param>
    /// <param name="now">The time.</param>
    /// <returns>True if the node has more at once.</returns>
    /// <exception cref="StorageException">It cannot be stored, and nothing of it is.</exception>
    internal bool Add(string node, CollectedPosition asked, AuditPage page, DateTimeOffset now)
    {
        // Most pages are empty, and need not write to the disk.
        if (page.Answer == AuditPageAnswer.Rows && page.Last == asked.Trail.After)
            return false;
        return _database.Write(connection => ClusterAuditProgress.Of(connection, node) == asked && page.Answer switch
        {
            AuditPageAnswer.Rows => Continue(connection, node, asked, page, now),
            AuditPageAnswer.OtherTrail => Change(connection, node, asked, page.Incarnation, now),
            _ => Again(connection, node, asked, now),
        });
    }

    /// <summary>Removes the oldest of what was collected, as far as age and size want it.</summary>
    /// <param name="retention">How much is kept.</param>
    /// <param name="now">The time.</param>
    /// <param name="self">Name of this node, which says how many are gone.</param>
    /// <returns>How many.</returns>
    /// <exception cref="StorageException">They cannot be removed.</exception>
    internal long Shorten(AuditRetention retention, DateTimeOffset now, string self)
    {
        // A node may claim any time for its rows: one in the future must not keep for ever what came after it.
        long removed = AuditShortening.Shorten(_database, retention, now, "min(time, collected)");
        if (removed > 0)
            _database.Write(connection => Remark(
                connection, self, CollectedPosition.Unknown, isAllowed: true, string.Create(CultureInfo.InvariantCulture, $"{removed} collected decisions were removed by age or size"), now));
        return removed;
    }

    private static bool Continue(SqliteConnection connection, string node, CollectedPosition asked, AuditPage page, DateTimeOffset now)
    {
        (string incarnation, long after, _) = asked.Trail;
        // Numbers have no gaps. All that are left out were removed, those before the first row by the retention.
        long end = page.Rows.Count > 0 ? page.Rows[^1].Record.Id : page.Last;
        long missing = end - after - page.Rows.Count;
        if (missing > 0 && asked.Round > 0)
            missing -= AuditRows.Number(
                connection,
                "SELECT count(DISTINCT row) FROM audit WHERE node = $1 AND incarnation = $2 AND row > $3 AND row < $4",
                node,
                incarnation,
                after,
                page.Rows.Count > 0 ? page.Rows[0].Record.Id : end + 1);
        if (missing > 0)
            Remark(connection, node, asked, isAllowed: false, string.Create(CultureInfo.InvariantCulture, $"{missing} decisions were removed on this node before they were collected"), now);
        using SqliteCommand command = Insertion(connection);
        foreach (AuditRow row in page.Rows)
            Insert(command, node, asked, row, row.Record.Id, now);
        ClusterAuditProgress.Set(connection, node, new CollectedPosition(new AuditPosition(incarnation, end, page.Rows.Count > 0 ? page.Mark : AuditMark.None), asked.Round));
        return page.Rows.Count > 0 && end < page.Last;
    }

    private static bool Change(SqliteConnection connection, string node, CollectedPosition asked, string incarnation, DateTimeOffset now)
    {
        if (ClusterAuditProgress.Of(connection, node, incarnation) is { } known)
        {
            ClusterAuditProgress.Set(connection, node, known);
            return false;
        }
        var next = new CollectedPosition(new AuditPosition(incarnation, 0, AuditMark.None), 0);
        ClusterAuditProgress.Set(connection, node, next);
        if (asked.Trail.Incarnation.Length == 0)
            return true;
        Remark(connection, node, next, isAllowed: false, "the audit trail of this node was made anew: what was in it and not collected is lost", now);
        return false;
    }

    private static bool Again(SqliteConnection connection, string node, CollectedPosition asked, DateTimeOffset now)
    {
        var next = new CollectedPosition(new AuditPosition(asked.Trail.Incarnation, 0, AuditMark.None), asked.Round + 1);
        ClusterAuditProgress.Set(connection, node, next);
        Remark(connection, node, next, isAllowed: false, "the audit trail of this node lacks what was collected: a backup was put back", now);
        return false;
    }

    private static long Remark(SqliteConnection connection, string node, CollectedPosition position, bool isAllowed, string text, DateTimeOffset now)
    {
        using SqliteCommand command = Insertion(connection);
        return Insert(command, node, position, AuditRow.Of(0, now, nameof(AuditKind.Trail), new AuditEvent(AuditKind.Trail, isAllowed, text)), id: null, now);
    }

    /// <summary>Leaves out what is there: the row itself, or the same row from before a backup was put back.</summary>
    private static SqliteCommand Insertion(SqliteConnection connection) => PoolDatabase.Command(
        connection,
        $"""
        INSERT INTO audit ({AuditRows.Columns}, node, incarnation, round, row, collected)
        SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19 WHERE NOT EXISTS (
            SELECT 1 FROM audit WHERE node = $15 AND incarnation = $16 AND row = $18
            AND (round = $17 OR (time = $1 AND kind = $2 AND reason = $4 AND pid IS $7 AND session IS $9)))
        """,
        new object?[AuditRows.ColumnCount + 5]);

    private static int Insert(SqliteCommand command, string node, CollectedPosition position, AuditRow row, long? id, DateTimeOffset now)
    {
        AuditRows.Set(
            command, [.. AuditRows.Values(row.Kind, row.Record), node, position.Trail.Incarnation, position.Round, id, now.ToUnixTimeMilliseconds()]);
        return command.ExecuteNonQuery();
    }

    private List<AuditRecord> Select(AuditFilter filter, string order, int limit) => _database.Read(connection =>
    {
        (string where, object?[] values) = AuditRows.Conditions(filter);
        using SqliteCommand command = PoolDatabase.Command(
            connection,
            string.Create(CultureInfo.InvariantCulture, $"SELECT id, {AuditRows.Columns}, node, row FROM audit WHERE {where} ORDER BY id {order} LIMIT {limit}"),
            values);
        using SqliteDataReader reader = command.ExecuteReader();
        var found = new List<AuditRecord>();
        const int node = AuditRows.ColumnCount + 1, row = node + 1;
        while (reader.Read())
            found.Add(AuditRows.Read(reader).Record with { Origin = new AuditOrigin(reader.GetString(node), reader.IsDBNull(row) ? null : reader.GetInt64(row)) });
        return found;
    });
}
