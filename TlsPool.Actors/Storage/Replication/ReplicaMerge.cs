using Microsoft.Data.Sqlite;

namespace TlsPool.Actors.Storage.Replication;

/// <summary>
/// Takes records of others, within one transaction. The newer version of a row wins: the greater clock, and between equal clocks the greater
/// name of the node in the order of ASCII. A lost change is a conflict if the winner did not know it, says something else, and the lost one
/// is more than a row that was there before anything was journaled.
/// </summary>
internal sealed class ReplicaMerge(SqliteConnection connection, IReadOnlyDictionary<string, ReplicatedTable> tables)
{
    private const int Shown = 200;

    private readonly List<ReplicaRefusal> _refused = [];
    private readonly List<ReplicaConflict> _conflicts = [];
    private int _applied;
    private int _ignored;

    internal ReplicaOutcome Outcome => new(_applied, _ignored, _refused, _conflicts);

    /// <summary>Applies records one after the other.</summary>
    /// <exception cref="SqliteException">The database cannot be written; nothing may be committed.</exception>
    internal void Take(IEnumerable<ReplicaRecord> records)
    {
        PoolDatabase.Execute(connection, "UPDATE replica_self SET applying = 1");
        foreach (ReplicaRecord record in records)
        {
            string? fault = ReplicaFormat.Fault(record) ?? Take(record);
            if (fault is not null)
                _refused.Add(new ReplicaRefusal(
                    ReplicaFormat.Printable(record.Kind, ReplicaFormat.MaxKind),
                    ReplicaFormat.Printable(record.Key, Shown),
                    ReplicaFormat.Printable(record.Node, ReplicaFormat.MaxNode),
                    fault));
        }
        PoolDatabase.Execute(connection, "UPDATE replica_self SET applying = 0");
    }

    /// <summary>Makes tables say what stored records of these kinds say, which were opaque until now. What does not fit has no effect.</summary>
    internal void Realize(IEnumerable<ReplicatedTable> kinds)
    {
        PoolDatabase.Execute(connection, "UPDATE replica_self SET applying = 1");
        foreach (ReplicatedTable table in kinds)
        {
            foreach (ReplicaRecord record in ReadAll(connection, "WHERE kind = $1 ORDER BY seq", table.Kind).Select(one => one.Record).ToList())
            {
                if (table.Read(connection, record, out object?[] row) is null)
                    Try(() => Put(table, record, row));
            }
        }
        PoolDatabase.Execute(connection, "UPDATE replica_self SET applying = 0");
    }

    /// <summary>Stored records, with their number.</summary>
    /// <param name="connection">In a transaction.</param>
    /// <param name="condition">SQL behind the table's name.</param>
    /// <param name="values">Its parameters.</param>
    internal static IEnumerable<(ReplicaRecord Record, long Seq)> ReadAll(SqliteConnection connection, string condition, params object?[] values)
    {
        using SqliteCommand command = PoolDatabase.Command(connection, $"SELECT kind, key, clock, node, seen, value, seq FROM replica {condition}", values);
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            yield return (
                new ReplicaRecord(
                    reader.GetString(0),
                    reader.GetString(1),
                    reader.GetInt64(2),
                    reader.GetString(3),
                    reader.GetString(4),
                    reader.IsDBNull(5) ? null : reader.GetString(5)),
                reader.GetInt64(6));
        }
    }

    private string? Take(ReplicaRecord record)
    {
        object?[] row = [];
        ReplicatedTable? table = tables.GetValueOrDefault(record.Kind);
        if (table?.Read(connection, record, out row) is { } fault)
            return fault;
        ReplicaRecord? here = ReadAll(connection, "WHERE kind = $1 AND key = $2", record.Kind, record.Key).Select(one => one.Record).FirstOrDefault();
        int order = here is null ? 1 : record.CompareVersion(here);
        if (order <= 0)
        {
            _ignored++;
            if (order < 0)
                Report(here!, record);
            return null;
        }
        string? refusal = Try(() =>
        {
            Store(record);
            if (table is not null)
                Put(table, record, row);
        });
        if (refusal is not null)
            return refusal;
        _applied++;
        if (here is not null)
            Report(record, here);
        return null;
    }

    private void Store(ReplicaRecord record)
    {
        PoolDatabase.Execute(connection, "UPDATE replica_self SET seq = seq + 1, clock = max(clock, $1)", record.Clock);
        PoolDatabase.Execute(
            connection,
            """
            INSERT INTO replica (kind, key, clock, node, seen, value, seq) VALUES ($1, $2, $3, $4, $5, $6, (SELECT seq FROM replica_self))
            ON CONFLICT (kind, key) DO UPDATE SET
                clock = excluded.clock, node = excluded.node, seen = excluded.seen, value = excluded.value, seq = excluded.seq
            """,
            record.Kind,
            record.Key,
            record.Clock,
            record.Node,
            record.Seen,
            record.Value);
    }

    private void Put(ReplicatedTable table, ReplicaRecord record, object?[] row)
    {
        if (record.Value is null)
            table.Remove(connection, row);
        else
            table.Put(connection, row);
    }

    /// <summary>Undoes what a table refuses, and nothing else.</summary>
    /// <returns>Null, or why it is refused.</returns>
    private string? Try(Action write)
    {
        const int tooBig = 18, constraint = 19, mismatch = 20;
        PoolDatabase.Execute(connection, "SAVEPOINT record");
        try
        {
            write();
            PoolDatabase.Execute(connection, "RELEASE record");
            return null;
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is tooBig or constraint or mismatch)
        {
            PoolDatabase.Execute(connection, "ROLLBACK TO record; RELEASE record");
            return ReplicaFormat.Printable($"the database does not take it ({exception.Message})", Shown);
        }
    }

    private void Report(ReplicaRecord winner, ReplicaRecord loser)
    {
        if (loser.Clock == ReplicaRecord.BeforeAll || winner.Value == loser.Value || winner.Knows(loser))
            return;
        string key = ReplicaFormat.Printable(loser.Key, Shown);
        _conflicts.Add(new ReplicaConflict(loser.Kind, key, winner.Node, loser.Node, Describe(loser)));
    }

    private string Describe(ReplicaRecord lost)
    {
        if (lost.Value is null)
            return "removal";
        if (!tables.TryGetValue(lost.Kind, out ReplicatedTable? table) || table.Values.Count == 0)
            return "entry";
        // Read cannot fail: it has been here, or has just been read.
        table.Read(connection, lost, out object?[] row);
        IEnumerable<string> shown = table.Values.Select((column, i) => row[table.Key.Count + i] switch
        {
            byte[] bytes => $"{column.Name} of {bytes.Length} bytes",
            object value when column.IsShown => $"{column.Name} {value}",
            _ => "",
        });
        return ReplicaFormat.Printable(string.Join(", ", shown.Where(text => text.Length > 0)), Shown - 3);
    }
}
