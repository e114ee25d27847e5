using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace TlsPool.Actors.Hosting;

/// <summary>Watches the actors that the daemon cannot do without: when one has ended, so has the daemon.</summary>
internal sealed class LifelineActor : UntypedActor
{
    private readonly IReadOnlyList<IActorRef> _vital;
    private readonly ILogger _log;
    private readonly CancellationToken _ending;
    private readonly Action _end;

    private LifelineActor(IReadOnlyList<IActorRef> vital, ILogger log, Action end, CancellationToken ending) =>
        (_vital, _log, _end, _ending) = (vital, log, end, ending);

    /// <summary>Props of the watcher.</summary>
    /// <param name="vital">Whom to watch.</param>
    /// <param name="log">Log of the facility DAEMON.</param>
    /// <param name="end">Ends the daemon as failed.</param>
    /// <param name="ending">Set once the daemon ends anyway, and its actors with it.</param>
    internal static Props Props(IReadOnlyList<IActorRef> vital, ILogger log, Action end, CancellationToken ending) =>
        ActorFactory<LifelineActor>.Props(() => new LifelineActor(vital, log, end, ending));

    protected override void PreStart()
    {
        foreach (IActorRef actor in _vital)
            Context.Watch(actor);
    }

    protected override void OnReceive(object message)
    {
        if (message is not Terminated terminated)
        {
            Unhandled(message);
            return;
        }
        if (_ending.IsCancellationRequested)
            return;
        _log.LogCritical("{Actor} has failed and cannot be restarted: the daemon ends, for its service manager to start it afresh", terminated.ActorRef.Path);
        _end();
    }
}
