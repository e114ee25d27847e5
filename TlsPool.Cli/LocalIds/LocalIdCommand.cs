using System.CommandLine;
using TlsPool.Cli.Identities;
using TlsPool.Cli.Pins;
using TlsPool.Cli.Tunnels;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using Command = System.CommandLine.Command;

namespace TlsPool.Cli.LocalIds;

/// <summary><c>tlspool localid</c>: chooses whom the pool's clients are.</summary>
internal static class LocalIdCommand
{
    private const int LongestTimeout = 3600;
    private const int DefaultTimeout = 60;

    private static readonly Dictionary<string, LidEntryFlags> Nearness = new()
    {
        ["never"] = LidEntryFlags.None,
        ["exact"] = LidEntryFlags.SkipUser,
        ["domain"] = LidEntryFlags.SkipDomainSame,
        ["oneup"] = LidEntryFlags.SkipDomainOneUp,
        ["sub"] = LidEntryFlags.SkipDomainSub,
        ["notroot"] = LidEntryFlags.SkipNotRoot,
        ["always"] = LidEntryFlags.SkipDbEntry,
    };

    private static readonly Argument<string[]> Offered = new("identity")
    {
        Description = "local identities to offer beside those that are stored and suggested",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<AutoPolicy?> Auto = new("--auto")
    {
        Description = "decide without a terminal: first (stored, suggested, offered), only (if there is one only), rule (what the disclosure rules say), "
            + "none (show nobody), refuse; what a policy has no answer to is refused",
        HelpName = "policy",
    };

    private static readonly Option<string> Skip = new("--skip")
    {
        Description = "stored choices that are used without asking: never, exact (for that remote identity), domain, oneup, sub (not for a whole "
            + "top-level domain), notroot, always",
        HelpName = "which",
        DefaultValueFactory = _ => "sub",
    };

    private static readonly Option<int> TimeoutSeconds = new("--timeout")
    {
        Description = "seconds to answer in; meanwhile no other program is let in",
        HelpName = "seconds",
        DefaultValueFactory = _ => DefaultTimeout,
    };

    private static readonly Option<bool> Once = new("--once") { Description = "end after one session; the exit code is 0 if it was not refused" };
    private static readonly Option<bool> AsJson = new("--json") { Description = "write a line of JSON per event to standard output" };
    private static readonly Option<string?> Socket = TunnelCommand.SocketOption();

    internal static Command Create()
    {
        Skip.AcceptOnlyFromAmong([.. Nearness.Keys]);
        return new Command("localid", "choose which local identity clients show, whenever the pool wants to know") { Offered, Auto, Skip, TimeoutSeconds, Once, AsJson, Socket }
            .Does((result, _) => RunAsync(result));
    }

    private static async Task<int> RunAsync(ParseResult result)
    {
        int seconds = result.GetValue(TimeoutSeconds);
        if (seconds is < 1 or > LongestTimeout)
            throw new CommandException($"--timeout takes 1 to {LongestTimeout}");
        string[] offered = [.. (result.GetValue(Offered) ?? []).Select(text => IdentityCommands.ParseIdentity(text).ToString())];
        AutoPolicy? auto = result.GetValue(Auto);
        using Terminal? terminal = auto is null ? Terminal.TryOpen() : null;
        ILocalIdPicker picker = auto is { } policy ? new AutoPicker(policy, offered)
            : terminal is not null ? new TerminalPicker(terminal, offered)
            : throw new CommandException("there is no terminal to ask on: use --auto POLICY");
        bool once = result.GetValue(Once);
        using var termination = new Termination();
        var client = new TlsPoolClient(new TlsPoolClientOptions { SocketPath = result.GetValue(Socket) });
        await using (client.ConfigureAwait(false))
        {
            var service = new LocalIdService(
                client,
                picker,
                new LocalIdLog(result.GetValue(AsJson), quiet: auto is null),
                LidEntryFlags.WantDbEntry | Nearness[result.GetValue(Skip)!],
                TimeSpan.FromSeconds(seconds),
                once);
            try
            {
                bool chosen = await service.RunAsync(termination.Token).ConfigureAwait(false);
                return chosen || !once ? 0 : 1;
            }
            catch (OperationCanceledException) when (termination.Token.IsCancellationRequested)
            {
                return once ? 1 : 0;
            }
            catch (TlsPoolException refused) when (refused.Error == PoolError.LidEntryNotVacant)
            {
                throw new CommandException($"this program may not choose local identities now: {refused.Message}");
            }
        }
    }
}
