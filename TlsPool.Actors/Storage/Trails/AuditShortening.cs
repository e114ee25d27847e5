using Microsoft.Data.Sqlite;
using TlsPool.Actors.Audit;

namespace TlsPool.Actors.Storage.Trails;

/// <summary>Removes the oldest decisions of a trail as far as age and size want it.</summary>
internal static class AuditShortening
{
    /// <summary>Rows that one transaction removes: others want to write too.</summary>
    private const int RemovalStep = 4096;

    /// <summary>Removing a little more than has to be saves doing it all the time.</summary>
    private const double FilledAgain = 0.9;

    /// <summary>Removes them.</summary>
    /// <param name="database">The trail.</param>
    /// <param name="retention">How much is kept.</param>
    /// <param name="now">The time.</param>
    /// <param name="age">The expression that says how old a row is.</param>
    /// <returns>How many are gone.</returns>
    internal static long Shorten(PoolDatabase database, AuditRetention retention, DateTimeOffset now, string age)
    {
        long first = database.Read(connection => Math.Max(FirstByAge(connection, retention, now, age), FirstBySize(connection, retention)));
        long removed = 0;
        if (first == 0)
            return removed;
        int step;
        do
        {
            step = database.Write(connection =>
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

    /// <summary>The clock may have gone back: what is newer stays even if it stands before what is older.</summary>
    private static long FirstByAge(SqliteConnection connection, AuditRetention retention, DateTimeOffset now, string age)
    {
        if (retention.MaxAge <= TimeSpan.Zero)
            return 0;
        long limit = (now - retention.MaxAge).ToUnixTimeMilliseconds();
        return AuditRows.Number(
            connection, $"SELECT coalesce((SELECT min(id) FROM audit WHERE {age} >= $1), (SELECT max(id) + 1 FROM audit), 0)", limit);
    }

    private static long FirstBySize(SqliteConnection connection, AuditRetention retention)
    {
        if (retention.MaxSize <= 0)
            return 0;
        long pages = AuditRows.Number(connection, "PRAGMA page_count") - AuditRows.Number(connection, "PRAGMA freelist_count");
        long size = pages * AuditRows.Number(connection, "PRAGMA page_size");
        if (size <= retention.MaxSize)
            return 0;
        double kept = retention.MaxSize * FilledAgain / size;
        return AuditRows.Number(
            connection,
            "SELECT id FROM audit ORDER BY id LIMIT 1 OFFSET (SELECT min(cast(count(*) * (1 - $1) AS INTEGER), count(*) - 1) FROM audit)",
            kept);
    }
}
