using Akka.Actor;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Connections;
using TlsPool.Actors.Hosting;
using TlsPool.Actors.Listeners;
using TlsPool.Actors.Sessions;

namespace TlsPool.Actors;

/// <summary>
/// Root of what serves applications: stray-descriptor catcher, session registry, and one listener per socket. A listener or registry that
/// fails cannot be restarted with the sockets it lost, so the failure goes up and ends the daemon, which its service manager restarts.
/// </summary>
public sealed class PoolSupervisor : UntypedActor
{
    private readonly SessionServices _services;
    private readonly ILogger _log;
    private readonly IReadOnlyList<ServerSocket> _sockets;
    private readonly List<IActorRef> _listeners = [];
    private IActorRef _registry = ActorRefs.Nobody;

    private PoolSupervisor(SessionServices services, ILogger log, IReadOnlyList<ServerSocket> sockets) =>
        (_services, _log, _sockets) = (services, log, sockets);

    /// <summary>Props of the supervisor.</summary>
    /// <param name="services">What sessions need.</param>
    /// <param name="log">Log of the facility UNIXSOCK.</param>
    /// <param name="sockets">Listening UNIX sockets, whose descriptors are handed over.</param>
    public static Props Props(SessionServices services, ILogger log, IReadOnlyList<ServerSocket> sockets) =>
        ActorFactory<PoolSupervisor>.Props(() => new PoolSupervisor(services, log, sockets));

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Escalate);

    /// <inheritdoc/>
    protected override void PreStart()
    {
        Context.ActorOf(Akka.Actor.Props.Create<StrayDescriptorActor>(), "stray-descriptors");
        _registry = Context.ActorOf(SessionRegistry.Props(_services), "sessions");
        for (int i = 0; i < _sockets.Count; i++)
            _listeners.Add(Context.ActorOf(ListenerActor.Props(_services, _registry, _log, _sockets[i].Descriptor, _sockets[i].Path), $"listener-{i}"));
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case SessionProtocol.Drain drain:
                foreach (IActorRef listener in _listeners)
                    listener.Tell(ListenerActor.StopAccepting.Instance);
                _registry.Forward(drain);
                break;
            case SessionProtocol.CountSessions or SessionProtocol.EndAll or SessionProtocol.End or SessionProtocol.Release:
                _registry.Forward(message);
                break;
            default:
                Unhandled(message);
                break;
        }
    }
}
