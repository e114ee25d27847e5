using Akka.Actor;
using TlsPool.Actors.Dispatch;
using TlsPool.Protocol.Frames;
using static TlsPool.Actors.Sessions.SessionProtocol;

namespace TlsPool.Actors.Sessions;

/// <summary>
/// Parent of all sessions, and the authority on which control key belongs to which session and who controls it
/// (behaviour.md, "CONTROL_DETACH, CONTROL_REATTACH"). A session that fails is stopped, never restarted: its sockets are spent.
/// </summary>
public sealed class SessionRegistry : UntypedActor
{
    private readonly SessionServices _services;
    private readonly Props _sessions;
    private readonly Dictionary<ControlKey, Entry> _byKey = [];
    private readonly Dictionary<IActorRef, Entry> _bySession = [];
    private IActorRef? _drainer;
    private long _lastNumber;

    private SessionRegistry(SessionServices services)
    {
        _services = services;
        _sessions = SessionActor.Props(services);
    }

    /// <summary>Props of the registry.</summary>
    public static Props Props(SessionServices services) => ActorFactory<SessionRegistry>.Props(() => new SessionRegistry(services)).WithDispatcher(LoopDispatcher.Name);

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => Akka.Actor.SupervisorStrategy.StoppingStrategy;

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Open open:
                Start(open);
                break;
            case Negotiated negotiated:
                if (_bySession.TryGetValue(negotiated.Session, out Entry? shaken))
                    shaken.Parameters = negotiated.Parameters;
                break;
            case Established established:
                if (_bySession.TryGetValue(established.Session, out Entry? ready))
                    ready.IsEstablished = true;
                established.Connection.Tell(established);
                break;
            case Closed closed:
                Forget(closed);
                break;
            case ControllerDied died:
                if (_bySession.TryGetValue(died.Session, out Entry? entry) && died.Connection.Equals(entry.Controller))
                {
                    entry.Controller = null;
                    died.Session.Tell(Orphaned.Instance);
                }
                break;
            case Detach detach:
                Sender.Tell(Answer(detach));
                break;
            case Reattach reattach:
                Sender.Tell(Answer(reattach));
                break;
            case AskParameters ask:
                Sender.Tell(Answer(ask));
                break;
            case Renew renew:
                Pass(renew);
                break;
            case RenewalDone done:
                if (_bySession.TryGetValue(done.Session, out Entry? renewed))
                    renewed.Renewal = null;
                done.Connection.Tell(done);
                break;
            case CountSessions:
                Sender.Tell(new SessionCount(_bySession.Count));
                break;
            case EndAll:
                foreach (IActorRef session in _bySession.Keys)
                    session.Tell(message);
                break;
            case Drain:
                _drainer = Sender;
                TellDrained();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Start(Open open)
    {
        ControlKey key = open.Request.Message.ControlKey;
        PoolFault? fault =
            _drainer is not null ? new PoolFault(PoolError.ConnectionHandlerSetup, "the pool is shutting down: connect again to its successor")
            : !key.IsZero && _byKey.ContainsKey(key) ? new PoolFault(PoolError.ControlKeyRegistrationFailed)
            : null;
        if (fault is not null)
        {
            open.Ciphertext.Dispose();
            open.Connection.Tell(new Closed(ActorRefs.Nobody, open.Connection, open.Request.RequestId, fault));
            return;
        }
        IActorRef session = Context.ActorOf(_sessions);
        var entry = new Entry(session, key) { Controller = open.Request.Detach ? null : open.Connection };
        _bySession.Add(session, entry);
        if (!key.IsZero)
            _byKey.Add(key, entry);
        session.Tell(new Begin(open.Request, open.Ciphertext, open.Connection, ++_lastNumber));
    }

    private void Forget(Closed closed)
    {
        if (_bySession.Remove(closed.Session, out Entry? entry) && !entry.Key.IsZero)
            _byKey.Remove(entry.Key);
        // The word of it may have come too late for the session to answer.
        if (entry?.Renewal is { } renewal)
            Refuse(renewal, PoolError.RenegotiateNotInterruptable, closed.Session);
        closed.Connection?.Tell(closed);
        TellDrained();
    }

    private ControlDone Answer(Detach request)
    {
        if (!_byKey.TryGetValue(request.Key, out Entry? entry) || !entry.IsEstablished)
            return Refuse(request.RequestId, PoolError.ControlKeyNotFound);
        if (entry.Controller is null)
            return Refuse(request.RequestId, PoolError.ControlKeyDetached);
        if (!entry.Controller.Equals(request.Connection))
            return Refuse(request.RequestId, PoolError.ControlKeyNotYours);
        entry.Controller = null;
        entry.Session.Tell(new ControllerChanged(null));
        return new ControlDone(request.RequestId, Fault: null);
    }

    private ControlDone Answer(Reattach request)
    {
        if (!_byKey.TryGetValue(request.Key, out Entry? entry) || !entry.IsEstablished)
            return Refuse(request.RequestId, PoolError.ControlKeyNotFound);
        if (entry.Controller is not null)
            return Refuse(request.RequestId, PoolError.ControlKeyAttached);
        entry.Controller = request.Connection;
        entry.Session.Tell(new ControllerChanged(request.Connection));
        return new ControlDone(request.RequestId, Fault: null);
    }

    private void Pass(Renew renew)
    {
        PoolError? error =
            !_byKey.TryGetValue(renew.Order.Message.ControlKey, out Entry? entry) ? PoolError.RenegotiateNotFound
            : !renew.Connection.Equals(entry.Controller) ? (entry.Controller is null ? PoolError.ControlKeyDetached : PoolError.ControlKeyNotYours)
            : !entry.IsEstablished || entry.Renewal is not null ? PoolError.RenegotiateNotInterruptable
            : null;
        if (error is { } refused)
        {
            Refuse(renew, refused, ActorRefs.Nobody);
            return;
        }
        entry!.Renewal = renew;
        entry.Session.Tell(renew);
    }

    private static void Refuse(Renew renew, PoolError error, IActorRef session) =>
        renew.Connection.Tell(new RenewalDone(session, renew.Connection, renew.Order.RequestId, new PoolFault(error), Message: null));

    private ControlDone Answer(AskParameters request)
    {
        if (!_byKey.TryGetValue(request.Key, out Entry? entry) || entry.Parameters is not { } parameters)
            return Refuse(request.RequestId, PoolError.ControlKeyNotFound);
        return request.Connection.Equals(entry.Controller)
            ? new ControlDone(request.RequestId, Fault: null, parameters.ToInfo(request.Key))
            : Refuse(request.RequestId, entry.Controller is null ? PoolError.ControlKeyDetached : PoolError.ControlKeyNotYours);
    }

    private static ControlDone Refuse(ushort requestId, PoolError error) =>
        new(requestId, new PoolFault(error));

    private void TellDrained()
    {
        if (_drainer is not null && _bySession.Count == 0)
            _drainer.Tell(Drained.Instance);
    }

    private sealed class Entry(IActorRef session, ControlKey key)
    {
        internal IActorRef Session { get; } = session;

        internal ControlKey Key { get; } = key;

        /// <summary>Control can only change hands once setup has succeeded.</summary>
        internal bool IsEstablished { get; set; }

        /// <summary>Set once the handshake is done.</summary>
        internal SessionParameters? Parameters { get; set; }

        /// <summary>The renewal that the session is at, as far as an application waits for it.</summary>
        internal Renew? Renewal { get; set; }

        /// <summary>The connection that controls the session, or null while it is detached.</summary>
        internal IActorRef? Controller { get; set; }
    }
}
