using Microsoft.Data.Sqlite;

namespace TlsPool.Actors.Storage.Trails;

/// <summary>How far each node's trail was collected, within the transaction that stores its rows.</summary>
internal static class ClusterAuditProgress
{
    /// <summary>Trails of one node that are remembered. One that was forgotten and comes back is asked for again, and no row stored twice.</summary>
    private const int MostTrails = 16;

    /// <summary>The position in the trail that the node had last.</summary>
    internal static CollectedPosition Of(SqliteConnection connection, string node) =>
        Read(connection, "node = $1 ORDER BY used DESC LIMIT 1", node) ?? CollectedPosition.Unknown;

    /// <summary>The position in a trail of the node; null if nothing of that is known.</summary>
    internal static CollectedPosition? Of(SqliteConnection connection, string node, string incarnation) =>
        Read(connection, "node = $1 AND incarnation = $2", node, incarnation);

    /// <summary>Goes on to a position, in the trail that the node has now.</summary>
    internal static void Set(SqliteConnection connection, string node, CollectedPosition position)
    {
        ((string incarnation, long after, long mark), long round) = position;
        PoolDatabase.Execute(
            connection,
            """
            INSERT INTO audit_progress (node, incarnation, round, after, mark, used)
            VALUES ($1, $2, $3, $4, $5, (SELECT ifnull(max(used), 0) + 1 FROM audit_progress WHERE node = $1))
            ON CONFLICT (node, incarnation) DO UPDATE SET round = excluded.round, after = excluded.after, mark = excluded.mark, used = excluded.used
            """,
            node,
            incarnation,
            round,
            after,
            mark);
        PoolDatabase.Execute(
            connection,
            "DELETE FROM audit_progress WHERE node = $1 AND incarnation NOT IN (SELECT incarnation FROM audit_progress WHERE node = $1 ORDER BY used DESC LIMIT $2)",
            node,
            MostTrails);
    }

    private static CollectedPosition? Read(SqliteConnection connection, string where, params ReadOnlySpan<object?> values)
    {
        using SqliteCommand command = PoolDatabase.Command(connection, $"SELECT incarnation, round, after, mark FROM audit_progress WHERE {where}", values);
        using SqliteDataReader reader = command.ExecuteReader();
        return reader.Read()
            ? new CollectedPosition(new AuditPosition(reader.GetString(0), reader.GetInt64(2), reader.GetInt64(3)), reader.GetInt64(1))
            : null;
    }
}
