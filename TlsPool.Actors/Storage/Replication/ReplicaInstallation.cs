using Microsoft.Data.Sqlite;

namespace TlsPool.Actors.Storage.Replication;

/// <summary>Makes a database journal what is replicated, from the declarations, within one transaction. Does nothing if it does already.</summary>
internal static class ReplicaInstallation
{
    /// <summary>A new name for the life of a database.</summary>
    internal static string NewIncarnation() => Guid.NewGuid().ToString("N");

    internal static void Install(SqliteConnection connection, string node, IReadOnlyDictionary<string, ReplicatedTable> tables)
    {
        PoolDatabase.Execute(
            connection,
            "INSERT INTO replica_self (one, node, incarnation, clock, seq, applying) VALUES (1, $1, $2, $3, 0, 0) ON CONFLICT DO NOTHING",
            node,
            NewIncarnation(),
            ReplicaRecord.BeforeAll);
        // Somebody copied the file: the original goes on numbering its changes, and so does this one.
        PoolDatabase.Execute(connection, "UPDATE replica_self SET node = $1, incarnation = $2 WHERE node <> $1", node, NewIncarnation());

        Dictionary<string, string> installed = Installed(connection);
        var changed = new List<ReplicatedTable>();
        foreach (ReplicatedTable table in tables.Values)
        {
            IReadOnlyDictionary<string, string> wanted = ReplicaTriggers.Of(table);
            bool isSame = wanted.All(trigger => installed.GetValueOrDefault(trigger.Key) == trigger.Value);
            foreach (string name in wanted.Keys)
            {
                if (installed.Remove(name) && !isSame)
                    Drop(connection, name);
            }
            if (isSame)
                continue;
            changed.Add(table);
            foreach (string text in wanted.Values)
                PoolDatabase.Execute(connection, text);
        }
        foreach (string name in installed.Keys)
            Drop(connection, name);
        if (changed.Count == 0)
            return;

        new ReplicaMerge(connection, tables).Realize(changed);
        foreach (ReplicatedTable table in changed)
            PoolDatabase.Execute(connection, ReplicaTriggers.Backfill(table));
        // What was refused under the former declaration may be good now: others are to send everything again.
        PoolDatabase.Execute(connection, "UPDATE replica_peer SET seq = 0");
    }

    private static Dictionary<string, string> Installed(SqliteConnection connection)
    {
        using SqliteCommand command = PoolDatabase.Command(
            connection,
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND substr(name, 1, length($1)) = $1",
            ReplicaTriggers.Prefix);
        using SqliteDataReader reader = command.ExecuteReader();
        var installed = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.Read())
            installed.Add(reader.GetString(0), reader.GetString(1));
        return installed;
    }

    private static void Drop(SqliteConnection connection, string trigger) => PoolDatabase.Execute(connection, $"DROP TRIGGER \"{trigger}\"");
}
