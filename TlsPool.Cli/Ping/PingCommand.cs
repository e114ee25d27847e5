using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using TlsPool.Cli.Tunnels;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using Command = System.CommandLine.Command;

namespace TlsPool.Cli.Ping;

/// <summary><c>tlspool ping</c>: is there a pool, and what can it do?</summary>
internal static class PingCommand
{
    private const int MaxSeconds = 3600;

    private static readonly Option<string?> Socket = TunnelCommand.SocketOption();
    private static readonly Option<bool> AsJson = Json.Option();
    private static readonly Option<int> TimeoutSeconds = new("--timeout")
    {
        Description = "seconds to wait for the answer",
        HelpName = "seconds",
        DefaultValueFactory = _ => 5,
    };

    internal static Command Create() =>
        new Command("ping", "ask the pool whether it is there; the exit code is 0 if it answers") { Socket, TimeoutSeconds, AsJson }.Does(RunAsync);

    private static async Task<int> RunAsync(ParseResult result, CancellationToken cancellation)
    {
        int seconds = result.GetValue(TimeoutSeconds);
        if (seconds is < 1 or > MaxSeconds)
            throw new CommandException($"--timeout takes 1 to {MaxSeconds}");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(seconds));
        var client = new TlsPoolClient(new TlsPoolClientOptions { SocketPath = result.GetValue(Socket) });
        await using (client.ConfigureAwait(false))
        {
            long start = Stopwatch.GetTimestamp();
            PingMessage answer = await AskAsync(client, seconds, limit.Token).ConfigureAwait(false);
            double milliseconds = Math.Round(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 1);
            string[] facilities = [.. Enum.GetValues<Facilities>()
                .Where(one => BitsAreOne(one) && (answer.Facilities & one) != 0).Distinct().Select(one => one.ToString().ToLowerInvariant())];
            if (result.GetValue(AsJson))
                Json.Write(new { Socket = client.SocketPath, Protocol = answer.Producer, Facilities = facilities, Milliseconds = milliseconds });
            else
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{client.SocketPath}: {answer.Producer}, {string.Join(' ', facilities)}, {milliseconds} ms"));
        }
        return 0;
    }

    private static async Task<PingMessage> AskAsync(TlsPoolClient client, int seconds, CancellationToken limit)
    {
        try
        {
            return await client.PingAsync(cancellation: limit).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw new CommandException($"{client.SocketPath}: no answer within {seconds} seconds");
        }
    }

    private static bool BitsAreOne(Facilities one) => int.PopCount((int)one) == 1;
}
