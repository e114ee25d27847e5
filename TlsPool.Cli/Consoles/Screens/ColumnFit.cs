namespace TlsPool.Cli.Consoles.Screens;

/// <summary>Which columns a terminal has room for, and how wide they are.</summary>
internal static class ColumnFit
{
    /// <summary>Cells between two columns.</summary>
    internal const int Gap = 1;

    /// <summary>Fits columns in: the least important ones go, then the widest become narrower, and the last one gets what is left.</summary>
    /// <param name="columns">All columns.</param>
    /// <param name="wanted">Cells that the content of each would like.</param>
    /// <param name="width">Cells that there are.</param>
    /// <returns>Columns that stay, in their order, with their cells.</returns>
    internal static IReadOnlyList<(Column Column, int Width)> Fit(IReadOnlyList<Column> columns, IReadOnlyList<int> wanted, int width)
    {
        List<(Column Column, int Width)> kept = [.. columns.Select((column, i) => (column, Math.Clamp(wanted[i], Math.Min(column.Least, column.Title.Length), column.Most)))];
        while (kept.Count > 1 && kept.Sum(one => Math.Min(one.Width, one.Column.Least)) + Gaps(kept.Count) > width)
            kept.RemoveAt(kept.FindLastIndex(one => one.Column.Importance == kept.Max(other => other.Column.Importance)));
        while (kept.Sum(one => one.Width) + Gaps(kept.Count) > width)
        {
            int widest = Enumerable.Range(0, kept.Count).MaxBy(i => kept[i].Width - kept[i].Column.Least);
            if (kept[widest].Width <= 1)
                break;
            kept[widest] = (kept[widest].Column, kept[widest].Width - 1);
        }
        int left = width - Gaps(kept.Count) - kept.Sum(one => one.Width);
        if (left > 0 && !kept[^1].Column.IsRight)
            kept[^1] = (kept[^1].Column, kept[^1].Width + left);
        return kept;
    }

    private static int Gaps(int columns) => (columns - 1) * Gap;
}
