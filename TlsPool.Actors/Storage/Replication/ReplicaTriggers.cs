namespace TlsPool.Actors.Storage.Replication;

/// <summary>
/// SQL that journals changes of a replicated table, whichever program makes them, in the transaction that makes them. Nothing is journaled
/// while records of others are applied.
/// </summary>
internal static class ReplicaTriggers
{
    /// <summary>How names of all triggers begin.</summary>
    internal const string Prefix = "replica_";

    private const string IsOwn = "(SELECT applying FROM replica_self) = 0";

    // A hybrid logical clock: the time where it goes on, and one more than ever seen where it does not. julianday() is all that old versions
    // of SQLite have for milliseconds; 2440587.5 is 1970 in it.
    private const string Stamp =
        """
        UPDATE replica_self SET clock = max(CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) << 16, clock + 1), seq = seq + 1;
        """;

    /// <summary>The triggers of a table, by name.</summary>
    internal static IReadOnlyDictionary<string, string> Of(ReplicatedTable table)
    {
        string moves = Differs(table.Key), changes = Differs([.. table.Key, .. table.Values]);
        string kept = $"json_patch(coalesce(value, '{{}}'), {table.ValueOf("NEW")})";
        return new[]
        {
            Create("inserted", "INSERT", IsOwn, Journal("NEW", table.ValueOf("NEW"), table.ValueOf("NEW"))),
            // A later version's columns, which this one does not know, stay as they are.
            Create("changed", "UPDATE", $"{IsOwn} AND ({changes})", Journal("NEW", table.ValueOf("NEW"), kept)),
            Create("moved", "UPDATE", $"{IsOwn} AND ({moves})", Journal("OLD", "NULL", "NULL")),
            Create("removed", "DELETE", IsOwn, Journal("OLD", "NULL", "NULL")),
        }.ToDictionary(trigger => trigger.Name, trigger => trigger.Text, StringComparer.Ordinal);

        (string Name, string Text) Create(string what, string after, string when, string body)
        {
            string name = $"{Prefix}{table.Kind}_{what}";
            return (name, $"CREATE TRIGGER \"{name}\" AFTER {after} ON {table.Table} WHEN {when} BEGIN\n{Stamp}\n{body}\nEND");
        }

        // Not an upsert: within a trigger, the statement that fires it says what happens to conflicts (INSERT OR REPLACE).
        string Journal(string row, string first, string next) =>
            $"""
            UPDATE replica SET
                clock = (SELECT clock FROM replica_self),
                node = (SELECT node FROM replica_self),
                seen = (SELECT json_patch(replica.seen, json_object(s.node, s.clock)) FROM replica_self AS s),
                seq = (SELECT seq FROM replica_self),
                value = {next}
            WHERE kind = '{table.Kind}' AND key = {table.KeyOf(row)};
            INSERT INTO replica (kind, key, clock, node, seen, seq, value)
                SELECT '{table.Kind}', {table.KeyOf(row)}, s.clock, s.node, json_object(s.node, s.clock), s.seq, {first} FROM replica_self AS s
                WHERE NOT EXISTS (SELECT 1 FROM replica WHERE kind = '{table.Kind}' AND key = {table.KeyOf(row)});
            """;
    }

    /// <summary>SQL that makes records, older than any change, of rows that have none.</summary>
    internal static string Backfill(ReplicatedTable table) =>
        $"""
        INSERT INTO replica (kind, key, clock, node, seen, seq, value)
            SELECT '{table.Kind}', {table.KeyOf("t")}, {ReplicaRecord.BeforeAll}, s.node, json_object(s.node, {ReplicaRecord.BeforeAll}),
                s.seq + row_number() OVER (), {table.ValueOf("t")}
            FROM {table.Table} AS t, replica_self AS s
            WHERE NOT EXISTS (SELECT 1 FROM replica WHERE kind = '{table.Kind}' AND key = {table.KeyOf("t")});
        UPDATE replica_self SET seq = max(seq, (SELECT coalesce(max(seq), 0) FROM replica));
        """;

    private static string Differs(IEnumerable<ReplicatedColumn> columns) =>
        string.Join(" OR ", columns.Select(column => $"OLD.{column.Name} IS NOT NEW.{column.Name}"));
}
