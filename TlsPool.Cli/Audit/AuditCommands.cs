using System.CommandLine;
using System.Globalization;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Management.Views;
using TlsPool.Cli.Stores;
using Command = System.CommandLine.Command;

namespace TlsPool.Cli.Audit;

/// <summary><c>tlspool audit</c>: what was decided for whom, and why.</summary>
internal static class AuditCommands
{
    private const int PageSize = 1000;

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);

    internal static Command Create() => new("audit", "the audit trail: what was decided for whom, and why") { CreateTail(), CreateQuery() };

    private static Command CreateTail()
    {
        var lines = new Option<int>("--lines", "-n") { Description = "how many of the latest decisions to show", HelpName = "number", DefaultValueFactory = _ => 20 };
        var follow = new Option<bool>("--follow", "-f") { Description = "go on with new ones as they come, until interrupted" };
        Option<bool> json = JsonOption();
        var command = new Command("tail", "the latest decisions, oldest first") { lines, follow, json };
        AuditFilterOptions options = new AuditFilterOptions().AddTo(command);
        AuditTrailOptions trails = new AuditTrailOptions().AddTo(command);
        StoreOptions stores = new StoreOptions().AddTo(command);
        return command.Does(async (result, _) =>
        {
            int limit = result.GetValue(lines);
            if (limit < 0)
                throw new CommandException("--lines takes a number from 0");
            AuditFilter wanted = options.Read(result, DateTimeOffset.UtcNow);
            using PoolStoreAccess access = stores.Open(result);
            (IAuditReader trail, AuditFilter filter) = trails.Open(result, access, wanted);
            using var termination = new Termination();
            long last = trail.LastId();
            IReadOnlyList<AuditRecord> latest = trail.Latest(filter, limit);
            Write(latest, result.GetValue(json));
            last = Math.Max(last, latest.Count > 0 ? latest[^1].Id : 0);
            while (result.GetValue(follow) && !termination.Token.IsCancellationRequested)
            {
                long end = trail.LastId();
                last = WriteAll(trail, filter with { After = last }, result.GetValue(json), long.MaxValue);
                last = Math.Max(last, end);
                await Task.Delay(LookInterval, termination.Token).ContinueWith(_ => { }, TaskScheduler.Default).ConfigureAwait(false);
            }
            return 0;
        });
    }

    private static Command CreateQuery()
    {
        var limit = new Option<long>("--limit") { Description = "stop after so many", HelpName = "number", DefaultValueFactory = _ => long.MaxValue };
        Option<bool> json = JsonOption();
        var command = new Command("query", "all decisions that pass the filters, oldest first; the exit code is 0 also if there is none") { limit, json };
        AuditFilterOptions options = new AuditFilterOptions().AddTo(command);
        AuditTrailOptions trails = new AuditTrailOptions().AddTo(command);
        StoreOptions stores = new StoreOptions().AddTo(command);
        return command.Does(result =>
        {
            AuditFilter wanted = options.Read(result, DateTimeOffset.UtcNow);
            using PoolStoreAccess access = stores.Open(result);
            (IAuditReader trail, AuditFilter filter) = trails.Open(result, access, wanted);
            WriteAll(trail, filter, result.GetValue(json), result.GetValue(limit));
            return 0;
        });
    }

    private static Option<bool> JsonOption() => new("--json") { Description = "write one JSON object per line" };

    /// <summary>Writes page by page, so that a long trail needs little memory and holds up nobody; returns the number of the last one.</summary>
    private static long WriteAll(IAuditReader trail, AuditFilter filter, bool json, long limit)
    {
        while (limit > 0)
        {
            int wanted = (int)Math.Min(limit, PageSize);
            IReadOnlyList<AuditRecord> page = trail.Next(filter, wanted);
            Write(page, json);
            if (page.Count > 0)
                filter = filter with { After = page[^1].Id };
            if (page.Count < wanted)
                break;
            limit -= page.Count;
        }
        return filter.After;
    }

    private static void Write(IReadOnlyList<AuditRecord> records, bool json)
    {
        foreach (AuditRecord record in records)
            Console.WriteLine(json ? Json.Line(AuditView.Of(record)) : TerminalText.Printable(Line(record)));
    }

    private static string Line(AuditRecord record)
    {
        AuditView view = AuditView.Of(record);
        string node = view.Node is null ? "" : $"{view.Node} ";
        string who = view.Uid is null ? "" : string.Create(CultureInfo.InvariantCulture, $" uid {view.Uid} pid {view.Pid} {view.Executable}").TrimEnd();
        string session = view.Session is null ? "" : string.Create(CultureInfo.InvariantCulture, $" session {view.Session}");
        string identities = (view.LocalId, view.RemoteId) is (null, null) ? "" : $" {view.LocalId ?? "-"} with {view.RemoteId ?? "-"}";
        string use = view.Use is null ? "" : $" ({view.Use})";
        string key = (view.Key ?? view.Token) is { } uri ? $" [{uri}]" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{record.Time:yyyy-MM-dd HH:mm:ss.fff}Z {node}{view.Kind} {view.Decision}{session}{who}{identities}{use}: {view.Reason}{key}");
    }
}
