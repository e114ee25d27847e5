using Akka.Actor;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Cluster.Hosting;
using TlsPool.Actors.Cluster.Membership;
using TlsPool.Actors.Cluster.Transport;
using TlsPool.Actors.Storage;
using TlsPool.Actors.Storage.Trails;

namespace TlsPool.Actors.Cluster.Trail;

/// <summary>
/// Collects the audit trails of all nodes, this one too. One step for each node at a time: read how far its trail was collected, ask for what
/// comes next, store that. Nothing of it is remembered here, so a step that is cut off is made again.
/// </summary>
internal sealed class TrailCollectorActor : UntypedActor, IWithTimers
{
    /// <summary>Its name.</summary>
    internal const string Name = "trail-collector";

    /// <summary>Time for one step. The other node's disk may be slow, and ours.</summary>
    private static readonly TimeSpan StepLimit = TimeSpan.FromSeconds(20);

    private readonly CollectedTrail _collected;
    private readonly AuditStore _own;
    private readonly string _self;
    private readonly ILogger _log;
    private readonly Dictionary<string, TrailSource> _sources = new(StringComparer.Ordinal);
    private long _lastStep;

    private TrailCollectorActor(CollectedTrail collected, AuditStore own, string self, ILogger log) =>
        (_collected, _own, _self, _log) = (collected, own, self, log);

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Props of the actor.</summary>
    /// <param name="collected">Where decisions go.</param>
    /// <param name="own">The trail of this node.</param>
    /// <param name="self">Name of this node.</param>
    /// <param name="log">Log of the facility CLUSTER.</param>
    internal static Props Props(CollectedTrail collected, AuditStore own, string self, ILogger log) =>
        ActorFactory<TrailCollectorActor>.Props(() => new TrailCollectorActor(collected, own, self, log));

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(ClusterView));
        // This node's own decisions are collected whether or not it is in the cluster.
        Begin(_sources[_self] = new TrailSource(_self));
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ClusterView view:
                Follow(view);
                break;
            case Due due when Current(due.Node, due.Step) is { } source:
                Begin(source);
                break;
            case Known known when Current(known.Node, known.Step) is { } source:
                source.Asked = known.Position;
                source.Trail!.Tell(new TrailRequest(source.Step, known.Position.Trail), Self);
                break;
            case TrailReply reply when Current(Sender.Path.Address.Host ?? "", reply.Number) is { Asked: { } asked } source:
                source.Asked = null;
                Take(source, asked, reply.Page);
                break;
            case Stored stored when Current(stored.Node, stored.Step) is { } source:
                Finish(source, stored.HasMore);
                break;
            case Failed failed when Current(failed.Node, failed.Step) is { } source:
                Fail(source, failed.Reason);
                break;
            case Due or Known or TrailReply or Stored or Failed:
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Follow(ClusterView view)
    {
        // Others show their trails to nodes that take part: before this one does, and when it leaves, it need not ask.
        NodeView[] others = view.IsUp ? [.. view.Others] : [];
        foreach (string gone in _sources.Keys.Where(node => node != _self && others.All(other => other.Host != node)).ToList())
        {
            _sources.Remove(gone);
            Timers.Cancel(gone);
        }
        foreach (NodeView other in others.Where(other => !_sources.ContainsKey(other.Host)))
        {
            var address = new Address($"akka.{TlsTransport.Scheme}", ClusterSettings.SystemName, other.Host, other.Port);
            var source = new TrailSource(other.Host) { Trail = Context.ActorSelection(new RootActorPath(address) / "user" / TrailActor.Name) };
            _sources.Add(other.Host, source);
            Begin(source);
        }
    }

    private TrailSource? Current(string node, long step) => _sources.TryGetValue(node, out TrailSource? source) && source.Step == step ? source : null;

    private void Begin(TrailSource source)
    {
        (string node, long step) = (source.Node, source.Step = ++_lastStep);
        source.Asked = null;
        Timers.StartSingleTimer(node, new Failed(node, step, "it does not answer"), StepLimit);
        if (source.Trail is not null)
            Run(node, step, () => new Known(node, step, _collected.Position(node)));
        else
            Run(node, step, () =>
            {
                CollectedPosition position = _collected.Position(node);
                return new Stored(node, step, _collected.Add(node, position, _own.Page(position.Trail)));
            });
    }

    private void Take(TrailSource source, CollectedPosition asked, AuditPage? page)
    {
        (string node, long step) = (source.Node, source.Step);
        if (page is null)
            Fail(source, "it does not show its trail at present");
        else if (!page.Continues(asked.Trail))
            Fail(source, "it answers something else than it was asked for");
        else
            Run(node, step, () => new Stored(node, step, _collected.Add(node, asked, page)));
    }

    private void Finish(TrailSource source, bool hasMore)
    {
        if (source.IsFailing)
            _log.LogInformation("the audit trail of {Node} is collected again", source.Node);
        source.Succeed();
        if (hasMore)
            Begin(source);
        else
            Timers.StartSingleTimer(source.Node, new Due(source.Node, source.Step), TrailSource.Idle);
    }

    private void Fail(TrailSource source, string reason)
    {
        if (!source.IsFailing)
            _log.LogWarning("the audit trail of {Node} is not collected at present: {Reason}", source.Node, reason);
        // Its step is over: what comes of it now is too late.
        source.Step = ++_lastStep;
        Timers.StartSingleTimer(source.Node, new Due(source.Node, source.Step), source.Fail());
    }

    /// <summary>Work for the disk, off the actor's thread.</summary>
    private void Run(string node, long step, Func<object> work) =>
        Task.Run(work).PipeTo(Self, Self, result => result, failure => new Failed(node, step, failure.GetBaseException().Message));

    /// <summary>It is time to ask a node.</summary>
    private sealed record Due(string Node, long Step);

    /// <summary>How far a node's trail was collected.</summary>
    private sealed record Known(string Node, long Step, CollectedPosition Position);

    /// <summary>A page was stored.</summary>
    private sealed record Stored(string Node, long Step, bool HasMore);

    /// <summary>A step came to nothing.</summary>
    private sealed record Failed(string Node, long Step, string Reason);
}
