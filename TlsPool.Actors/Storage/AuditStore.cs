using System.Globalization;
using Microsoft.Data.Sqlite;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Storage.Trails;

namespace TlsPool.Actors.Storage;

/// <summary>The audit trail, in a database of its own. Thread safe; calls wait for the disk.</summary>
public sealed class AuditStore : IAuditReader, IDisposable
{
    /// <summary>Its file in <c>dbenv_dir</c>.</summary>
    public const string FileName = "audit.db";

    private readonly PoolDatabase _database;

    private AuditStore(PoolDatabase database) => _database = database;

    /// <summary>Opens the trail, after making it if need be.</summary>
    /// <param name="directory">Its directory.</param>
    /// <exception cref="StorageException">It cannot be used.</exception>
    public static AuditStore Open(string directory) => new(PoolDatabase.Open(directory, FileName, Schema.AuditSteps, isChecked: false));

    /// <summary>Stores decisions, all or none, durably. Numbers are given here; texts are cleaned.</summary>
    /// <exception cref="StorageException">They cannot be stored.</exception>
    public void Append(IReadOnlyList<AuditRecord> records) => _database.Write(connection =>
    {
        using SqliteCommand command = PoolDatabase.Command(
            connection,
            $"INSERT INTO audit ({AuditRows.Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
            new object?[AuditRows.ColumnCount]);
        foreach (AuditRecord record in records)
        {
            AuditRows.Set(command, AuditRows.Values(record.Event.Kind.ToString(), record));
            command.ExecuteNonQuery();
        }
        return records.Count;
    });

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

    /// <summary>Removes the oldest decisions as far as age and size want it.</summary>
    /// <returns>How many.</returns>
    /// <exception cref="StorageException">They cannot be removed.</exception>
    public long Shorten(AuditRetention retention, DateTimeOffset now) => AuditShortening.Shorten(_database, retention, now, "time");

    /// <summary>The rows after a position, for whoever collects trails.</summary>
    /// <param name="from">How far it came.</param>
    /// <exception cref="StorageException">They cannot be read.</exception>
    internal AuditPage Page(AuditPosition from) => _database.Read(connection =>
    {
        using SqliteCommand name = PoolDatabase.Command(connection, "SELECT incarnation FROM audit_incarnation");
        string incarnation = (string)name.ExecuteScalar()!;
        if (from.Incarnation != incarnation)
            return new AuditPage(AuditPageAnswer.OtherTrail, incarnation, 0, AuditMark.None, []);
        long last = AuditRows.Number(connection, "SELECT seq FROM sqlite_sequence WHERE name = 'audit'");
        // Of a row that the retention has removed nothing can be said.
        if (last < from.After || (from.Mark != AuditMark.None && Rows(connection, "id = $1", [from.After], "ASC", 1) is [var read] && AuditMark.Of(read) != from.Mark))
            return new AuditPage(AuditPageAnswer.Rewritten, incarnation, last, AuditMark.None, []);
        long mark = AuditMark.None;
        int size = 0;
        var page = new List<AuditRow>();
        foreach (AuditRow row in Rows(connection, "id > $1", [from.After], "ASC", AuditPage.MaxRows))
        {
            AuditRow clean = row.Cleaned();
            size += clean.Size();
            if (size > AuditPage.MaxBytes && page.Count > 0)
                break;
            page.Add(clean);
            mark = AuditMark.Of(row);
        }
        return new AuditPage(AuditPageAnswer.Rows, incarnation, last, mark, page);
    });

    /// <inheritdoc/>
    public void Dispose() => _database.Dispose();

    private List<AuditRecord> Select(AuditFilter filter, string order, int limit) => _database.Read(connection =>
    {
        (string where, object?[] values) = AuditRows.Conditions(filter);
        return Rows(connection, where, values, order, limit).ConvertAll(row => row.Record);
    });

    private static List<AuditRow> Rows(SqliteConnection connection, string where, object?[] values, string order, int limit)
    {
        using SqliteCommand command = PoolDatabase.Command(
            connection,
            string.Create(CultureInfo.InvariantCulture, $"SELECT id, {AuditRows.Columns} FROM audit WHERE {where} ORDER BY id {order} LIMIT {limit}"),
            values);
        using SqliteDataReader reader = command.ExecuteReader();
        var found = new List<AuditRow>();
        while (reader.Read())
            found.Add(AuditRows.Read(reader));
        return found;
    }
}
