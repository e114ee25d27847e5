using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace TlsPool.Actors.Storage.Replication;

/// <summary>
/// Declares that rows of a table are replicated: triggers, merging and storing follow from this. A row is one record: its key columns say
/// which, and must be unique together; its value columns are replaced together. Other columns, as the number of a row, stay local. Immutable.
/// </summary>
/// <param name="Kind">Its name between hosts: at most 64 of a-z, A-Z, 0-9, <c>-</c> and <c>_</c>. Never changes.</param>
/// <param name="Table">The table.</param>
/// <param name="Key">Which row, in this order for ever.</param>
/// <param name="Values">What it says; may be none, and may grow.</param>
internal sealed record ReplicatedTable(
    string Kind, string Table, IReadOnlyList<ReplicatedColumn> Key, IReadOnlyList<ReplicatedColumn> Values)
{
    /// <summary>SQL for the key of a row, as canonical JSON.</summary>
    internal string KeyOf(string row) => $"json_array({string.Join(", ", Key.Select(column => column.Expression(row)))})";

    /// <summary>SQL for what a row says, as JSON.</summary>
    internal string ValueOf(string row) => $"json_object({string.Join(", ", Values.Select(column => $"'{column.Name}', {column.Expression(row)}"))})";

    /// <summary>SQL that is true for the row whose key columns are <c>$1</c>, <c>$2</c> and so on, where NULL is as good as any.</summary>
    private string IsTheRow => string.Join(" AND ", Key.Select((column, i) => $"{column.Name} IS ${i + 1}"));

    /// <summary>Reads a record's key and value.</summary>
    /// <param name="connection">Says how the key is to be written.</param>
    /// <param name="record">The record, whose JSON has been checked.</param>
    /// <param name="row">Receives key columns and then value columns, or key columns only if it is a removal.</param>
    /// <returns>Null, or what is wrong.</returns>
    internal string? Read(SqliteConnection connection, ReplicaRecord record, out object?[] row)
    {
        row = new object?[Key.Count + (record.Value is null ? 0 : Values.Count)];
        try
        {
            using JsonDocument key = JsonDocument.Parse(record.Key);
            if (key.RootElement.GetArrayLength() != Key.Count)
                return "its key has another number of columns";
            for (int i = 0; i < Key.Count; i++)
            {
                if (!Key[i].TryRead(key.RootElement[i], out row[i]))
                    return $"{Key[i].Name} in its key is of another type";
            }
            // Two ways to write the same key would be two records of one row.
            if (Canonical(connection, row.AsSpan(0, Key.Count)) != record.Key)
                return "its key is not written as it should be";
            return record.Value is null ? null : ReadValues(record.Value, row.AsSpan(Key.Count));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return "it is not Unicode";
        }
    }

    /// <summary>Makes the table say what a record says.</summary>
    /// <param name="connection">In a transaction that journals nothing.</param>
    /// <param name="row">From <see cref="Read"/>.</param>
    /// <exception cref="SqliteException">The table refuses it.</exception>
    internal void Put(SqliteConnection connection, object?[] row)
    {
        if (row.Length == Key.Count && Values.Count > 0)
            throw new ArgumentException("a removal has no values", nameof(row));
        string[] columns = [.. Key.Concat(Values).Select(column => column.Name)];
        string numbers = string.Join(", ", columns.Select((_, i) => $"${i + 1}"));
        int added = PoolDatabase.Execute(
            connection,
            $"INSERT INTO {Table} ({string.Join(", ", columns)}) SELECT {numbers} WHERE NOT EXISTS (SELECT 1 FROM {Table} WHERE {IsTheRow})",
            row);
        if (added > 0 || Values.Count == 0)
            return;
        // Updated and not replaced, as the number of the row is known to programs.
        string changes = string.Join(", ", Values.Select((column, i) => $"{column.Name} = ${Key.Count + i + 1}"));
        PoolDatabase.Execute(connection, $"UPDATE {Table} SET {changes} WHERE {IsTheRow}", row);
    }

    /// <summary>Removes the row of a record, if it is there.</summary>
    internal void Remove(SqliteConnection connection, object?[] row) =>
        PoolDatabase.Execute(connection, $"DELETE FROM {Table} WHERE {IsTheRow}", row.AsSpan(0, Key.Count));

    private string? ReadValues(string json, Span<object?> values)
    {
        using JsonDocument value = JsonDocument.Parse(json);
        for (int i = 0; i < Values.Count; i++)
        {
            if (!value.RootElement.TryGetProperty(Values[i].Name, out JsonElement element))
                values[i] = Values[i].Default;
            else if (!Values[i].TryRead(element, out values[i]))
                return $"{Values[i].Name} is of another type";
        }
        return null;
    }

    private static string? Canonical(SqliteConnection connection, ReadOnlySpan<object?> key)
    {
        object?[] columns = new object?[key.Length];
        for (int i = 0; i < key.Length; i++)
            columns[i] = key[i] is byte[] bytes ? Convert.ToHexString(bytes) : key[i];
        string numbers = string.Join(", ", columns.Select((_, i) => $"${i + 1}"));
        using SqliteCommand command = PoolDatabase.Command(connection, $"SELECT json_array({numbers})", columns);
        return command.ExecuteScalar() as string;
    }
}
