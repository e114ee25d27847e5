using Akka.Actor;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Logging;
using TlsPool.Actors.Sessions;
using TlsPool.Protocol.IO;

namespace TlsPool.Actors.Hosting;

/// <summary>
/// Says when the daemon serves, and goes on saying that it is alive: only after actors and every event loop have answered, since a process
/// that merely exists serves nobody.
/// </summary>
internal sealed class WatchdogService(PoolActors actors, EventLoopGroup loops, ServiceNotifier manager, ILoggerFactory loggers) : BackgroundService
{
    private readonly ILogger _log = loggers.CreateLogger(LogFacility.Daemon);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
        manager.Ready();
        Background.Settle();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (manager.WatchdogInterval is not { } interval)
            return;
        using var timer = new PeriodicTimer(interval / 3);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            if (await Answers(interval / 3).ConfigureAwait(false))
                manager.Alive();
            else
                _log.LogError("actors or event loops do not answer: the service manager is not told that the daemon is alive");
        }
    }

    private async Task<bool> Answers(TimeSpan limit)
    {
        Task[] answers = [Registry(limit), .. loops.All.Select(loop => Loop(loop, limit))];
        Task all = Task.WhenAll(answers);
        await all.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return all.IsCompletedSuccessfully;
    }

    private Task<SessionProtocol.SessionCount> Registry(TimeSpan limit) =>
        actors.Supervisor.Ask<SessionProtocol.SessionCount>(SessionProtocol.CountSessions.Instance, limit);

    private static Task Loop(EventLoop loop, TimeSpan limit)
    {
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(_ => answered.TrySetResult());
        return answered.Task.WaitAsync(limit);
    }
}
