using System.Text;
using System.Text.Json;

namespace TlsPool.Actors.Storage.Replication;

/// <summary>Says whether a record, of whichever kind, is well made.</summary>
internal static class ReplicaFormat
{
    internal const int MaxKind = 64;
    internal const int MaxNode = 255;
    internal const int MaxKey = 4 << 10;
    internal const int MaxSeen = 16 << 10;
    internal const int MaxValue = 256 << 10;
    internal const long MaxClock = 1L << 62;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    // SQLite would keep the last of two members with one name, and .NET the first.
    private static readonly JsonDocumentOptions Json = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    /// <summary>True for a name that a node may have: SQLite and .NET sort such in the same order.</summary>
    internal static bool IsNode(string? name) => name is { Length: >= 1 and <= MaxNode } && name.All(letter => letter is > ' ' and <= '~');

    /// <summary>What is wrong with a record, or null.</summary>
    internal static string? Fault(ReplicaRecord record)
    {
        if (record.Kind is not { Length: >= 1 and <= MaxKind } || !record.Kind.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'))
            return "it has no good kind";
        if (!IsNode(record.Node))
            return "it has no good node";
        if (record.Clock is < ReplicaRecord.BeforeAll or > MaxClock)
            return "its clock is out of range";
        return JsonFault("key", record.Key, MaxKey, JsonValueKind.Array)
            ?? JsonFault("value", record.Value ?? "{}", MaxValue, JsonValueKind.Object)
            ?? JsonFault("seen", record.Seen, MaxSeen, JsonValueKind.Object)
            ?? SeenFault(record);
    }

    /// <summary>Bytes of UTF-8 in a record's texts.</summary>
    internal static long Size(ReplicaRecord record) =>
        new[] { record.Kind, record.Key, record.Node, record.Seen, record.Value ?? "" }.Sum(text => (long)Encoding.UTF8.GetByteCount(text));

    /// <summary>Text of others for a log: cut, and without what a terminal would obey.</summary>
    internal static string Printable(string? text, int length)
    {
        string cut = text is null ? "" : text.Length > length ? string.Concat(text.AsSpan(0, length), "...") : text;
        return string.Concat(cut.Select(letter => char.IsControl(letter) || char.IsSurrogate(letter) ? '?' : letter));
    }

    private static string? JsonFault(string what, string? text, int maximum, JsonValueKind kind)
    {
        try
        {
            if (text is null || Strict.GetByteCount(text) > maximum)
                return $"its {what} is too long, or missing";
            using JsonDocument json = JsonDocument.Parse(text, Json);
            return json.RootElement.ValueKind == kind ? null : $"its {what} is not an {kind.ToString().ToLowerInvariant()}";
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            return $"its {what} is not JSON";
        }
    }

    private static string? SeenFault(ReplicaRecord record)
    {
        using JsonDocument seen = JsonDocument.Parse(record.Seen, Json);
        bool hasItself = false;
        foreach (JsonProperty one in seen.RootElement.EnumerateObject())
        {
            if (!IsNode(one.Name) || one.Value.ValueKind != JsonValueKind.Number || !one.Value.TryGetInt64(out long clock) || clock < 1 || clock > record.Clock)
                return "its seen has something else than clocks";
            hasItself |= one.Name == record.Node && clock == record.Clock;
        }
        return hasItself ? null : "its seen does not have itself";
    }
}
