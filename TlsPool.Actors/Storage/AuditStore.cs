using System.Globalization;
using Microsoft.Data.Sqlite;
using TlsPool.Actors.Audit;
using TlsPool.Protocol.Transport;

namespace TlsPool.Actors.Storage;

/// <summary>The audit trail, in a database of its own. Thread safe; calls wait for the disk.</summary>
public sealed class AuditStore : IDisposable
{
    /// <summary>Its file in <c>dbenv_dir</c>.</summary>
    public const string FileName = "audit.db";

    /// <summary>Rows that one transaction removes: others want to write too.</summary>
    private const int RemovalStep = 4096;

    /// <summary>Removing a little more than has to be saves doing it all the time.</summary>
    private const double FilledAgain = 0.9;

    private const string Columns = "time, kind, allowed, reason, uid, gid, pid, executable, session, localid, remoteid, use, token, key";

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
            connection, $"INSERT INTO audit ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)", new object?[14]);
        foreach ((_, DateTimeOffset time, AuditEvent decision) in records)
        {
            Span<object?> values =
            [
                time.ToUnixTimeMilliseconds(), decision.Kind.ToString(), decision.Allowed ? 1 : 0, AuditText.Clean(decision.Reason),
                decision.Application?.UserId, decision.Application?.GroupId, decision.Application?.ProcessId,
                Text(decision.Application?.Executable ?? ""), decision.Session == 0 ? null : decision.Session,
                Text(decision.LocalId), Text(decision.RemoteId), Text(decision.Use), Text(decision.Token), Text(decision.Key),
            ];
            for (int i = 0; i < values.Length; i++)
                command.Parameters[i].Value = values[i] ?? DBNull.Value;
            command.ExecuteNonQuery();
        }
        return records.Count;
    });

    /// <summary>The latest decisions that pass a filter, oldest first.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="limit">At most so many.</param>
    /// <exception cref="StorageException">They cannot be read.</exception>
    public IReadOnlyList<AuditRecord> Latest(AuditFilter filter, int limit)
    {
        List<AuditRecord> found = Select(filter, "DESC", limit);
        found.Reverse();
        return found;
    }

    /// <summary>The next decisions that pass a filter, oldest first.</summary>
    /// <param name="filter">The filter; its <see cref="AuditFilter.After"/> says where to go on.</param>
    /// <param name="limit">At most so many.</param>
    /// <exception cref="StorageException">They cannot be read.</exception>
    public IReadOnlyList<AuditRecord> Next(AuditFilter filter, int limit) => Select(filter, "ASC", limit);

    /// <summary>Number of the last decision; 0 if there never was one.</summary>
    /// <exception cref="StorageException">It cannot be read.</exception>
    public long LastId() => _database.Read(connection => Number(connection, "SELECT ifnull(max(id), 0) FROM audit"));

    /// <summary>Removes the oldest decisions as far as age and size want it.</summary>
    /// <returns>How many.</returns>
    /// <exception cref="StorageException">They cannot be removed.</exception>
    public long Shorten(AuditRetention retention, DateTimeOffset now)
    {
        long first = _database.Read(connection => Math.Max(FirstByAge(connection, retention, now), FirstBySize(connection, retention)));
        long removed = 0;
        if (first == 0)
            return removed;
        int step;
        do
        {
            step = _database.Write(connection =>
            {
                PoolDatabase.Execute(connection, "UPDATE audit_kept SET first = max(first, $1)", first);
                return PoolDatabase.Execute(
                    connection, "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE id < $1 ORDER BY id LIMIT $2)", first, RemovalStep);
            });
            removed += step;
        }
        while (step > 0);
        return removed;
    }

    /// <inheritdoc/>
    public void Dispose() => _database.Dispose();

    /// <summary>The clock may have gone back: what is newer stays even if it stands before what is older.</summary>
    private static long FirstByAge(SqliteConnection connection, AuditRetention retention, DateTimeOffset now)
    {
        if (retention.MaxAge <= TimeSpan.Zero)
            return 0;
        long limit = (now - retention.MaxAge).ToUnixTimeMilliseconds();
        return Number(connection, "SELECT coalesce((SELECT min(id) FROM audit WHERE time >= $1), (SELECT max(id) + 1 FROM audit), 0)", limit);
    }

    private static long FirstBySize(SqliteConnection connection, AuditRetention retention)
    {
        if (retention.MaxSize <= 0)
            return 0;
        long pages = Number(connection, "PRAGMA page_count") - Number(connection, "PRAGMA freelist_count");
        long size = pages * Number(connection, "PRAGMA page_size");
        if (size <= retention.MaxSize)
            return 0;
        double kept = retention.MaxSize * FilledAgain / size;
        return Number(
            connection,
            "SELECT id FROM audit ORDER BY id LIMIT 1 OFFSET (SELECT min(cast(count(*) * (1 - $1) AS INTEGER), count(*) - 1) FROM audit)",
            kept);
    }

    private static long Number(SqliteConnection connection, string text, params ReadOnlySpan<object?> values)
    {
        using SqliteCommand command = PoolDatabase.Command(connection, text, values);
        return Convert.ToInt64(command.ExecuteScalar() ?? 0L, CultureInfo.InvariantCulture);
    }

    private static string? Text(string text) => text.Length == 0 ? null : AuditText.Clean(text);

    private List<AuditRecord> Select(AuditFilter filter, string order, int limit) => _database.Read(connection =>
    {
        (string where, object?[] values) = Conditions(filter);
        using SqliteCommand command = PoolDatabase.Command(
            connection, string.Create(CultureInfo.InvariantCulture, $"SELECT id, {Columns} FROM audit WHERE {where} ORDER BY id {order} LIMIT {limit}"), values);
        using SqliteDataReader reader = command.ExecuteReader();
        var found = new List<AuditRecord>();
        while (reader.Read())
            found.Add(ReadRow(reader));
        return found;
    });

    private static (string Where, object?[] Values) Conditions(AuditFilter filter)
    {
        var conditions = new List<string>();
        var values = new List<object?>();
        void Add(string condition, object value)
        {
            values.Add(value);
            conditions.Add(string.Format(CultureInfo.InvariantCulture, condition, $"${values.Count}"));
        }
        Add("id > {0}", filter.After);
        if (filter.Since is { } since)
            Add("time >= {0}", since.ToUnixTimeMilliseconds());
        if (filter.Until is { } until)
            Add("time < {0}", until.ToUnixTimeMilliseconds());
        if (filter.Kinds.Count > 0)
            conditions.Add($"kind IN ({string.Join(", ", filter.Kinds.Select(kind => $"'{kind}'"))})");
        if (filter.UserId is { } user)
            Add("uid = {0}", user);
        if (filter.Identity is { } identity)
            Add("(localid = {0} COLLATE NOCASE OR remoteid = {0} COLLATE NOCASE)", identity);
        if (filter.Allowed is { } allowed)
            Add("allowed = {0}", allowed ? 1 : 0);
        if (filter.Session is { } session)
            Add("session = {0}", session);
        return (string.Join(" AND ", conditions), [.. values]);
    }

    private static AuditRecord ReadRow(SqliteDataReader reader)
    {
        string Column(int index) => reader.IsDBNull(index) ? "" : reader.GetString(index);
        PeerCredentials? application = reader.IsDBNull(5)
            ? null
            : new PeerCredentials((int)reader.GetInt64(7), (uint)reader.GetInt64(5), (uint)reader.GetInt64(6)) { Executable = Column(8) };
        // A kind that a later version of the pool has added is shown as what it is to this one.
        AuditKind kind = Enum.TryParse(reader.GetString(2), out AuditKind known) ? known : AuditKind.Unknown;
        return new AuditRecord(reader.GetInt64(0), DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(1)), new AuditEvent(
            kind, reader.GetInt64(3) != 0, reader.GetString(4))
        {
            Application = application,
            Session = reader.IsDBNull(9) ? 0 : reader.GetInt64(9),
            LocalId = Column(10),
            RemoteId = Column(11),
            Use = Column(12),
            Token = Column(13),
            Key = Column(14),
        });
    }
}
