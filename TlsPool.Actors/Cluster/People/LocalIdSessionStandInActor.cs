using Akka.Actor;
using TlsPool.Actors.LocalIds;
using static TlsPool.Actors.Cluster.People.EntryProtocol;

namespace TlsPool.Actors.Cluster.People;

/// <summary>Stands for a session of this host that wants to know whom to be. What comes back is checked by the session, by the rules of this host.</summary>
internal sealed class LocalIdSessionStandInActor : UntypedActor
{
    private readonly EntryEnds _ends;
    private bool _waits;

    private LocalIdSessionStandInActor(EntryEnds ends) => _ends = ends;

    /// <summary>Props of a session's stand-in.</summary>
    internal static Props Props(EntryEnds ends) => ActorFactory<LocalIdSessionStandInActor>.Props(() => new LocalIdSessionStandInActor(ends));

    protected override void PreStart() => Context.Watch(_ends.Local);

    protected override void PostStop()
    {
        if (_waits)
            _ends.Local.Tell(new LocalIdProtocol.NotChosen("the cluster has changed while a choice was waited for", Program: null));
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Passed { Message: LocalIdProtocol.Choose question }:
                _waits = true;
                _ends.Arbiter.Tell(question, Self);
                break;
            case LocalIdProtocol.NobodyAsked or LocalIdProtocol.Chosen or LocalIdProtocol.NotChosen when _waits && _ends.IsArbiter(Sender):
                _waits = false;
                _ends.Local.Tell(message);
                Context.Stop(Self);
                break;
            case Terminated:
                _waits = false;
                Context.Stop(Self);
                break;
            default:
                Unhandled(message);
                break;
        }
    }
}
