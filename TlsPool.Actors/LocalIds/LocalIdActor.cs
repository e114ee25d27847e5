using Akka.Actor;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Cluster.People;
using TlsPool.Actors.Dispatch;
using TlsPool.Actors.Entry;
using TlsPool.Actors.Sessions;
using TlsPool.Protocol.Frames;
using static TlsPool.Actors.LocalIds.LocalIdProtocol;

namespace TlsPool.Actors.LocalIds;

/// <summary>
/// Knows the program that chooses local identities, and asks it for one session after the other (behaviour.md, "LIDENTRY"). There is one for
/// the host; or one for all nodes that share entry, where sessions and connections have others that stand for them.
/// <code>
/// vacant ──Register──► registered ──Choose──► asking ──answer──► registered
///    ▲                     │ closes              │ closes, takes too long, is replaced
///    └─────────────────────┴─────────────────────┘
/// </code>
/// </summary>
public sealed class LocalIdActor : UntypedActor
{
    /// <summary>Sessions that may wait for their turn.</summary>
    internal const int MaxWaiting = 1024;

    private readonly IAuditTrail _audit;
    private readonly ILogger _log;
    private readonly EntryLock _lock;
    private readonly IEntryPeers? _peers;
    private readonly EntryBoard _board;
    private readonly LinkedList<Waiting> _waiting = new();
    private readonly Dictionary<IActorRef, LinkedListNode<Waiting>> _byAsker = [];
    private LocalIdRegistration? _program;
    private Sequence? _current;
    private bool _ceased;

    private LocalIdActor(IAuditTrail audit, ILogger log, TimeProvider time, IEntryPeers? peers, EntryBoard? board)
    {
        (_audit, _log, _peers, _board) = (audit, log, peers, board ?? new EntryBoard());
        _lock = new EntryLock(time);
    }

    /// <summary>Props of the actor.</summary>
    /// <param name="audit">Where programs that come and go are recorded.</param>
    /// <param name="log">Log of the facility USER.</param>
    /// <param name="time">The clock of the lock.</param>
    /// <param name="board">Where others see what goes on; null for nowhere.</param>
    internal static Props Props(IAuditTrail audit, ILogger log, TimeProvider time, EntryBoard? board = null) =>
        ActorFactory<LocalIdActor>.Props(() => new LocalIdActor(audit, log, time, peers: null, board)).WithDispatcher(LoopDispatcher.Name);

    /// <summary>Props of the one for all nodes that share entry.</summary>
    internal static Props Props(IAuditTrail audit, ILogger log, TimeProvider time, IEntryPeers peers, EntryBoard? board = null) =>
        ActorFactory<LocalIdActor>.Props(() => new LocalIdActor(audit, log, time, peers, board));

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => Akka.Actor.SupervisorStrategy.StoppingStrategy;

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _board.LocalIds = [];
        // Where the host's own one fails the daemon ends, and with it all who wait.
        if (!_ceased && _peers is null)
            return;
        _program?.Connection.Tell(new RegistrationEnded(
            _program.RequestId, new PoolFault(PoolError.ConnectionHandlerSetup, "the choice of local identities has begun anew: register again")));
        var refused = new NotChosen("the cluster has changed while a choice was waited for", Program: null);
        foreach (Waiting waiting in _waiting)
            waiting.Asker.Tell(refused);
        _current?.Asker.Tell(refused);
    }

    /// <inheritdoc/>
    protected override bool AroundReceive(Receive receive, object message)
    {
        bool handled = base.AroundReceive(receive, message);
        _board.LocalIds = _program is null
            ? []
            : [EntryBoard.Program("localid-program", _program.Program, _current is null ? "offering" : "choosing", $"chooses local identities{At(_program)}")];
        return handled;
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Register or Choose when _peers?.NodeOf(Sender) is null && _peers is not null:
                // Of a node that does not share entry.
                break;
            case Cease:
                _ceased = true;
                Context.Stop(Self);
                break;
            case Register register:
                Sender.Tell(new RegistrationAnswered(register.RequestId, TryRegister(_peers is null ? register : register with { Connection = Sender })));
                AskNext();
                break;
            case Choose question:
                Wait(new Waiting(question, Sender));
                AskNext();
                break;
            case LocalIdSequenceActor.Late late when late.Sequence.Equals(_current?.Actor):
                if (_current!.Program == _program)
                    EndRegistration(new PoolFault(PoolError.ClientRefusesCallback, "no answer in time: register again"), "took too long");
                break;
            case LocalIdSequenceActor.Gone gone when gone.Sequence.Equals(_current?.Actor):
                if (_current!.Program == _program)
                    Forget(_program.Connection);
                break;
            case LocalIdSequenceActor.Ended ended when ended.Sequence.Equals(_current?.Actor):
                EndSequence();
                break;
            case Terminated dead when dead.ActorRef.Equals(_current?.Actor):
                // It fell over: its session has not been told.
                _current!.Asker.Tell(new NotChosen("the question could not be put", _current.Program.Program));
                EndSequence();
                break;
            case Terminated dead:
                Forget(dead.ActorRef);
                AskNext();
                break;
            case LocalIdSequenceActor.Late or LocalIdSequenceActor.Gone or LocalIdSequenceActor.Ended:
                // Of a sequence that is over.
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private PoolFault? TryRegister(Register register)
    {
        var candidate = LocalIdRegistration.Of(register, _peers?.NodeOf(register.Connection) ?? "");
        if (register.Connection.Equals(_program?.Connection) || !_lock.TryOffer(register.Connection, register.RequestId, candidate.Timeout))
            return new PoolFault(PoolError.LidEntryNotVacant);
        if (_program is not null)
            EndRegistration(new PoolFault(PoolError.LidEntryNotVacant, "another program has taken over"), "was replaced", keepLock: true);
        _program = candidate;
        Context.Watch(candidate.Connection);
        _log.LogInformation(
            "the program of uid {Uid}, pid {Pid}{Node} chooses local identities ({Flags})",
            candidate.Program.UserId, candidate.Program.ProcessId, At(candidate), candidate.Flags);
        Record(candidate, allowed: true, "chooses local identities from now on");
        return null;
    }

    private void Wait(Waiting waiting)
    {
        if (_program is null || MaySkip(waiting.Question))
        {
            waiting.Asker.Tell(NobodyAsked.Instance);
            return;
        }
        if (_waiting.Count >= MaxWaiting)
        {
            waiting.Asker.Tell(new NotChosen("too many sessions wait for somebody to choose a local identity", Program: null));
            return;
        }
        Context.Watch(waiting.Asker);
        _byAsker[waiting.Asker] = _waiting.AddLast(waiting);
    }

    private void AskNext()
    {
        while (_current is null && _waiting.First?.Value is { } next)
        {
            if (_program is null || MaySkip(next.Question))
            {
                Leave(next.Asker);
                next.Asker.Tell(NobodyAsked.Instance);
                continue;
            }
            if (_lock.TryAsk() is null)
                return;
            Unlist(next.Asker);
            IActorRef actor = Context.ActorOf(LocalIdSequenceActor.Props(_program, next.Question, next.Asker).WithDispatcher(Context.Props.Dispatcher));
            Context.Watch(actor);
            _current = new Sequence(actor, next.Asker, _program);
        }
    }

    private bool MaySkip(Choose question) =>
        !question.IsStuck && question.Stored is [var first, ..] && LocalIdLevels.MaySkip(_program!.Flags, question.RemoteId, first.Level);

    private void EndSequence()
    {
        Sequence ended = _current!;
        _current = null;
        Context.Unwatch(ended.Actor);
        Context.Unwatch(ended.Asker);
        // The program that answered goes on; the lock is between questions.
        if (ended.Program == _program)
            _lock.TryOffer(_program.Connection, _program.RequestId, _program.Timeout);
        AskNext();
    }

    private void Forget(IActorRef dead)
    {
        if (dead.Equals(_program?.Connection))
        {
            _log.LogInformation("the program (pid {Pid}) that chooses local identities is gone", _program!.Program.ProcessId);
            Record(_program, allowed: true, "chooses local identities no longer: its connection closed");
            _lock.Release(dead);
            Revoke(_program, "the program that chooses local identities went away");
            _program = null;
        }
        else if (dead.Equals(_current?.Asker))
        {
            _current!.Actor.Tell(LocalIdSequenceActor.Abandoned.Instance);
        }
        else
        {
            Unlist(dead);
        }
    }

    private void EndRegistration(PoolFault fault, string what, bool keepLock = false)
    {
        LocalIdRegistration program = _program!;
        _log.LogWarning(
            "the program (uid {Uid}, pid {Pid}) that chooses local identities {What}", program.Program.UserId, program.Program.ProcessId, what);
        Record(program, allowed: false, $"chooses local identities no longer: it {what}");
        Context.Unwatch(program.Connection);
        if (!keepLock)
            _lock.Release(program.Connection);
        _program = null;
        Revoke(program, $"the program that chooses local identities {what}");
        program.Connection.Tell(new RegistrationEnded(program.RequestId, fault));
    }

    /// <summary>What a program was asked last is not put to the next one: it counts as refused.</summary>
    private void Revoke(LocalIdRegistration program, string reason)
    {
        if (_current?.Program == program)
            _current.Actor.Tell(new LocalIdSequenceActor.Revoked(reason));
    }

    private void Leave(IActorRef asker)
    {
        Context.Unwatch(asker);
        Unlist(asker);
    }

    private void Unlist(IActorRef asker)
    {
        if (_byAsker.Remove(asker, out LinkedListNode<Waiting>? node))
            _waiting.Remove(node);
    }

    private void Record(LocalIdRegistration program, bool allowed, string reason) =>
        _audit.Record(new AuditEvent(AuditKind.EntryProgram, allowed, $"{reason}{At(program)}") { Application = program.Program });

    private static string At(LocalIdRegistration program) => program.Node.Length == 0 ? "" : $" at {program.Node}";

    private sealed record Waiting(Choose Question, IActorRef Asker);

    private sealed record Sequence(IActorRef Actor, IActorRef Asker, LocalIdRegistration Program);
}
