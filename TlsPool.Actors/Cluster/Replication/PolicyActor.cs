using System.Globalization;
using Akka.Actor;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Cluster.Membership;
using TlsPool.Actors.Storage;
using TlsPool.Actors.Storage.Replication;
using static TlsPool.Actors.Cluster.Replication.PolicyProtocol;

namespace TlsPool.Actors.Cluster.Replication;

/// <summary>
/// Keeps this node's policy and that of the others the same. Nodes say how far their records go, when they change and from time to time; who
/// has less pulls the rest, page by page, and stores with each page how far it has come. So what is lost on the way is asked for again.
/// </summary>
internal sealed class PolicyActor : UntypedActor, IWithTimers
{
    /// <summary>Its name on all nodes.</summary>
    internal const string PartName = "policy";

    private static readonly TimeSpan TellInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PullTime = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan PruneInterval = TimeSpan.FromHours(24);

    private readonly ReplicaStore _store;
    private readonly IAuditTrail _audit;
    private readonly ILogger _log;
    private readonly Dictionary<string, DateTimeOffset> _pulling = new(StringComparer.Ordinal);
    private ClusterView _view = ClusterView.Alone("");
    private bool _failing;

    private PolicyActor(ReplicaStore store, IAuditTrail audit, ILogger log) => (_store, _audit, _log) = (store, audit, log);

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Props of the actor.</summary>
    /// <param name="store">The records.</param>
    /// <param name="audit">Where what others changed is recorded.</param>
    /// <param name="log">Log of the facility CLUSTER.</param>
    internal static Props Props(ReplicaStore store, IAuditTrail audit, ILogger log) => ActorFactory<PolicyActor>.Props(() => new PolicyActor(store, audit, log));

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(ClusterView));
        Context.System.EventStream.Subscribe(Self, typeof(PolicyChanged));
        Timers.StartPeriodicTimer(nameof(TellAll), TellAll.Instance, TellInterval);
        Timers.StartPeriodicTimer(nameof(Prune), Prune.Instance, TimeSpan.FromMinutes(1), PruneInterval);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ClusterView view:
                bool grows = view.Others.Any(node => _view.Others.All(known => known.Host != node.Host));
                _view = view;
                if (grows)
                    Self.Tell(TellAll.Instance);
                break;
            case TellAll or PolicyChanged:
                Run(() => new Own(new Have(_store.Incarnation, _store.Seq())));
                break;
            case Own { Have: var have }:
                foreach (NodeView node in _view.Others)
                    Context.Part(node, PartName).Tell(have, Self);
                break;
            case Have have:
                string teller = NodePaths.NodeOf(Sender);
                if (teller.Length > 0 && !IsPulling(teller))
                    PullFrom(teller, Sender, have);
                break;
            case Pull pull:
                IActorRef asker = Sender;
                Run(() => new Answer(asker, new Page(_store.ChangesSince(pull.Since, MaxRecords, MaxBytes))));
                break;
            case Answer answer:
                answer.Asker.Tell(answer.Page, Self);
                break;
            case Page page when NodePaths.NodeOf(Sender) is { Length: > 0 } from && _pulling.ContainsKey(from):
                Take(from, Sender, page.Changes);
                break;
            case Taken taken:
                Conclude(taken);
                break;
            case NothingNew nothing:
                _pulling.Remove(nothing.Node);
                break;
            case Prune:
                Run(() => new Pruned(_store.PruneRemovals(DateTimeOffset.UtcNow - PolicyRetention.Removals)));
                break;
            case Status.Failure failure:
                Fail(failure.Cause);
                break;
            case Pruned or Page or Nothing:
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <summary>An answer may be lost: then the next news of the node begins anew.</summary>
    private bool IsPulling(string node) => _pulling.TryGetValue(node, out DateTimeOffset since) && DateTimeOffset.UtcNow - since < PullTime;

    private void PullFrom(string node, IActorRef part, Have have)
    {
        _pulling[node] = DateTimeOffset.UtcNow;
        IActorRef self = Self;
        Run(() =>
        {
            PeerProgress progress = _store.GetPeer(node);
            if (progress.Incarnation == have.Incarnation && progress.Seq >= have.Seq)
                return new NothingNew(node);
            part.Tell(new Pull(progress.Incarnation == have.Incarnation ? progress.Seq : 0), self);
            return null;
        });
    }

    private void Take(string node, IActorRef part, ReplicaChanges changes)
    {
        _pulling[node] = DateTimeOffset.UtcNow;
        Run(() => new Taken(node, part, changes, _store.Apply(changes.Records, new PeerProgress(node, changes.Incarnation, changes.Next)), _store.GetPeer(node)));
    }

    private void Conclude(Taken taken)
    {
        _failing = false;
        (string node, IActorRef part, ReplicaChanges changes, ReplicaOutcome outcome, PeerProgress progress) = taken;
        if (outcome.Applied > 0)
        {
            _log.LogInformation("{Count} records of policy were taken over from {Node}", outcome.Applied, node);
            Record(allowed: true, string.Create(CultureInfo.InvariantCulture, $"{outcome.Applied} records taken over"), node);
        }
        foreach (ReplicaConflict conflict in outcome.Conflicts)
        {
            _log.LogWarning("conflict in {Kind} {Key}: {Winner}'s change stays, {Loser}'s is lost: {Lost}", conflict.Kind, conflict.Key, conflict.Winner, conflict.Loser, conflict.Lost);
            Record(allowed: false, $"conflict in {conflict.Kind} {conflict.Key}: the change of {conflict.Winner} stays, that of {conflict.Loser} is lost: {conflict.Lost}", node);
        }
        foreach (ReplicaRefusal refusal in outcome.Refused)
        {
            _log.LogError("{Kind} {Key} of {Node} is refused: {Reason}", refusal.Kind, refusal.Key, node, refusal.Reason);
            Record(allowed: false, $"{refusal.Kind} {refusal.Key} is refused: {refusal.Reason}", node);
        }
        if (changes.HasMore || progress.Incarnation != changes.Incarnation || progress.Seq < changes.Next)
            part.Tell(new Pull(progress.Seq), Self);
        else
            _pulling.Remove(node);
    }

    private void Fail(Exception cause)
    {
        if (!_failing)
            _log.LogError("policy is not shared for the time being: {Reason}", cause is StorageException ? cause.Message : cause.GetType().Name);
        _failing = true;
        _pulling.Clear();
    }

    private void Record(bool allowed, string reason, string node) => _audit.Record(new AuditEvent(AuditKind.Replication, allowed, reason) { RemoteId = node });

    /// <summary>The database is waited for elsewhere.</summary>
    private void Run(Func<object?> work) => Task.Run(work).PipeTo(Self, success: result => result ?? Nothing.Instance);

    private sealed record Own(Have Have);

    private sealed record Answer(IActorRef Asker, Page Page);

    private sealed record Taken(string Node, IActorRef Part, ReplicaChanges Changes, ReplicaOutcome Outcome, PeerProgress Progress);

    private sealed record NothingNew(string Node);

    private sealed record Pruned(int Count);

    private sealed record TellAll
    {
        internal static TellAll Instance { get; } = new();
    }

    private sealed record Prune
    {
        internal static Prune Instance { get; } = new();
    }

    private sealed record Nothing
    {
        internal static Nothing Instance { get; } = new();
    }
}
