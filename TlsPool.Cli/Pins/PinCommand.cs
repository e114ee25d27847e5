using System.CommandLine;
using TlsPool.Cli.Tunnels;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using Command = System.CommandLine.Command;

namespace TlsPool.Cli.Pins;

/// <summary><c>tlspool pin</c>: enters PINs of tokens for the pool.</summary>
internal static class PinCommand
{
    private const int LongestTimeout = 4294;
    private const int DefaultTimeout = 120;

    private static readonly Option<string?> Socket = TunnelCommand.SocketOption();
    private static readonly Option<bool> Once = new("--once") { Description = "end after one token's PIN; the exit code is 0 if it was given, and not refused by the token" };
    private static readonly Option<string?> AskPass = new("--askpass")
    {
        Description = "run this program for each PIN instead of asking on the terminal: its argument is the question, its first line the PIN; for example systemd-ask-password",
        HelpName = "program",
    };

    private static readonly Option<int> TimeoutSeconds = new("--timeout")
    {
        Description = "seconds to answer in; meanwhile no other program is let in, and what comes later is not used",
        HelpName = "seconds",
        DefaultValueFactory = _ => DefaultTimeout,
    };

    internal static Command Create() =>
        new Command("pin", "enter the PINs of tokens on the terminal, whenever the pool wants one; nothing entered is a refusal") { Once, AskPass, TimeoutSeconds, Socket }
            .Does((result, _) => RunAsync(
                result.GetValue(Socket), result.GetValue(AskPass), result.GetValue(TimeoutSeconds), result.GetValue(Once)));

    /// <summary>What <c>tlspool -p</c> does: one PIN, on the terminal.</summary>
    internal static Task<int> RunOnceAsync() => RunAsync(socket: null, askPass: null, DefaultTimeout, once: true);

    /// <summary>What <c>tlspool -f -p</c> does: PINs are asked for on the terminal as long as the daemon in this process runs.</summary>
    internal static async Task<int> RunBesideAsync(Func<Task<int>> daemon)
    {
        using Terminal terminal = Terminal.TryOpen() ?? throw new CommandException("there is no terminal to ask on: leave -p out and run tlspool pin");
        var client = new TlsPoolClient();
        await using (client.ConfigureAwait(false))
        {
            using var ended = new CancellationTokenSource();
            Task serving = ServeBesideAsync(client, new TerminalPinSource(terminal), ended.Token);
            try
            {
                return await daemon().ConfigureAwait(false);
            }
            finally
            {
                await ended.CancelAsync().ConfigureAwait(false);
                await serving.ConfigureAwait(false);
            }
        }
    }

    private static async Task ServeBesideAsync(TlsPoolClient client, TerminalPinSource source, CancellationToken ended)
    {
        try
        {
            await new PinService(client, source, TimeSpan.FromSeconds(DefaultTimeout), PinServiceLife.Daemons).RunAsync(ended).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is TlsPoolException or IOException or OperationCanceledException)
        {
            if (!ended.IsCancellationRequested)
                source.Say($"no PINs are asked for here any more: {failure.Message}; run tlspool pin");
        }
    }

    private static async Task<int> RunAsync(string? socket, string? askPass, int timeout, bool once)
    {
        if (timeout is < 1 or > LongestTimeout)
            throw new CommandException($"--timeout takes 1 to {LongestTimeout}");
        using Terminal? terminal = askPass is null ? Terminal.TryOpen() : null;
        IPinSource source = askPass is not null ? new AskPassPinSource(askPass)
            : terminal is not null ? new TerminalPinSource(terminal)
            : throw new CommandException("there is no terminal to ask on: use --askpass PROGRAM");
        using var termination = new Termination();
        var client = new TlsPoolClient(new TlsPoolClientOptions { SocketPath = socket });
        await using (client.ConfigureAwait(false))
        {
            try
            {
                bool served = await new PinService(
                    client, source, TimeSpan.FromSeconds(timeout), once ? PinServiceLife.OneToken : PinServiceLife.Own).RunAsync(termination.Token).ConfigureAwait(false);
                return served || !once ? 0 : 1;
            }
            catch (OperationCanceledException) when (termination.Token.IsCancellationRequested)
            {
                return once ? 1 : 0;
            }
            catch (TlsPoolException refused) when (refused.Error == PoolError.PinEntryNotVacant)
            {
                throw new CommandException($"another program serves PINs already: {refused.Message}");
            }
        }
    }
}
