using System.Threading.Channels;
using Akka.Actor;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Connections;
using TlsPool.Actors.Sessions;
using TlsPool.Protocol.Transport;

namespace TlsPool.Actors.Hosting.Succession;

/// <summary>
/// What is left to do for a daemon that has a successor: its sessions go on until they end, and so do the connections that have to do with
/// them. A connection without any goes to the successor.
/// </summary>
internal sealed class Retirement(PoolActors actors, ReloadService reload, DescriptorChannel successor, ILogger log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(30);

    /// <summary>Looks without a session before the end: time for the connections to go.</summary>
    private const int LastLooks = 4;

    private readonly Channel<MovingConnection> _moving = Channel.CreateUnbounded<MovingConnection>();

    /// <summary>Completes when there is nothing left to do, or the time for it is over.</summary>
    internal async Task RunAsync(CancellationToken ending)
    {
        Task sending = SendAsync(ending);
        int sessions = await SessionsAsync().ConfigureAwait(false);
        log.LogInformation("handed over: this process ends after its {Sessions} sessions", sessions);
        long start = TimeProvider.System.GetTimestamp();
        for (int looks = 0; looks < LastLooks && !ending.IsCancellationRequested;)
        {
            TimeSpan limit = reload.Current.HandOverTimeout;
            if (limit > TimeSpan.Zero && TimeProvider.System.GetElapsedTime(start) > limit)
                break;
            actors.Supervisor.Tell(new ConnectionProtocol.Leave(_moving.Writer));
            sessions = await SessionsAsync().ConfigureAwait(false);
            looks = sessions == 0 ? looks + 1 : 0;
            await Task.Delay(Interval, ending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        _moving.Writer.TryComplete();
        await sending.ConfigureAwait(false);
    }

    private async Task SendAsync(CancellationToken ending)
    {
        await foreach (MovingConnection connection in _moving.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
        {
            using (connection.Socket)
            {
                try
                {
                    await successor.SendAsync(SuccessionProtocol.Connection, connection.Path, connection.Socket, ending).ConfigureAwait(false);
                }
                catch (Exception gone) when (gone is IOException or OperationCanceledException)
                {
                    log.LogDebug("a connection was closed instead of handed over: {Reason}", gone.Message);
                }
            }
        }
    }

    /// <summary>What failed has taken its sessions with it.</summary>
    private async Task<int> SessionsAsync()
    {
        Task<SessionProtocol.SessionCount> count = actors.Supervisor.Ask<SessionProtocol.SessionCount>(SessionProtocol.CountSessions.Instance, AnswerTime);
        await ((Task)count).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return count.IsCompletedSuccessfully ? (await count.ConfigureAwait(false)).Sessions : 0;
    }
}
