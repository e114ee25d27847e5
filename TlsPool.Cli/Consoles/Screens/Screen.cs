using TlsPool.Actors.Management.Operations;

namespace TlsPool.Cli.Consoles.Screens;

/// <summary>A screen: a list that the node has, and what can be done to what is in it. Both come from the operations of the node.</summary>
/// <param name="Letter">The key that opens it.</param>
/// <param name="Name">Its name.</param>
/// <param name="List">Name of the operation that lists.</param>
/// <param name="Key">Members that tell one row from the others.</param>
/// <param name="Columns">Its columns.</param>
internal sealed record Screen(char Letter, string Name, string List, IReadOnlyList<string> Key, IReadOnlyList<Column> Columns)
{
    private static readonly string[] Paging = ["limit", "after", "sort"];

    /// <summary>Verbs of actions that make something new, or are about a whole node.</summary>
    private static readonly string[] FreeVerbs = ["add", "level"];

    private const string Fingerprint = "fingerprint";

    /// <summary>Members of rows that parameters of actions stand for, where their names differ.</summary>
    internal IReadOnlyDictionary<string, string> Fill { get; init; } = new Dictionary<string, string>();

    /// <summary>Digits of a fingerprint that name a row: people have to type them.</summary>
    internal const int FingerprintDigits = 16;

    /// <summary>The operation that lists.</summary>
    internal Operation Operation { get; } = OperationCatalogue.Find(List) ?? throw new ArgumentException($"there is no operation {List}", nameof(List));

    /// <summary>What can be done.</summary>
    internal IReadOnlyList<Operation> Actions { get; } =
        [.. OperationCatalogue.All.Where(operation => operation.IsChange && List.StartsWith($"{operation.Noun}.", StringComparison.Ordinal))];

    /// <summary>What can be filtered by.</summary>
    internal IEnumerable<Parameter> Filters => Operation.Parameters.Where(parameter => !Paging.Contains(parameter.Name));

    /// <summary>Ways to order it; none if there is one only.</summary>
    internal IReadOnlyList<string> Orders => Operation.Parameters.FirstOrDefault(parameter => parameter.Name == "sort")?.Choices ?? [];

    /// <summary>True for an action that is done to the selected row.</summary>
    internal static bool IsAboutRow(Operation action) => !FreeVerbs.Contains(action.Verb);

    /// <summary>What a row says for a parameter of an action; null if it says nothing.</summary>
    internal string? ValueFor(Parameter parameter, Row row)
    {
        if (!parameter.IsRequired && parameter.Name != Fingerprint)
            return null;
        string text = row.Text(Fill.GetValueOrDefault(parameter.Name, parameter.Name));
        if (parameter.Name == Fingerprint && text.Length > FingerprintDigits)
            text = text[..FingerprintDigits];
        return text.Length > 0 ? text : null;
    }
}
