namespace TlsPool.Cli.Consoles.Screens;

/// <summary>Which columns a terminal has room for, and how wide they are.</summary>
internal static class ColumnFit
{
    /// <summary>Cells between two columns.</summary>
    internal const int Gap = 1;

    /// <summary>Columns with a higher number go before those with a lower one are cut.</summary>
    private const int LastNeeded = 4;

    /// <summary>Cells that a needed column has before others do.</summary>
    private const int Comfort = 24;

    /// <summary>Fits columns in: the least important ones go or become narrower first, and the last one gets what is left.</summary>
    /// <param name="columns">All columns.</param>
    /// <param name="wanted">Cells that the content of each would like.</param>
    /// <param name="width">Cells that there are.</param>
    /// <returns>Columns that stay, in their order, with their cells.</returns>
    internal static IReadOnlyList<(Column Column, int Width)> Fit(IReadOnlyList<Column> columns, IReadOnlyList<int> wanted, int width)
    {
        List<(Column Column, int Width)> kept = [.. columns.Select((column, i) => (column, Math.Clamp(wanted[i], column.Title.Length, Math.Max(column.Title.Length, column.Most))))];
        while (kept.Count > 1 && SumOf(kept, LeastOf) > width)
            kept.RemoveAt(LeastImportant(kept));
        while (kept[LeastImportant(kept)].Column.Importance > LastNeeded && SumOf(kept, ComfortOf) > width)
            kept.RemoveAt(LeastImportant(kept));
        foreach (Column column in kept.Select(one => one.Column).OrderByDescending(column => column.Importance).ToList())
        {
            int place = kept.FindIndex(one => one.Column == column);
            int excess = SumOf(kept, one => one.Width) - width;
            int least = kept.Count == 1 ? 1 : LeastOf(kept[place]);
            kept[place] = (column, Math.Max(least, kept[place].Width - Math.Max(0, excess)));
        }
        int left = width - SumOf(kept, one => one.Width);
        if (left > 0 && !kept[^1].Column.IsRight)
            kept[^1] = (kept[^1].Column, kept[^1].Width + left);
        return kept;
    }

    private static int LeastImportant(List<(Column Column, int Width)> kept) =>
        kept.FindLastIndex(one => one.Column.Importance == kept.Max(other => other.Column.Importance));

    // Titles are never cut.
    private static int LeastOf((Column Column, int Width) one) => Math.Min(one.Width, Math.Max(one.Column.Least, one.Column.Title.Length));

    private static int ComfortOf((Column Column, int Width) one) =>
        one.Column.Importance <= LastNeeded ? Math.Max(LeastOf(one), Math.Min(one.Width, Comfort)) : LeastOf(one);

    private static int SumOf(List<(Column Column, int Width)> kept, Func<(Column Column, int Width), int> widthOf) =>
        kept.Sum(widthOf) + ((kept.Count - 1) * Gap);
}
