using System.Globalization;
using System.Text.Json;
using TlsPool.Actors.Management.Operations;

namespace TlsPool.Cli.Management;

/// <summary>Tables for people: the members of answers that matter most, and all of them for a single thing.</summary>
/// <param name="operation">What was done.</param>
internal sealed class OperationTable(Operation operation)
{
    private const int MaxWidth = 60;

    /// <summary>Members that are columns, in their order; a dot leads into an object.</summary>
    private static readonly Dictionary<string, string[]> Columns = new(StringComparer.Ordinal)
    {
        ["node.overview"] = ["node", "sessions.all", "handshakes.done", "handshakes.failed", "bytes.received", "bytes.sent", "tokens.ready", "pinRequests", "memory", "isDraining"],
        ["node.list"] = ["node", "port", "status", "isReachable", "isSelf", "roles", "wireVersion"],
        ["session.list"] = ["node", "number", "state", "role", "localId", "remoteId", "peer", "uid", "version", "started", "received", "sent"],
        ["token.list"] = ["node", "token", "state", "waiting", "signatures", "reason"],
        ["entry.list"] = ["node", "kind", "name", "state", "detail", "uid", "pid"],
        ["log.list"] = ["node", "time", "level", "facility", "text"],
    };

    private int[] _widths = [];

    /// <summary>Writes a part of a list.</summary>
    internal void WriteRows(JsonElement items, bool withHeader)
    {
        string[] columns = Columns[operation.Name];
        List<string[]> rows = [.. items.EnumerateArray().Select(item => columns.Select(column => Text(item, column)).ToArray())];
        if (withHeader)
        {
            string[] headers = [.. columns.Select(column => column.Replace('.', ' ').ToUpperInvariant())];
            _widths = [.. columns.Select((_, i) => Math.Min(MaxWidth, rows.Select(row => row[i].Length).Append(headers[i].Length).Max()))];
            WriteRow(headers);
        }
        rows.ForEach(WriteRow);
    }

    /// <summary>Writes a single thing.</summary>
    internal static void WriteOne(JsonElement answer)
    {
        if (answer.TryGetProperty("text", out JsonElement done) && answer.TryGetProperty("warnings", out JsonElement warnings))
        {
            Console.WriteLine(TerminalText.Printable(done.GetString()!));
            foreach (JsonElement warning in warnings.EnumerateArray())
                Console.Error.WriteLine($"warning: {TerminalText.Printable(warning.GetString()!)}");
            return;
        }
        foreach (JsonProperty property in answer.EnumerateObject())
            Console.WriteLine($"{property.Name,-14} {Text(answer, property.Name)}");
    }

    private void WriteRow(string[] cells) =>
        Console.WriteLine(string.Join("  ", cells.Select((cell, i) => i == cells.Length - 1 ? cell : cell.PadRight(_widths[i]))).TrimEnd());

    private static string Text(JsonElement item, string path)
    {
        foreach (string name in path.Split('.'))
            item = item.GetProperty(name);
        return Text(item);
    }

    /// <summary>A value for people.</summary>
    internal static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String when value.TryGetDateTimeOffset(out DateTimeOffset time) => time.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
        JsonValueKind.String => TerminalText.Printable(value.GetString()!) is { Length: > 0 } text ? text : "-",
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        JsonValueKind.Null => "-",
        JsonValueKind.Array => value.GetArrayLength() == 0 ? "-" : string.Join(',', value.EnumerateArray().Select(element => TerminalText.Printable(element.ToString()))),
        _ => value.ToString(),
    };
}
