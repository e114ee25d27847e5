using Akka.Actor;
using TlsPool.Actors.Connections;
using TlsPool.Protocol.Frames;
using static TlsPool.Actors.LocalIds.LocalIdProtocol;

namespace TlsPool.Actors.LocalIds;

/// <summary>
/// Asks the program for one session: first it shows the stored entries one by one, if they are wanted, and then it puts the question. Each
/// sequence is an actor of its own, so that an answer which comes too late finds nobody, and never answers the next question.
/// </summary>
internal sealed class LocalIdSequenceActor : UntypedActor
{
    private readonly LocalIdRegistration _program;
    private IActorRef _session;
    private readonly Queue<LidEntryMessage> _callbacks;
    private ICancelable? _limit;
    private bool _isAsking;

    private LocalIdSequenceActor(LocalIdRegistration program, Choose question, IActorRef session)
    {
        _program = program;
        _session = session;
        uint seconds = (uint)program.Timeout.TotalSeconds;
        _callbacks = new Queue<LidEntryMessage>(program.Flags.HasFlag(LidEntryFlags.WantDbEntry)
            ? question.Stored.Select(stored => new LidEntryMessage(LidEntryFlags.DbEntry, (ushort)stored.Level, seconds, stored.LocalId, stored.Remote))
            : []);
        _callbacks.Enqueue(new LidEntryMessage(LidEntryFlags.None, question.MaxLevels, seconds, question.Suggestion, question.RemoteId));
    }

    internal static Props Props(LocalIdRegistration program, Choose question, IActorRef session) =>
        ActorFactory<LocalIdSequenceActor>.Props(() => new LocalIdSequenceActor(program, question, session));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _limit = Context.System.Scheduler.ScheduleTellOnceCancelable(_program.AnswerLimit, Self, LimitReached.Instance, Self);
        AskNext();
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _limit?.Cancel();
        // At another node they see for themselves that this has ended.
        if (_isAsking && _program.Node.Length == 0)
            _program.Connection.Tell(new ConnectionProtocol.WithdrawCallback(Self));
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (_program.Node.Length == 0 ? message : Local(message))
        {
            case null:
                break;
            case ConnectionProtocol.CallbackAnswered { Descriptor: { } descriptor }:
                _isAsking = false;
                descriptor.Dispose();
                End(new NotChosen("the program's answer has a descriptor, which there is no use for", _program.Program));
                break;
            case Abandoned:
                // The program cannot be told: the next question waits until this one is answered.
                _session = ActorRefs.Nobody;
                _callbacks.Clear();
                break;
            case Revoked revoked:
                End(new NotChosen(revoked.Reason, _program.Program));
                break;
            case ConnectionProtocol.CallbackAnswered { Body: LidEntryMessage answer }:
                _isAsking = false;
                if (_callbacks.Count > 0)
                    AskNext();
                else
                    End(new Chosen(answer, _program.Program) { Node = _program.Node });
                break;
            case ConnectionProtocol.CallbackRefused refused:
                _isAsking = false;
                if (refused.Fault.Code == PoolError.ClientDisconnect)
                    Context.Parent.Tell(new Gone(Self));
                End(new NotChosen(refused.Fault.Code switch
                {
                    PoolError.ClientRefusesCallback => "the program that chooses local identities refused",
                    PoolError.ClientDisconnect => "the program that chooses local identities went away",
                    _ => $"the program that chooses local identities answered wrongly: {refused.Fault.ToMessage().Text}",
                }, _program.Program));
                break;
            case LimitReached:
                Context.Parent.Tell(new Late(Self));
                End(new NotChosen($"the program that chooses local identities did not answer within {_program.AnswerLimit.TotalSeconds} s", _program.Program));
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void AskNext()
    {
        _isAsking = true;
        LidEntryMessage body = _callbacks.Dequeue();
        if (_program.Node.Length == 0)
            _program.Connection.Tell(new ConnectionProtocol.SendCallback(_program.RequestId, Command.LidEntryCallback, body, Self));
        else
            _program.Connection.Tell(new Question(_program.RequestId, body));
    }

    /// <summary>An answer as a connection of this host would give it. It counts only from the one that was asked.</summary>
    private object? Local(object message) => message switch
    {
        Answered or Unanswered when !_isAsking || !Sender.Equals(_program.Connection) => null,
        Answered answered => new ConnectionProtocol.CallbackAnswered(answered.Body, Descriptor: null),
        Unanswered unanswered => new ConnectionProtocol.CallbackRefused(unanswered.Fault),
        _ => message,
    };

    private void End(object outcome)
    {
        Context.Parent.Tell(new Ended(Self));
        _session.Tell(outcome, Context.Parent);
        Context.Stop(Self);
    }

    /// <summary>To the parent: the sequence is over, and its session has been told.</summary>
    internal sealed record Ended(IActorRef Sequence);

    /// <summary>To the parent, before <see cref="Ended"/>: the program took too long.</summary>
    internal sealed record Late(IActorRef Sequence);

    /// <summary>To the parent, before <see cref="Ended"/>: the program's connection is closed, which its watcher may learn only later.</summary>
    internal sealed record Gone(IActorRef Sequence);

    /// <summary>From the parent: the session is gone.</summary>
    internal sealed record Abandoned
    {
        internal static Abandoned Instance { get; } = new();
    }

    /// <summary>From the parent: the program is not asked any more.</summary>
    internal sealed record Revoked(string Reason);

    private sealed record LimitReached
    {
        internal static LimitReached Instance { get; } = new();
    }
}
