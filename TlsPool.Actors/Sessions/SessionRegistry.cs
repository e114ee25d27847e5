using Akka.Actor;
using TlsPool.Actors.Dispatch;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.IO;
using static TlsPool.Actors.Sessions.SessionProtocol;

namespace TlsPool.Actors.Sessions;

/// <summary>
/// Parent of all sessions, and the authority on which control key belongs to which session and who controls it
/// (behaviour.md, "CONTROL_DETACH, CONTROL_REATTACH"). A session that fails is stopped, never restarted: its sockets are spent.
/// </summary>
public sealed partial class SessionRegistry : UntypedActor
{
    private readonly SessionServices _services;
    private readonly Props _sessions;
    private readonly Dictionary<ControlKey, SessionEntry> _byKey = [];
    private readonly Dictionary<IActorRef, SessionEntry> _bySession = [];
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
                if (_bySession.TryGetValue(negotiated.Session, out SessionEntry? shaken))
                    shaken.Negotiated = negotiated.Outcome;
                break;
            case Established established:
                if (_bySession.TryGetValue(established.Session, out SessionEntry? ready))
                    Settle(ready);
                established.Connection.Tell(established);
                break;
            case Closed closed:
                Forget(closed);
                break;
            case ControllerDied died:
                if (_bySession.TryGetValue(died.Session, out SessionEntry? entry) && died.Connection.Equals(entry.Controller))
                {
                    entry.Controller = null;
                    // One that is about to end is nobody's to take.
                    entry.IsEnding = !entry.IsForked;
                    died.Session.Tell(Orphaned.Instance);
                }
                break;
            case Detach detach:
                Sender.Tell(Answer(detach));
                break;
            case Reattach reattach:
                Sender.Tell(Answer(reattach));
                break;
            case AskFact question:
                Pass(question);
                break;
            case FactFound found:
                Conclude(found);
                break;
            case Renew renew:
                Pass(renew);
                break;
            case RenewalDone done:
                if (_bySession.TryGetValue(done.Session, out SessionEntry? renewed))
                    renewed.Renewal = null;
                done.Connection.Tell(done);
                break;
            case CheckFree check:
                check.Connection.Tell(new Freedom(!Holders.Contains(check.Connection)));
                break;
            case CountSessions:
                Sender.Tell(new SessionCount(_bySession.Count));
                break;
            case EndAll:
                foreach (IActorRef session in _bySession.Keys)
                    session.Tell(message);
                break;
            case End end:
                Sender.Tell(Answer(end));
                break;
            case Release release:
                Sender.Tell(Answer(release));
                break;
            case Drain:
                _drainer = Sender;
                _services.Sessions.IsDraining = true;
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
            _services.Sessions.HasNotBegun();
            RecordNotBegun(open.Request, fault);
            open.Connection.Tell(new Closed(ActorRefs.Nobody, open.Connection, open.Request.RequestId, fault));
            return;
        }
        IActorRef session = Context.ActorOf(_sessions);
        var entry = new SessionEntry(session, key, ++_lastNumber, open.Request, SocketKind.PeerEndPoint(open.Ciphertext), DateTimeOffset.UtcNow)
        {
            Holder = open.Connection,
            Controller = open.Request.Detach ? null : open.Connection,
            IsForked = open.Request.Fork,
        };
        _bySession.Add(session, entry);
        _services.Sessions.Add(entry);
        _holders = null;
        if (!key.IsZero)
            _byKey.Add(key, entry);
        session.Tell(new Begin(open.Request, open.Ciphertext, open.Connection, entry.Number));
    }

    private void Settle(SessionEntry entry)
    {
        entry.IsEstablished = true;
        _services.Sessions.IsEstablished(entry);
    }

    private void Forget(Closed closed)
    {
        _holders = null;
        if (_bySession.Remove(closed.Session, out SessionEntry? entry) && !entry.Key.IsZero)
            _byKey.Remove(entry.Key);
        // The word of it may have come too late for the session to answer.
        if (entry?.Renewal is { } renewal)
            Refuse(renewal, PoolError.RenegotiateNotInterruptable, closed.Session);
        if (entry is not null)
        {
            RefuseAll(entry);
            _services.Sessions.Remove(entry);
        }
        closed.Connection?.Tell(closed);
        TellDrained();
    }

    private void Pass(Renew renew)
    {
        SessionEntry? entry = Find(renew.Order.Message.ControlKey);
        PoolError? error =
            entry is null ? PoolError.RenegotiateNotFound
            : !renew.Connection.Equals(entry.Controller) ? (entry.Controller is null ? PoolError.ControlKeyDetached : PoolError.ControlKeyNotYours)
            : !entry.IsEstablished || entry.Renewal is not null ? PoolError.RenegotiateNotInterruptable
            : null;
        if (error is { } refused)
        {
            Record(entry, renew.Order.Application, refused, "renegotiate");
            renew.Connection.Tell(new ControlDone(renew.Order.RequestId, new PoolFault(refused)));
            return;
        }
        entry!.Renewal = renew;
        renew.Connection.Tell(RenewalBegun.Instance);
        entry.Session.Tell(renew);
    }

    private static void Refuse(Renew renew, PoolError error, IActorRef session) =>
        renew.Connection.Tell(new RenewalDone(session, renew.Connection, renew.Order.RequestId, new PoolFault(error), Message: null));

    private void TellDrained()
    {
        if (_drainer is not null && _bySession.Count == 0)
            _drainer.Tell(Drained.Instance);
    }
}
