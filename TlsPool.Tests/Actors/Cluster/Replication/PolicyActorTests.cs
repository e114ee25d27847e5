using System.Collections.Concurrent;
using Akka.Actor;
using Akka.TestKit;
using Microsoft.Extensions.Logging;
using NUnit.Framework;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Cluster.Replication;
using TlsPool.Actors.Storage.Replication;
using TlsPool.Tests.Actors.Storage.Replication;
using TlsPool.Tests.Scenarios;
using static TlsPool.Actors.Cluster.Replication.PolicyProtocol;

namespace TlsPool.Tests.Actors.Cluster.Replication;

/// <summary>Nodes that tell each other of their policy, over databases of their own.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class PolicyActorTests : AkkaFixture
{
    private readonly ManualTime _time = new();
    private readonly ReplicaNode _a = new("a"), _b = new("b");
    private readonly RecordedAudit _auditOfA = new(), _auditOfB = new();
    private readonly RecordedLog _log = new();
    private readonly ConcurrentDictionary<string, IActorRef> _nodes = new();
    private Func<object, bool> _loses = _ => false;

    [TearDown]
    public async Task CloseStores()
    {
        // The actors are at work until the system has ended.
        await Sys.Terminate().WaitAsync(Patience);
        _a.Dispose();
        _b.Dispose();
    }

    [Test]
    public async Task Nodes_that_meet_come_to_the_same_policy()
    {
        for (int i = 0; i < 1200; i++)
            _a.Trust.Add([ReplicaNode.Anchor($"anchor {i}")]);
        _b.Access.TryAdd(ReplicaNode.Rule(".example.com"));
        Join();
        await ExpectSamePolicyAsync();
        Assert.That(_b.Trust.List(), Has.Count.EqualTo(1200));
        Assert.That(_a.Access.List(out _), Has.Count.EqualTo(1));
        // Recorded a moment after it is there.
        await Waiting.ForAsync(() => _auditOfA.Events.Any(told => told is { Kind: AuditKind.Replication, Allowed: true, RemoteId: "b" }));
    }

    [Test]
    public async Task A_change_comes_to_the_others()
    {
        Join();
        _a.Trust.Add([ReplicaNode.Anchor("one")]);
        Sys.EventStream.Publish(PolicyChanged.Instance);
        await ExpectSamePolicyAsync();
        _b.Trust.Remove([ReplicaNode.Anchor("one").Fingerprint]);
        Sys.EventStream.Publish(PolicyChanged.Instance);
        await ExpectSamePolicyAsync();
        Assert.That(_a.Trust.List(), Is.Empty);
    }

    [Test]
    public async Task A_page_that_was_lost_is_asked_for_again_when_its_time_is_over()
    {
        int lost = 0;
        _loses = message => message is Page && Interlocked.Increment(ref lost) == 1;
        _a.Trust.Add([ReplicaNode.Anchor("one")]);
        // Only one of them has something to tell.
        Join();
        await Waiting.ForAsync(() => Volatile.Read(ref lost) > 0);
        await Waiting.ForAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(15));
            Sys.EventStream.Publish(PolicyChanged.Instance);
            return _b.Trust.List().Count == 1;
        });
    }

    [Test]
    public async Task Conflicts_are_recorded()
    {
        _a.Trust.Add([ReplicaNode.Anchor("one", "of a")]);
        _b.Skew(TimeSpan.FromMinutes(1));
        _b.Trust.Add([ReplicaNode.Anchor("one", "of b")]);
        Join();
        await ExpectSamePolicyAsync();
        await Waiting.ForAsync(() => _auditOfA.Events.Concat(_auditOfB.Events).Any(
            told => !told.Allowed && told.Reason.Contains("the change of b stays, that of a is lost", StringComparison.Ordinal)));
    }

    [Test]
    public async Task Records_that_are_refused_are_recorded_and_the_rest_is_taken()
    {
        (IActorRef actor, TestProbe peer) = StartAlone();
        _b.Trust.Add([ReplicaNode.Anchor("one")]);
        ReplicaRecord good = _b.Records()[^1];
        actor.Tell(new Have("life", 7), new NodeRef("b", peer));
        Assert.That((await peer.ExpectMsgAsync<Pull>(Patience)).Since, Is.Zero);
        ReplicaRecord bad = good with { Value = "no JSON", Node = "b" };
        actor.Tell(new Page(new ReplicaChanges([bad, good], "life", 7, HasMore: false)), new NodeRef("b", peer));
        await Waiting.ForAsync(() => _auditOfA.Events.Any(told => !told.Allowed && told.Reason.Contains("is refused", StringComparison.Ordinal)));
        Assert.That(_a.Trust.List(), Has.Count.EqualTo(1));
        // The refusals are told before it is ready for more.
        await actor.Ask<ActorIdentity>(new Identify(0), Patience);
        actor.Tell(new Have("life", 8), new NodeRef("b", peer));
        Assert.That((await peer.ExpectMsgAsync<Pull>(Patience)).Since, Is.EqualTo(7), "what was refused is not asked for again");
    }

    [Test]
    public async Task Of_another_life_of_a_database_everything_is_asked_for()
    {
        (IActorRef actor, TestProbe peer) = StartAlone();
        actor.Tell(new Have("life", 7), new NodeRef("b", peer));
        await peer.ExpectMsgAsync<Pull>(Patience);
        actor.Tell(new Page(new ReplicaChanges([], "life", 7, HasMore: false)), new NodeRef("b", peer));
        await Waiting.ForAsync(() => _a.Replica.GetPeer("b").Seq == 7);
        // What it was told in between counts for nothing, and it is asked about its next news.
        await Waiting.ForAsync(() =>
        {
            actor.Tell(new Have("another life", 1), new NodeRef("b", peer));
            return peer.HasMessages;
        });
        Assert.That((await peer.ExpectMsgAsync<Pull>(Patience)).Since, Is.Zero);
    }

    [Test]
    public async Task Pages_come_one_after_the_other_and_each_goes_on_where_the_last_one_ended()
    {
        (IActorRef actor, TestProbe peer) = StartAlone();
        var asker = new NodeRef("b", peer);
        actor.Tell(new Have("life", 30), asker);
        await peer.ExpectMsgAsync<Pull>(Patience);
        foreach (int next in new[] { 10, 20 })
        {
            actor.Tell(new Page(new ReplicaChanges([], "life", next, HasMore: true)), asker);
            Assert.That((await peer.ExpectMsgAsync<Pull>(Patience)).Since, Is.EqualTo(next));
        }
    }

    [Test]
    public async Task Pages_that_nobody_has_asked_for_and_questions_of_no_other_node_are_ignored()
    {
        (IActorRef actor, TestProbe peer) = StartAlone();
        _b.Trust.Add([ReplicaNode.Anchor("one")]);
        actor.Tell(new Page(new ReplicaChanges(_b.Records(), "life", 7, HasMore: true)), new NodeRef("b", peer));
        actor.Tell(new Pull(0), peer);
        actor.Tell(new Have("life", 7), peer);
        actor.Tell(new Pull(0), new NodeRef("b", peer));
        Page page = await peer.ExpectMsgAsync<Page>(Patience);
        Assert.That(page.Changes.Records, Is.Empty);
        Assert.That(_a.Trust.List(), Is.Empty);
        Assert.That(peer.HasMessages, Is.False);
    }

    [Test]
    public async Task A_database_that_fails_is_told_once_and_shared_again_when_it_works()
    {
        (IActorRef actor, TestProbe peer) = StartAlone();
        actor.Tell(NodeRef.View("a", "a", "b"));
        await peer.ExpectMsgAsync<Have>(Patience);
        _a.Execute("CREATE TABLE kept AS SELECT * FROM replica_self; DELETE FROM replica_self;");
        for (int i = 0; i < 3; i++)
        {
            actor.Tell(PolicyChanged.Instance);
            actor.Tell(new Pull(0), new NodeRef("b", peer));
            await Waiting.ForAsync(() => Errors() > 0);
        }
        _a.Execute("INSERT INTO replica_self SELECT * FROM kept; DROP TABLE kept;");
        actor.Tell(PolicyChanged.Instance);
        await Waiting.ForAsync(() => _log.Lines.Any(line => line.Text == "policy is shared again"));
        actor.Tell(new Pull(0), new NodeRef("b", peer));
        await peer.FishForMessageAsync(message => message is Page, Patience);
        Assert.That(Errors(), Is.EqualTo(1));
    }

    private int Errors() => _log.Lines.Count(line => line.Level == LogLevel.Error);

    private void Join()
    {
        foreach ((ReplicaNode node, RecordedAudit audit) in new[] { (_a, _auditOfA), (_b, _auditOfB) })
        {
            _nodes[node.Name] = Sys.ActorOf(
                PolicyActor.Props(node.Replica, audit, _log, _time, NodeRef.From(node.Name, host => _nodes[host], message => _loses(message))), node.Name);
        }
        foreach ((string host, IActorRef actor) in _nodes)
            actor.Tell(NodeRef.View(host, "a", "b"));
    }

    private (IActorRef Actor, TestProbe Peer) StartAlone()
    {
        TestProbe peer = Kit.CreateTestProbe();
        return (Sys.ActorOf(PolicyActor.Props(_a.Replica, _auditOfA, _log, _time, NodeRef.From("", _ => peer))), peer);
    }

    private Task ExpectSamePolicyAsync() => Waiting.ForAsync(() => _a.Policy() == _b.Policy() && _a.Journal() == _b.Journal());
}
