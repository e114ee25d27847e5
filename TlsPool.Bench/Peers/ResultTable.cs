using System.Globalization;
using System.Text;
using TlsPool.Bench.Loads;

namespace TlsPool.Bench.Peers;

/// <summary>Medians over all rounds as a Markdown table, and how tlspool stands to each peer.</summary>
internal static class ResultTable
{
    private const string Ours = "tlspool";

    private static readonly (string Title, Func<LoadFigures, double?> Value, string Format)[] Columns =
    [
        ("full handshakes/s", figures => figures.FullRate, "N0"),
        ("CPU µs each", figures => figures.FullCpu, "N0"),
        ("resumed/s", figures => figures.ResumedRate, "N0"),
        ("CPU µs each", figures => figures.ResumedCpu, "N0"),
        ("MB/s", figures => figures.BulkRate, "N0"),
        ("CPU µs per MB", figures => figures.BulkCpu, "N0"),
        ("kB per idle session", figures => figures.SessionMemory, "N1"),
        ("live", figures => figures.LiveSessions, "N0"),
        ("threads", figures => figures.Threads, "N0"),
    ];

    public static string Format(IReadOnlyDictionary<string, List<LoadFigures>> figures)
    {
        var text = new StringBuilder();
        text.AppendLine("| | " + string.Join(" | ", Columns.Select(column => column.Title)) + " |");
        text.AppendLine("|---|" + string.Concat(Columns.Select(_ => "---:|")));
        foreach (var (name, runs) in figures)
            Row(text, name, Columns.Select(column => Median(runs, column.Value)?.ToString(column.Format, CultureInfo.InvariantCulture)));
        if (!figures.TryGetValue(Ours, out var ours) || figures.Count == 1) return text.ToString();
        foreach (var (name, runs) in figures.Where(item => item.Key != Ours))
            Row(text, $"*{Ours} to {name}*", Columns.Take(Columns.Length - 2).Select(column =>
                (Median(ours, column.Value) / Median(runs, column.Value))?.ToString("'×'0.00", CultureInfo.InvariantCulture)));
        return text.ToString();
    }

    private static void Row(StringBuilder text, string name, IEnumerable<string?> cells) =>
        text.AppendLine(CultureInfo.InvariantCulture, $"| {name} | {string.Join(" | ", cells.Select(cell => cell ?? ""))} |");

    private static double? Median(IEnumerable<LoadFigures> runs, Func<LoadFigures, double?> value)
    {
        var sorted = runs.Select(value).OfType<double>().Order().ToArray();
        return sorted.Length switch
        {
            0 => null,
            var odd when odd % 2 == 1 => sorted[odd / 2],
            var even => (sorted[even / 2 - 1] + sorted[even / 2]) / 2,
        };
    }
}
