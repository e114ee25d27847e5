using Akka;
using Akka.Actor;
using Akka.Cluster.Tools.Singleton;
using Microsoft.Extensions.Logging;
using static TlsPool.Actors.Cluster.People.EntryProtocol;

namespace TlsPool.Actors.Cluster.People;

/// <summary>
/// The cluster's side of a service of people at this node. One node has the arbiter, a cluster singleton; each gate looks for it, and is open
/// while it is there. For each local actor that has something to say the gate makes a stand-in, since other nodes cannot reach that actor.
/// </summary>
/// <remarks>
/// <code>
///          pool's system                      node's system                  another node, or this one
/// token, connection ──► relay ──Passed──► gate ──Passed──► stand-in ──► arbiter
///        ▲                                                    │  ▲         │
///        └────────────────────────────────────────────────────┘  └─────────┘
/// </code>
/// </remarks>
internal sealed class EntryGateActor : UntypedActor, IWithTimers
{
    private const string ManagerName = "singleton";
    private const string ArbiterName = "arbiter";
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(3);

    private readonly EntryGateSettings _settings;
    private readonly IEntryPeers _peers;
    private readonly Dictionary<IActorRef, IActorRef> _standIns = [];
    private IActorRef _manager = ActorRefs.Nobody;
    private IActorRef? _arbiter;
    private bool _closed;

    private EntryGateActor(EntryGateSettings settings) => (_settings, _peers) = (settings, settings.Peers(Context.System));

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Props of a gate.</summary>
    internal static Props Props(EntryGateSettings settings) => ActorFactory<EntryGateActor>.Props(() => new EntryGateActor(settings));

    /// <summary>The singleton of a cluster that is an arbiter.</summary>
    /// <param name="system">The node's actor system.</param>
    /// <param name="arbiter">The arbiter.</param>
    /// <param name="cease">Tells it to end in order, as another node takes over.</param>
    internal static Props Singleton(ActorSystem system, Props arbiter, object cease) => ClusterSingletonManager.Props(
        arbiter,
        cease,
        ClusterSingletonManagerSettings.Create(system).WithSingletonName(ArbiterName).WithRole(EntryPeers.Role));

    protected override void PreStart()
    {
        _manager = Context.ActorOf(_settings.Manager(Context.System, _peers), ManagerName);
        // Before anything of this life ends: who is told that the gate has shut must find the relay told already.
        IActorRef self = Self;
        CoordinatedShutdown.Get(Context.System).AddTask(
            CoordinatedShutdown.PhaseBeforeServiceUnbind, $"shut-{self.Path.Name}", () => self.Ask<Done>(Close.Instance, CloseLimit));
        Timers.StartPeriodicTimer(nameof(Look), Tick.Instance, TimeSpan.Zero, LookEvery);
    }

    protected override void PostStop() => _settings.Door.Relay?.Tell(new Shut(Self));

    /// <summary>A stand-in that fails ends, and says so to whom it stands for; a singleton that is stuck begins anew.</summary>
    protected override SupervisorStrategy SupervisorStrategy() =>
        new OneForOneStrategy(failure => failure is ClusterSingletonManagerIsStuckException ? Directive.Restart : Directive.Stop);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Passed passed:
                Pass(passed);
                break;
            case Tick:
                Look();
                break;
            case ActorIdentity { Subject: { } arbiter } when _arbiter is null && !_closed && arbiter.Equals(Sender) && _peers.NodeOf(arbiter) is { } node:
                Open(arbiter, node);
                break;
            case ActorIdentity:
                break;
            case Terminated ended when ended.ActorRef.Equals(_arbiter):
                ShutDown();
                break;
            case Terminated ended:
                Forget(ended.ActorRef);
                break;
            case Close:
                _closed = true;
                ShutDown();
                Sender.Tell(Done.Instance);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Look()
    {
        IReadOnlyList<Address> nodes = _peers.Nodes;
        if (_arbiter is { } arbiter)
        {
            if (nodes.Count == 0 || (!arbiter.Path.Address.HasLocalScope && !nodes.Contains(arbiter.Path.Address)))
                ShutDown();
            return;
        }
        if (_closed || _settings.Door.Relay is null)
            return;
        // Only one node has it. Which one is for the singleton to know.
        string path = $"{Self.Path.ToStringWithoutAddress()}/{ManagerName}/{ArbiterName}";
        foreach (Address node in nodes)
            Context.ActorSelection($"{node}{path}").Tell(new Identify(null), Self);
    }

    private void Open(IActorRef arbiter, string node)
    {
        _arbiter = arbiter;
        Context.Watch(arbiter);
        _settings.Log.LogInformation("{Service} is shared with other nodes; node {Node} keeps order", _settings.Name, node);
        _settings.Door.Relay!.Tell(new Opened(Self));
    }

    private void ShutDown()
    {
        if (_arbiter is null)
            return;
        _settings.Log.LogWarning("{Service} is for this host only, until the nodes have found each other again", _settings.Name);
        Context.Unwatch(_arbiter);
        _arbiter = null;
        // First the relay: what the stand-ins say as they end makes others ask again at once.
        _settings.Door.Relay?.Tell(new Shut(Self));
        foreach (IActorRef standIn in _standIns.Values)
            Context.Unwatch(standIn);
        _standIns.Clear();
        foreach (IActorRef child in Context.GetChildren().Where(child => !child.Equals(_manager)))
            Context.Stop(child);
    }

    private void Pass(Passed passed)
    {
        if (_arbiter is null)
        {
            // The relay knows better by the time this is back.
            _settings.Door.Relay?.Tell(passed.Message, Sender);
            return;
        }
        if (!_standIns.TryGetValue(Sender, out IActorRef? standIn))
        {
            standIn = Context.ActorOf(_settings.StandIn(new EntryEnds(Sender, _arbiter, _peers), passed.Message));
            // Sessions are many, and have one question.
            if (!_settings.IsBrief(passed.Message))
            {
                Context.Watch(standIn);
                _standIns.Add(Sender, standIn);
            }
        }
        standIn.Forward(passed);
    }

    private void Forget(IActorRef ended)
    {
        foreach ((IActorRef local, IActorRef standIn) in _standIns)
        {
            if (standIn.Equals(ended))
            {
                _standIns.Remove(local);
                return;
            }
        }
    }

    private sealed record Tick
    {
        internal static Tick Instance { get; } = new();
    }
}
