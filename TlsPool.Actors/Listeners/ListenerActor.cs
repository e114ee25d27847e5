using Akka.Actor;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Connections;
using TlsPool.Actors.Dispatch;
using TlsPool.Actors.Sessions;
using TlsPool.Protocol.IO;

namespace TlsPool.Actors.Listeners;

/// <summary>
/// One listening UNIX socket. Accepted connections become <see cref="ConnectionActor"/> children; one that fails is stopped, and with it
/// the sessions that it controls.
/// </summary>
public sealed class ListenerActor : UntypedActor
{
    private readonly SessionServices _services;
    private readonly IActorRef _registry;
    private readonly ILogger _log;
    private readonly SafeDescriptor _socket;
    private readonly string _path;
    private SocketListener? _listener;
    private int _connections;

    private ListenerActor(SessionServices services, IActorRef registry, ILogger log, SafeDescriptor socket, string path) =>
        (_services, _registry, _log, _socket, _path) = (services, registry, log, socket, path);

    /// <summary>Props of a listener.</summary>
    /// <param name="services">What sessions need.</param>
    /// <param name="registry">The <see cref="SessionRegistry"/>.</param>
    /// <param name="log">Log of the facility UNIXSOCK.</param>
    /// <param name="socket">A listening UNIX stream socket, handed over.</param>
    /// <param name="path">Its path; empty if it has none.</param>
    public static Props Props(SessionServices services, IActorRef registry, ILogger log, SafeDescriptor socket, string path) =>
        ActorFactory<ListenerActor>.Props(() => new ListenerActor(services, registry, log, socket, path)).WithDispatcher(LoopDispatcher.Name);

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => Akka.Actor.SupervisorStrategy.StoppingStrategy;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        IActorRef self = Self;
        _listener = SocketListener.Start(
            _services.Loops.Next(),
            _socket,
            accepted => self.Tell(new Accepted(accepted), ActorRefs.NoSender));
    }

    /// <inheritdoc/>
    protected override void PostStop() => _listener?.Close();

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Accepted accepted when _connections >= _services.Policy.MaxConnections:
                _log.LogWarning("refused a connection: {Limit} are open; raise max_connections if they are wanted", _connections);
                accepted.Socket.Dispose();
                break;
            case Accepted accepted:
                Serve(accepted.Socket);
                break;
            case Adopt adopted:
                // It was let in before.
                Serve(adopted.Connection.Socket);
                break;
            case Terminated:
                _connections--;
                break;
            case ConnectionProtocol.Leave:
                foreach (IActorRef connection in Context.GetChildren())
                    connection.Tell(message);
                break;
            case SetAccepting change:
                _listener?.SetAccepting(change.Accepting);
                break;
            case StopAccepting:
                _listener?.Close();
                _listener = null;
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Serve(SafeDescriptor socket)
    {
        _connections++;
        Context.Watch(Context.ActorOf(ConnectionActor.Props(_services, _registry, _log, socket, _path)));
    }

    /// <summary>Closes the listening socket; connections go on.</summary>
    public sealed record StopAccepting
    {
        /// <summary>The one instance.</summary>
        public static StopAccepting Instance { get; } = new();
    }

    /// <summary>Leaves new connections in the kernel's queue, or takes them again.</summary>
    internal sealed record SetAccepting(bool Accepting);

    /// <summary>Serves a connection that came through this socket to the daemon before this one.</summary>
    internal sealed record Adopt(MovingConnection Connection) : ICarriesDescriptor
    {
        SafeDescriptor? ICarriesDescriptor.Descriptor => Connection.Socket;
    }

    private sealed record Accepted(SafeDescriptor Socket) : ICarriesDescriptor
    {
        SafeDescriptor? ICarriesDescriptor.Descriptor => Socket;
    }
}
