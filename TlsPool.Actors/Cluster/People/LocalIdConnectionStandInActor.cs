using Akka.Actor;
using TlsPool.Actors.LocalIds;
using TlsPool.Actors.Sessions;
using TlsPool.Protocol.Frames;
using static TlsPool.Actors.Cluster.People.EntryProtocol;

namespace TlsPool.Actors.Cluster.People;

/// <summary>
/// Stands for the connection of a program that chooses local identities at this host. Who may register was decided at the connection, by
/// <c>localid_program_users</c> of this host: users of one host mean nothing to another.
/// </summary>
internal sealed class LocalIdConnectionStandInActor : UntypedActor
{
    private static readonly PoolFault Moved = new(PoolError.ConnectionHandlerSetup, "the cluster has changed: register again");

    private readonly EntryEnds _ends;
    private readonly HashSet<ushort> _pending = [];
    private ushort? _registered;

    private LocalIdConnectionStandInActor(EntryEnds ends) => _ends = ends;

    /// <summary>Props of a connection's stand-in.</summary>
    internal static Props Props(EntryEnds ends) => ActorFactory<LocalIdConnectionStandInActor>.Props(() => new LocalIdConnectionStandInActor(ends));

    protected override void PreStart() => Context.Watch(_ends.Local);

    protected override void PostStop()
    {
        foreach (ushort request in _pending)
            _ends.Local.Tell(new LocalIdProtocol.RegistrationAnswered(request, Moved));
        if (_registered is { } registered)
            _ends.Local.Tell(new LocalIdProtocol.RegistrationEnded(registered, Moved));
    }

    protected override SupervisorStrategy SupervisorStrategy() => Akka.Actor.SupervisorStrategy.StoppingStrategy;

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Passed { Message: LocalIdProtocol.Register register }:
                _pending.Add(register.RequestId);
                _ends.Arbiter.Tell(register with { Connection = Self }, Self);
                break;
            case Terminated:
                Context.Stop(Self);
                break;
            case var _ when !_ends.IsArbiter(Sender):
                Unhandled(message);
                break;
            case LocalIdProtocol.RegistrationAnswered answered when _pending.Remove(answered.RequestId):
                if (answered.Fault is null)
                    _registered = answered.RequestId;
                _ends.Local.Tell(answered);
                break;
            case LocalIdProtocol.RegistrationEnded ended when ended.RequestId == _registered:
                _registered = null;
                _ends.Local.Tell(ended);
                break;
            case LocalIdProtocol.Question question when question.RequestId == _registered:
                Context.ActorOf(LocalIdQuestionActor.Props(_ends.Local, Sender, question));
                break;
            default:
                Unhandled(message);
                break;
        }
    }
}
