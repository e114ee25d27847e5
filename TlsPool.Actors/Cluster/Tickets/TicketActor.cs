using Akka.Actor;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Cluster.Membership;
using TlsPool.Crypto.Handshakes;
using static TlsPool.Actors.Cluster.Tickets.TicketProtocol;

namespace TlsPool.Actors.Cluster.Tickets;

/// <summary>
/// Gives all nodes the same ticket keys, so that a client resumes at any of them. The oldest node makes new ones, some time before they seal;
/// whoever joins gets what is there, and brings its own. A node that is cut off goes on with what it has, and then makes its own.
/// </summary>
internal sealed class TicketActor : UntypedActor, IWithTimers
{
    /// <summary>Its name on all nodes.</summary>
    internal const string PartName = "tickets";

    /// <summary>Time for a new key to reach all nodes before it seals.</summary>
    private static readonly TimeSpan Lead = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    /// <summary>Messages may be lost.</summary>
    private static readonly TimeSpan TellInterval = TimeSpan.FromSeconds(30);

    private readonly Func<TicketKeyRing?> _current;
    private readonly ILogger _log;
    private readonly NodeParts _parts;
    private readonly IActorRef _self = Context.Self;
    private TicketKeyRing? _ring;
    private ClusterView _view = ClusterView.Alone("");

    private TicketActor(Func<TicketKeyRing?> current, ILogger log, NodeParts parts) => (_current, _log, _parts) = (current, log, parts);

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Props of the actor.</summary>
    /// <param name="current">The ring in use; null while no tickets are issued.</param>
    /// <param name="log">Log of the facility CLUSTER.</param>
    /// <param name="parts">Leads to other nodes; null for the network.</param>
    internal static Props Props(Func<TicketKeyRing?> current, ILogger log, NodeParts? parts = null) =>
        ActorFactory<TicketActor>.Props(() => new TicketActor(current, log, parts ?? NodePaths.Part));

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(ClusterView));
        Timers.StartPeriodicTimer(nameof(Look), Look.Instance, LookInterval);
        Timers.StartPeriodicTimer(nameof(TellAll), TellAll.Instance, TellInterval);
    }

    protected override void PostStop()
    {
        if (_ring is not null)
            _ring.Rotated -= Told;
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ClusterView view:
                List<NodeView> newcomers = [.. view.Others.Where(node => _view.Others.All(known => known.Host != node.Host))];
                _view = view;
                if (!TakeRing())
                    Send(newcomers);
                break;
            case Look:
                TakeRing();
                break;
            case TellAll:
                Send(_view.Others);
                break;
            case Keys keys when NodePaths.NodeOf(Sender).Length > 0:
                Import(keys);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <summary>A reload may have made another ring.</summary>
    /// <returns>True if all others were told of one.</returns>
    private bool TakeRing()
    {
        TicketKeyRing? ring = _current();
        bool isNew = ring != _ring;
        if (isNew)
        {
            if (_ring is not null)
                _ring.Rotated -= Told;
            _ring = ring;
            if (ring is not null)
            {
                ring.Lead = Lead;
                ring.Rotated += Told;
                Send(_view.Others);
            }
        }
        if (ring is null || !_view.IsUp)
            return isNew;
        ring.RotatesItself = _view.Oldest?.Host == _view.Self;
        if (ring.RotatesItself)
            ring.RotateIfDue();
        return isNew;
    }

    /// <summary>On the thread that seals: others hear of the key before it seals.</summary>
    private void Told() => _self.Tell(TellAll.Instance);

    private void Send(IEnumerable<NodeView> nodes)
    {
        if (_ring is null)
            return;
        // Each its own, to dispose of.
        foreach (NodeView node in nodes)
            _parts(Context, node, PartName).Tell(new Keys(_ring.Export()), Self);
    }

    private void Import(Keys keys)
    {
        if (_ring?.Import(keys.All) > 0)
            _log.LogDebug("keys of tickets came from {Node}", NodePaths.NodeOf(Sender));
        foreach (TicketKey key in keys.All)
            key.Dispose();
    }

    private sealed record Look
    {
        internal static Look Instance { get; } = new();
    }

    private sealed record TellAll
    {
        internal static TellAll Instance { get; } = new();
    }
}
