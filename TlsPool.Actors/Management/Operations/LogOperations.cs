using Microsoft.Extensions.Logging;
using TlsPool.Actors.Logging;
using TlsPool.Actors.Management.Access;
using TlsPool.Actors.Management.Views;

namespace TlsPool.Actors.Management.Operations;

/// <summary>The log: its last lines, and its level.</summary>
internal static class LogOperations
{
    private static readonly Dictionary<string, LogLevel> Levels = new[] { LogLevel.Debug, LogLevel.Information, LogLevel.Warning, LogLevel.Error, LogLevel.Critical }
        .ToDictionary(LogBook.LevelName, StringComparer.Ordinal);

    internal static IReadOnlyList<Operation> All { get; } =
    [
        new("log.list", ManagementRole.Viewer, "the last lines of the log, newest first", ManagementJson.Of<Page<LogView>>())
        {
            Scope = OperationScope.AllNodes,
            Parameters =
            [
                new("level", ParameterKind.Text, "of this level and above") { Choices = [.. Levels.Keys] },
                new("facility", ParameterKind.Text, "of this part of the daemon"),
                new("text", ParameterKind.Text, "with this in them, in whatever case"),
                Paging.LimitParameter,
                Paging.AfterParameter,
            ],
            Run = List,
            Merge = (pages, call) => call.Paging.Merge([.. pages.Cast<Page<LogView>>()], KeyOf),
        },
        new("log.level", ManagementRole.Operator, "change the level of the log, until the configuration is read again", ManagementJson.Of<Done>())
        {
            Parameters = [new("level", ParameterKind.Text, "lowest level that is logged") { IsRequired = true, Choices = [.. Levels.Keys] }],
            IsChange = true,
            Run = call =>
            {
                string level = call.Arguments.Needed("level");
                call.Services.LogRules.Change(Levels[level]);
                return new Done(call.Node, $"the log has level {level}, until the configuration is read again", []);
            },
        },
    ];

    private static Page<LogView> List(OperationCall call)
    {
        LogLevel least = call.Arguments.Text("level") is { } level ? Levels[level] : LogLevel.Trace;
        string? facility = call.Arguments.Text("facility");
        string? text = call.Arguments.Text("text");
        IEnumerable<LogView> passing = call.Services.Log.Lines()
            .Where(entry => entry.Line.Level >= least
                && (facility is null || entry.Line.Facility.Equals(facility, StringComparison.OrdinalIgnoreCase))
                && (text is null || entry.Line.Text.Contains(text, StringComparison.OrdinalIgnoreCase)))
            .Select(entry => new LogView(call.Node, entry.Number, entry.Line.Time, entry.Level, entry.Line.Facility, entry.Line.Text));
        return call.Paging.Take(passing, KeyOf, view => view);
    }

    private static RowKey KeyOf(LogView view) => new(-view.Time.UtcTicks, "", view.Node, -view.Number);
}
