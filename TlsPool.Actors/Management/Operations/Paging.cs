using System.Globalization;
using System.Text;
using TlsPool.Actors.Management.Views;

namespace TlsPool.Actors.Management.Operations;

/// <summary>
/// Which part of a list is wanted. A part begins behind a row, and not at a number: rows that come and go meanwhile neither repeat nor hide
/// others.
/// </summary>
/// <param name="Limit">Rows at most.</param>
/// <param name="After">The row it begins behind; null for the beginning.</param>
/// <param name="Sort">How the list is ordered; empty for its usual way.</param>
internal sealed record Paging(int Limit, RowKey? After, string Sort)
{
    internal const int MaxLimit = 500;
    internal const int DefaultLimit = 100;

    internal static readonly Parameter LimitParameter = new("limit", ParameterKind.Number, $"rows at most, 1 to {MaxLimit} (default {DefaultLimit})");
    internal static readonly Parameter AfterParameter = new("after", ParameterKind.Text, "where the part begins: 'next' of the part before it");

    /// <summary>Reads what was said about it.</summary>
    /// <exception cref="ManagementException">It makes no sense.</exception>
    internal static Paging Of(Arguments arguments)
    {
        long limit = arguments.Number(LimitParameter.Name) ?? DefaultLimit;
        if (limit is < 1 or > MaxLimit)
            throw new ManagementException(ManagementFault.BadRequest, $"'limit' is 1 to {MaxLimit}");
        RowKey? after = null;
        if (arguments.Text(AfterParameter.Name) is { } text && (after = RowKey.TryParse(text)) is null)
            throw new ManagementException(ManagementFault.BadRequest, "'after' is none of what 'next' says");
        return new Paging((int)limit, after, arguments.Text("sort") ?? "");
    }

    /// <summary>Takes the part of a list.</summary>
    /// <param name="rows">All rows that pass the filter, in any order.</param>
    /// <param name="keyOf">Their order.</param>
    /// <param name="viewOf">What is shown of those in the part.</param>
    internal Page<TView> Take<TRow, TView>(IEnumerable<TRow> rows, Func<TRow, RowKey> keyOf, Func<TRow, TView> viewOf)
    {
        // The greatest first, so that it is the one to go when a lesser one comes.
        var best = new PriorityQueue<TRow, RowKey>(Comparer<RowKey>.Create((one, other) => other.CompareTo(one)));
        long total = 0;
        bool more = false;
        foreach (TRow row in rows)
        {
            total++;
            RowKey key = keyOf(row);
            if (After is { } after && key.CompareTo(after) <= 0)
                continue;
            if (best.Count < Limit)
            {
                best.Enqueue(row, key);
                continue;
            }
            more = true;
            best.EnqueueDequeue(row, key);
        }
        var part = new List<(TRow Row, RowKey Key)>(best.Count);
        while (best.TryDequeue(out TRow? row, out RowKey key))
            part.Add((row, key));
        part.Reverse();
        return new Page<TView>([.. part.Select(one => viewOf(one.Row))], total, more ? part[^1].Key.ToString() : null, []);
    }

    /// <summary>Puts parts of several nodes together.</summary>
    internal Page<TView> Merge<TView>(IReadOnlyList<Page<TView>> pages, Func<TView, RowKey> keyOf)
    {
        Page<TView> merged = Take(pages.SelectMany(page => page.Items), keyOf, view => view);
        bool more = merged.Next is not null || pages.Any(page => page.Next is not null);
        string? next = more && merged.Items.Count > 0 ? keyOf(merged.Items[^1]).ToString() : null;
        return merged with { Total = pages.Sum(page => page.Total), Next = next, Silent = [.. pages.SelectMany(page => page.Silent)] };
    }
}

/// <summary>The place of a row in a list: by value, then by text, and where these are the same by node and number.</summary>
/// <param name="Value">A number to order by; 0 where there is none.</param>
/// <param name="Text">A text to order by; empty where there is none.</param>
/// <param name="Node">The row's node.</param>
/// <param name="Number">The row's number there.</param>
internal readonly record struct RowKey(long Value, string Text, string Node, long Number) : IComparable<RowKey>
{
    public int CompareTo(RowKey other)
    {
        int order = Value.CompareTo(other.Value);
        if (order == 0)
            order = string.CompareOrdinal(Text, other.Text);
        if (order == 0)
            order = string.CompareOrdinal(Node, other.Node);
        return order == 0 ? Number.CompareTo(other.Number) : order;
    }

    /// <summary>As <c>next</c> says it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Value}.{Number}.{Encoded(Node)}.{Encoded(Text)}");

    internal static RowKey? TryParse(string text)
    {
        string[] parts = text.Split('.');
        return parts.Length == 4
            && long.TryParse(parts[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
            && long.TryParse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
            && Decoded(parts[2]) is { } node
            && Decoded(parts[3]) is { } words
            ? new RowKey(value, words, node, number)
            : null;
    }

    private static string Encoded(string text) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text));

    private static string? Decoded(string text)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromHexString(text));
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
