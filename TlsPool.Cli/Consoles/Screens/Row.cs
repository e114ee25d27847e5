using System.Text.Json;
using TlsPool.Cli.Management;

namespace TlsPool.Cli.Consoles.Screens;

/// <summary>Something that is listed.</summary>
/// <param name="Key">Tells it from the others, also in later answers.</param>
/// <param name="Item">What the node says of it.</param>
/// <param name="Earlier">What it said before; null if it did not.</param>
internal sealed record Row(string Key, JsonElement Item, JsonElement? Earlier)
{
    /// <summary>Members that count bytes.</summary>
    private static readonly string[] Bytes = ["memory", "received", "sent"];

    /// <summary>A member as a text; empty if there is none, as nodes of other versions may have fewer.</summary>
    internal string Text(string path) => Find(Item, path) is { } value ? OperationTable.Text(value) : "";

    /// <summary>A member that is a number; 0 if it is none.</summary>
    internal double Number(string path) => NumberOf(Item, path);

    /// <summary>A member that is a time; null if it is none.</summary>
    internal DateTimeOffset? Time(string path) => TimeOf(Item, path);

    /// <summary>A member that is yes or no.</summary>
    internal bool Flag(string path) => Find(Item, path) is { ValueKind: JsonValueKind.True };

    /// <summary>By how much a number grows in a second; null before the second answer.</summary>
    internal double? Rate(string path) => Earlier is { } earlier && TimeOf(earlier, "time") is { } then && Time("time") is { } now && now > then
        ? Math.Max(0, (Number(path) - NumberOf(earlier, path)) / (now - then).TotalSeconds)
        : null;

    /// <summary>All members, those of objects by themselves.</summary>
    internal IEnumerable<(string Name, string Text)> Members() => MembersOf(Item, "");

    private static IEnumerable<(string Name, string Text)> MembersOf(JsonElement item, string before) => item.EnumerateObject().SelectMany(member =>
        member.Value.ValueKind == JsonValueKind.Object
            ? MembersOf(member.Value, $"{Words(member.Name)} ")
            : [(before + Words(member.Name), Bytes.Contains(member.Name) ? Amounts.Bytes(member.Value.GetDouble()) : OperationTable.Text(member.Value))]);

    private static string Words(string name) =>
        string.Concat(name.Select((letter, i) => char.IsUpper(letter) ? (i > 0 ? " " : "") + char.ToLowerInvariant(letter) : letter.ToString()));

    private static JsonElement? Find(JsonElement item, string path)
    {
        foreach (string name in path.Split('.'))
        {
            if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty(name, out item))
                return null;
        }
        return item;
    }

    private static double NumberOf(JsonElement item, string path) => Find(item, path) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : 0;

    private static DateTimeOffset? TimeOf(JsonElement item, string path) =>
        Find(item, path) is { ValueKind: JsonValueKind.String } text && text.TryGetDateTimeOffset(out DateTimeOffset time) ? time : null;
}
