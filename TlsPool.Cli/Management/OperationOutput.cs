using System.Text.Json;
using TlsPool.Actors.Management.Operations;

namespace TlsPool.Cli.Management;

/// <summary>Writes answers: as tables for people, as JSON for scripts.</summary>
/// <param name="operation">What was done.</param>
/// <param name="json">True for JSON.</param>
/// <param name="all">True to go on with the next part of a list.</param>
internal sealed class OperationOutput(Operation operation, bool json, bool all)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly OperationTable _table = new(operation);
    private bool _wroteSome;

    /// <summary>The exit code of the command: 1 if nodes did not answer.</summary>
    internal int ExitCode { get; private set; }

    /// <summary>Writes an answer.</summary>
    /// <returns>Where the next part begins that is to be asked for; null to end.</returns>
    internal string? Write(JsonElement answer)
    {
        bool isList = answer.TryGetProperty("items", out JsonElement items);
        string? next = isList && answer.GetProperty("next") is { ValueKind: JsonValueKind.String } more ? more.GetString() : null;
        if (isList)
            WarnOfSilence(answer.GetProperty("silent"));
        if (json)
            WriteJson(answer);
        else if (isList)
            WriteRows(items, answer.GetProperty("total").GetInt64(), next);
        else
            OperationTable.WriteOne(answer);
        return all ? next : null;
    }

    private void WriteJson(JsonElement answer)
    {
        // Parts of one list are values in one line each.
        Console.WriteLine(all ? answer.GetRawText() : JsonSerializer.Serialize(answer, Indented));
    }

    private void WriteRows(JsonElement items, long total, string? next)
    {
        _table.WriteRows(items, withHeader: !_wroteSome);
        _wroteSome = true;
        if (next is not null && !all)
            Console.Error.WriteLine($"{total - items.GetArrayLength()} more: --all shows them, or --after {next}");
    }

    private void WarnOfSilence(JsonElement silent)
    {
        foreach (JsonElement node in silent.EnumerateArray())
        {
            Console.Error.WriteLine($"warning: node {TerminalText.Printable(node.GetString()!)} does not answer: what it has is missing");
            ExitCode = 1;
        }
    }
}
