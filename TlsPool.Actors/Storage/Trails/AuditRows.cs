using System.Globalization;
using Microsoft.Data.Sqlite;
using TlsPool.Actors.Audit;
using TlsPool.Protocol.Transport;

namespace TlsPool.Actors.Storage.Trails;

/// <summary>What the tables <c>audit</c> of a node's own trail and of the collected one have in common.</summary>
internal static class AuditRows
{
    /// <summary>Columns of a decision, beside its number.</summary>
    internal const string Columns = "time, kind, allowed, reason, uid, gid, pid, executable, session, localid, remoteid, use, token, key";

    /// <summary>How many these are.</summary>
    internal const int ColumnCount = 14;

    private const long LatestTime = 253_402_300_799_000;

    /// <summary>Values of the columns. Texts are cleaned.</summary>
    internal static object?[] Values(string kind, AuditRecord record)
    {
        AuditEvent decision = record.Event;
        return
        [
            record.Time.ToUnixTimeMilliseconds(), kind, decision.Allowed ? 1 : 0, AuditText.Clean(decision.Reason),
            decision.Application?.UserId, decision.Application?.GroupId, decision.Application?.ProcessId,
            Text(decision.Application?.Executable ?? ""), decision.Session == 0 ? null : decision.Session,
            Text(decision.LocalId), Text(decision.RemoteId), Text(decision.Use), Text(decision.Token), Text(decision.Key),
        ];
    }

    /// <summary>Sets all parameters of a command anew.</summary>
    internal static void Set(SqliteCommand command, ReadOnlySpan<object?> values)
    {
        for (int i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
    }

    /// <summary>Reads a number, and the columns after it.</summary>
    internal static AuditRow Read(SqliteDataReader reader)
    {
        string Column(int index) => reader.IsDBNull(index) ? "" : reader.GetString(index);
        PeerCredentials? application = reader.IsDBNull(5)
            ? null
            : new PeerCredentials((int)reader.GetInt64(7), (uint)reader.GetInt64(5), (uint)reader.GetInt64(6)) { Executable = Column(8) };
        var time = DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(reader.GetInt64(1), 0, LatestTime));
        return AuditRow.Of(reader.GetInt64(0), time, reader.GetString(2), new AuditEvent(AuditKind.Unknown, reader.GetInt64(3) != 0, reader.GetString(4))
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

    /// <summary>The condition of a filter, and its parameters.</summary>
    internal static (string Where, object?[] Values) Conditions(AuditFilter filter)
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
        if (filter.Node is { } node)
            Add("node = {0} COLLATE NOCASE", node);
        return (string.Join(" AND ", conditions), [.. values]);
    }

    /// <summary>The number that a query results in; 0 if in none.</summary>
    internal static long Number(SqliteConnection connection, string text, params ReadOnlySpan<object?> values)
    {
        using SqliteCommand command = PoolDatabase.Command(connection, text, values);
        return Convert.ToInt64(command.ExecuteScalar() ?? 0L, CultureInfo.InvariantCulture);
    }

    private static string? Text(string text) => text.Length == 0 ? null : AuditText.Clean(text);
}
