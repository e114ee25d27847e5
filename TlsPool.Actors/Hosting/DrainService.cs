using Akka.Actor;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Hosting.Succession;
using TlsPool.Actors.Logging;
using TlsPool.Actors.Sessions;

namespace TlsPool.Actors.Hosting;

/// <summary>
/// Ends the daemon in order: gives up PID file and sockets at once, so that a successor can take over, lets sessions end for a bounded
/// time, and closes what is left with close_notify.
/// </summary>
internal sealed class DrainService(
    PoolActors actors,
    ReloadService reload,
    HandOverService handOver,
    IReadOnlyList<ServerSocket> sockets,
    PidFile? pidFile,
    ServiceNotifier manager,
    ILoggerFactory loggers) : IHostedService, IDisposable
{
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(5);

    private readonly ILogger _log = loggers.CreateLogger(LogFacility.Daemon);
    private readonly CancellationTokenSource _hurry = new();

    /// <summary>Cuts the wait for sessions short.</summary>
    internal void Hurry() => _hurry.Cancel();

    public void Dispose() => _hurry.Dispose();

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // What it has handed over is not this process's to give up.
        await handOver.FinishAsync().ConfigureAwait(false);
        manager.Stopping();
        foreach (ServerSocket socket in sockets)
            socket.RemoveFile();
        TimeSpan limit = reload.Current.DrainTimeout;
        Task<SessionProtocol.Drained> drained = actors.Supervisor.Ask<SessionProtocol.Drained>(
            SessionProtocol.Drain.Instance, CancellationToken.None);
        pidFile?.Dispose();
        Task<SessionProtocol.SessionCount> count = actors.Supervisor.Ask<SessionProtocol.SessionCount>(
            SessionProtocol.CountSessions.Instance, LastWords, CancellationToken.None);
        if (!await EndsBefore(count, CancellationToken.None).ConfigureAwait(false))
        {
            // What failed has taken its sessions with it.
            return;
        }
        int sessions = (await count.ConfigureAwait(false)).Sessions;
        if (sessions > 0)
            _log.LogInformation(
                "ending: {Sessions} sessions have {Limit} s to end; a second signal cuts that short", sessions, limit.TotalSeconds);
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(_hurry.Token, cancellationToken);
        wait.CancelAfter(limit);
        if (await EndsBefore(drained, wait.Token).ConfigureAwait(false))
            return;
        _log.LogWarning("closing the sessions that are left");
        actors.Supervisor.Tell(SessionProtocol.EndAll.Instance);
        using var last = new CancellationTokenSource(LastWords);
        if (!await EndsBefore(drained, last.Token).ConfigureAwait(false))
            _log.LogWarning("sessions remain whose peers take no more data: they are cut off");
    }

    private static async Task<bool> EndsBefore(Task task, CancellationToken limit)
    {
        await task.WaitAsync(limit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return task.IsCompletedSuccessfully;
    }
}
