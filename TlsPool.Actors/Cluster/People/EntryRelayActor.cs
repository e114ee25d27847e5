using Akka.Actor;
using static TlsPool.Actors.Cluster.People.EntryProtocol;

namespace TlsPool.Actors.Cluster.People;

/// <summary>
/// Stands where the service of people stands in a pool of its own: passes on to the cluster's while this node is in the cluster, and to one of
/// this host otherwise, so that people here are never cut off with it. Who waits at a change is told by what it waits for, and asks again.
/// </summary>
internal sealed class EntryRelayActor : UntypedActor
{
    private readonly EntryDoor _door;
    private readonly Props _service;
    private readonly object _cease;
    private IActorRef? _gate;
    private IActorRef _local = ActorRefs.Nobody;

    private EntryRelayActor(EntryDoor door, Props service, object cease) => (_door, _service, _cease) = (door, service, cease);

    /// <summary>Props of a relay.</summary>
    /// <param name="door">Where gates find it.</param>
    /// <param name="service">The service of this host.</param>
    /// <param name="cease">Tells that to end in order.</param>
    internal static Props Props(EntryDoor door, Props service, object cease) =>
        ActorFactory<EntryRelayActor>.Props(() => new EntryRelayActor(door, service, cease));

    /// <summary>A service that fails is for those to deal with who would without this in between.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Escalate);

    protected override void PreStart()
    {
        _local = Context.ActorOf(_service);
        _door.Relay = Self;
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Opened { Gate: var gate }:
                if (_gate is null)
                    _local.Tell(_cease);
                else
                    Context.Unwatch(_gate);
                _gate = gate;
                Context.Watch(gate);
                break;
            case Shut { Gate: var gate } when gate.Equals(_gate):
                Context.Unwatch(gate);
                ServeHere();
                break;
            case Terminated ended when ended.ActorRef.Equals(_gate):
                ServeHere();
                break;
            case Shut or Terminated:
                break;
            case not null when _gate is not null:
                _gate.Tell(new Passed(message), Sender);
                break;
            default:
                _local.Forward(message);
                break;
        }
    }

    private void ServeHere()
    {
        _gate = null;
        _local = Context.ActorOf(_service);
    }
}
