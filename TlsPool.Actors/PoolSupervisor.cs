using Akka.Actor;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Connections;
using TlsPool.Actors.Hosting;
using TlsPool.Actors.Listeners;
using TlsPool.Actors.Sessions;

namespace TlsPool.Actors;

/// <summary>
/// Root of what serves applications: stray-descriptor catcher, session registry, and one listener per socket, from <see cref="Listen"/> on; a
/// successor listens when the daemon before it has stopped. A listener or registry that
/// fails cannot be restarted with the sockets it lost, so the failure goes up and ends the daemon, which its service manager restarts.
/// </summary>
public sealed class PoolSupervisor : UntypedActor
{
    private readonly SessionServices _services;
    private readonly ILogger _log;
    private readonly List<(string Path, IActorRef Actor)> _listeners = [];
    private IActorRef _registry = ActorRefs.Nobody;

    private PoolSupervisor(SessionServices services, ILogger log) => (_services, _log) = (services, log);

    /// <summary>Props of the supervisor.</summary>
    /// <param name="services">What sessions need.</param>
    /// <param name="log">Log of the facility UNIXSOCK.</param>
    public static Props Props(SessionServices services, ILogger log) =>
        ActorFactory<PoolSupervisor>.Props(() => new PoolSupervisor(services, log));

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Escalate);

    /// <inheritdoc/>
    protected override void PreStart()
    {
        Context.ActorOf(Akka.Actor.Props.Create<StrayDescriptorActor>(), "stray-descriptors");
        _registry = Context.ActorOf(SessionRegistry.Props(_services), "sessions");
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Listen listen:
                foreach (ServerSocket socket in listen.Sockets)
                {
                    Props listener = ListenerActor.Props(_services, _registry, _log, socket.Descriptor, socket.Path);
                    _listeners.Add((socket.Path, Context.ActorOf(listener, $"listener-{_listeners.Count}")));
                }
                break;
            case SessionProtocol.Drain drain:
                TellListeners(ListenerActor.StopAccepting.Instance);
                _registry.Forward(drain);
                break;
            case ListenerActor.SetAccepting or ListenerActor.StopAccepting or ConnectionProtocol.Leave:
                TellListeners(message);
                break;
            case MovingConnection moving:
                Adopt(moving);
                break;
            case SessionProtocol.CountSessions or SessionProtocol.EndAll or SessionProtocol.End or SessionProtocol.Release:
                _registry.Forward(message);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void TellListeners(object message)
    {
        foreach ((_, IActorRef listener) in _listeners)
            listener.Tell(message);
    }

    /// <summary>Its socket may be one that the configuration does not name any more.</summary>
    private void Adopt(MovingConnection moving)
    {
        if (_listeners.Find(listener => listener.Path == moving.Path).Actor is { } listener)
            listener.Tell(new ListenerActor.Adopt(moving));
        else
            moving.Socket.Dispose();
    }

    /// <summary>Serve these sockets.</summary>
    /// <param name="Sockets">Listening UNIX sockets, whose descriptors are handed over.</param>
    public sealed record Listen(IReadOnlyList<ServerSocket> Sockets);
}
