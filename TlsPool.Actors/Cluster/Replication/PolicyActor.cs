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
    /// <summary>A node that was cut off for longer may bring back what was removed meanwhile.</summary>
    private static readonly TimeSpan RemovalsKept = TimeSpan.FromDays(180);

    private static readonly TimeSpan PruneInterval = TimeSpan.FromHours(24);

    private readonly ReplicaStore _store;
    private readonly IAuditTrail _audit;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly NodeParts _parts;
    private readonly Dictionary<string, DateTimeOffset> _pulling = new(StringComparer.Ordinal);
    private readonly HashSet<string> _answering = new(StringComparer.Ordinal);
    private readonly HashSet<Work> _failing = [];
    private ClusterView _view = ClusterView.Alone("");

    private PolicyActor(ReplicaStore store, IAuditTrail audit, ILogger log, TimeProvider time, NodeParts parts) =>
        (_store, _audit, _log, _time, _parts) = (store, audit, log, time, parts);

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Props of the actor.</summary>
    /// <param name="store">The records.</param>
    /// <param name="audit">Where what others changed is recorded.</param>
    /// <param name="log">Log of the facility CLUSTER.</param>
    /// <param name="time">The clock.</param>
    /// <param name="parts">Leads to other nodes; null for the network.</param>
    internal static Props Props(ReplicaStore store, IAuditTrail audit, ILogger log, TimeProvider time, NodeParts? parts = null) =>
        ActorFactory<PolicyActor>.Props(() => new PolicyActor(store, audit, log, time, parts ?? NodePaths.Part));

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
                // One that comes back begins anew.
                foreach (string gone in _pulling.Keys.Except(view.Others.Select(node => node.Host)).ToList())
                    _pulling.Remove(gone);
                if (grows)
                    Self.Tell(TellAll.Instance);
                break;
            case TellAll or PolicyChanged:
                Run(Work.Read, "", () => new Have(_store.Incarnation, _store.Seq()));
                break;
            case Have have when NodePaths.NodeOf(Sender) is { Length: > 0 } teller:
                if (!IsPulling(teller))
                    PullFrom(teller, Sender, have);
                break;
            // Who has asked and not heard the answer yet asks in vain: pages are read one by one for each node.
            case Pull pull when NodePaths.NodeOf(Sender) is { Length: > 0 } asker:
                if (_answering.Add(asker))
                    Answer(asker, Sender, pull.Since);
                break;
            case Page page when NodePaths.NodeOf(Sender) is { Length: > 0 } from && _pulling.ContainsKey(from):
                Take(from, Sender, page.Changes);
                break;
            case Worked worked:
                Conclude(worked);
                break;
            case Failed failed:
                Fail(failed);
                break;
            case Prune:
                Run(Work.Write, "", () => _store.PruneRemovals(_time.GetUtcNow() - RemovalsKept));
                break;
            case Page:
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <summary>An answer may be lost: then the next news of the node begins anew.</summary>
    private bool IsPulling(string node) => _pulling.TryGetValue(node, out DateTimeOffset since) && _time.GetUtcNow() - since < PullTime;

    private void PullFrom(string node, IActorRef part, Have have)
    {
        _pulling[node] = _time.GetUtcNow();
        Run(Work.Read, node, () =>
        {
            PeerProgress progress = _store.GetPeer(node);
            return progress.Incarnation != have.Incarnation ? new Next(node, part, 0)
                : progress.Seq < have.Seq ? new Next(node, part, progress.Seq)
                : new NothingNew(node);
        });
    }

    private void Answer(string node, IActorRef part, long since) =>
        Run(Work.Read, node, () => new Answered(node, part, new Page(_store.ChangesSince(since, MaxRecords, MaxBytes))));

    private void Take(string node, IActorRef part, ReplicaChanges changes)
    {
        _pulling[node] = _time.GetUtcNow();
        Run(Work.Write, node, () => new Taken(node, part, changes, _store.Apply(changes.Records, new PeerProgress(node, changes.Incarnation, changes.Next)), _store.GetPeer(node)));
    }

    private void Conclude(Worked worked)
    {
        if (_failing.Remove(worked.Work) && _failing.Count == 0)
            _log.LogInformation("policy is shared again");
        switch (worked.Result)
        {
            case Have have:
                foreach (NodeView node in _view.Others)
                    _parts(Context, node, PartName).Tell(have, Self);
                break;
            case Next next when _pulling.ContainsKey(next.Node):
                next.Part.Tell(new Pull(next.Since), Self);
                break;
            case NothingNew nothing:
                _pulling.Remove(nothing.Node);
                break;
            case Answered answered:
                _answering.Remove(answered.Node);
                answered.Part.Tell(answered.Page, Self);
                break;
            case Taken taken:
                Conclude(taken);
                break;
        }
    }

    private void Conclude(Taken taken)
    {
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
        // It has left meanwhile, or a write has failed: its next news begin anew.
        if (!_pulling.ContainsKey(node))
            return;
        if (changes.HasMore || progress.Incarnation != changes.Incarnation || progress.Seq < changes.Next)
            part.Tell(new Pull(progress.Seq), Self);
        else
            _pulling.Remove(node);
    }

    private void Fail(Failed failed)
    {
        (Work work, string node, Exception cause) = failed;
        if (_failing.Add(work))
            _log.LogError("policy is not shared for the time being: {Reason}", cause is StorageException ? cause.Message : cause.GetType().Name);
        _pulling.Remove(node);
        _answering.Remove(node);
    }

    private void Record(bool allowed, string reason, string node) => _audit.Record(new AuditEvent(AuditKind.Replication, allowed, reason) { RemoteId = node });

    /// <summary>The database is waited for elsewhere.</summary>
    private void Run(Work work, string node, Func<object> act) =>
        Task.Run(act).PipeTo(Self, success: result => new Worked(work, result), failure: cause => new Failed(work, node, cause));

    /// <summary>A disk that is full can still be read: of each kind one failure is told.</summary>
    private enum Work
    {
        Read,
        Write,
    }

    private sealed record Worked(Work Work, object Result);

    private sealed record Failed(Work Work, string Node, Exception Cause);

    private sealed record Answered(string Node, IActorRef Part, Page Page);

    private sealed record Taken(string Node, IActorRef Part, ReplicaChanges Changes, ReplicaOutcome Outcome, PeerProgress Progress);

    private sealed record Next(string Node, IActorRef Part, long Since);

    private sealed record NothingNew(string Node);

    private sealed record TellAll
    {
        internal static TellAll Instance { get; } = new();
    }

    private sealed record Prune
    {
        internal static Prune Instance { get; } = new();
    }
}
