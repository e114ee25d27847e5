using Akka.Actor;
using Akka.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using TlsPool.Actors.Cluster.Tickets;
using TlsPool.Crypto.Handshakes;
using TlsPool.Tests.Scenarios;
using static TlsPool.Actors.Cluster.Tickets.TicketProtocol;

namespace TlsPool.Tests.Actors.Cluster.Tickets;

/// <summary>How the keys of tickets come to all nodes.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class TicketActorTests : AkkaFixture
{
    private readonly ManualTime _time = new();

    [Test]
    public async Task Who_joins_gets_the_keys_that_are_there_and_brings_its_own()
    {
        using TicketKeyRing ringA = NewRing(), ringB = NewRing();
        byte[] ofA = ringA.Seal("of a"u8), ofB = ringB.Seal("of b"u8);
        Dictionary<string, IActorRef> nodes = [];
        nodes["a"] = Sys.ActorOf(TicketActor.Props(() => ringA, NullLogger.Instance, NodeRef.From("a", host => nodes[host])), "a");
        nodes["b"] = Sys.ActorOf(TicketActor.Props(() => ringB, NullLogger.Instance, NodeRef.From("b", host => nodes[host])), "b");
        foreach ((string host, IActorRef actor) in nodes)
            actor.Tell(NodeRef.View(host, "a", "b"));
        await Waiting.ForAsync(() => ringB.TryOpen(ofA, singleUse: false) is not null);
        await Waiting.ForAsync(() => ringA.TryOpen(ofB, singleUse: false) is not null);
    }

    [Test]
    public async Task Only_newcomers_are_told_when_somebody_joins()
    {
        using TicketKeyRing ring = NewRing();
        (IActorRef actor, Dictionary<string, TestProbe> others) = Start(() => ring);
        actor.Tell(NodeRef.View("a", "a", "b"));
        Assert.That((await others["b"].ExpectMsgAsync<Keys>(Patience)).All, Has.Count.EqualTo(1));
        actor.Tell(NodeRef.View("a", "a", "b", "c"));
        await others["c"].ExpectMsgAsync<Keys>(Patience);
        Assert.That(others["b"].HasMessages, Is.False);
    }

    [Test]
    public async Task The_oldest_node_makes_new_keys_and_tells_them_before_they_seal()
    {
        using TicketKeyRing ring = NewRing();
        (IActorRef actor, Dictionary<string, TestProbe> others) = Start(() => ring);
        actor.Tell(NodeRef.View("a", "a", "b"));
        await others["b"].ExpectMsgAsync<Keys>(Patience);
        _time.Advance(TimeSpan.FromMinutes(30));
        Keys told = await others["b"].ExpectMsgAsync<Keys>(Patience);
        Assert.That(told.All, Has.Count.EqualTo(2));
        Assert.That(told.All.Max(key => key.SealsFrom), Is.EqualTo(_time.GetUtcNow() + TimeSpan.FromSeconds(20)));
    }

    [Test]
    public async Task Nobody_else_makes_keys_while_it_is_in_the_cluster()
    {
        using TicketKeyRing ring = NewRing();
        (IActorRef actor, Dictionary<string, TestProbe> others) = Start(() => ring);
        actor.Tell(NodeRef.View("a", "b", "a"));
        await others["b"].ExpectMsgAsync<Keys>(Patience);
        Assert.That(ring.RotatesItself, Is.False);
        _time.Advance(TimeSpan.FromMinutes(40));
        Assert.That(ring.RotateIfDue(), Is.False);
        // The oldest one has gone.
        actor.Tell(NodeRef.View("a", "a"));
        await Waiting.ForAsync(() => ring.Export().Count == 2);
        Assert.That(ring.RotatesItself, Is.True);
    }

    [Test]
    public async Task A_ring_that_a_reload_has_made_is_shared_and_the_last_one_not_any_more()
    {
        using TicketKeyRing first = NewRing(), second = NewRing();
        TicketKeyRing? current = null;
        (IActorRef actor, Dictionary<string, TestProbe> others) = Start(() => Volatile.Read(ref current));
        actor.Tell(NodeRef.View("a", "b", "a"));
        await actor.Ask<ActorIdentity>(new Identify(0), Patience);
        Assert.That(others["b"].HasMessages, Is.False, "no tickets are issued");
        foreach (TicketKeyRing ring in new[] { first, second })
        {
            Volatile.Write(ref current, ring);
            Keys told = await others["b"].ExpectMsgAsync<Keys>(Patience);
            Assert.That(told.All.Select(key => key.Name), Is.EqualTo(ring.Export().Select(key => key.Name)));
        }
        await Waiting.ForAsync(() => !second.RotatesItself);
        first.Rotate();
        second.Rotate();
        Assert.That((await others["b"].ExpectMsgAsync<Keys>(Patience)).All, Has.Count.EqualTo(2), "of the second");
    }

    [Test]
    public async Task Keys_of_no_other_node_are_not_taken()
    {
        using TicketKeyRing ring = NewRing(), foreign = NewRing();
        (IActorRef actor, Dictionary<string, TestProbe> others) = Start(() => ring);
        actor.Tell(NodeRef.View("a", "a", "b"));
        actor.Tell(new Keys(foreign.Export()), others["b"]);
        actor.Tell(new Keys(foreign.Export()), ActorRefs.NoSender);
        await actor.Ask<ActorIdentity>(new Identify(0), Patience);
        Assert.That(ring.Export(), Has.Count.EqualTo(1));
        Keys taken = new(foreign.Export());
        actor.Tell(taken, new NodeRef("b", others["b"]));
        await Waiting.ForAsync(() => ring.Export().Count == 2);
        await Waiting.ForAsync(() => taken.All[0].Secret.IsEmpty);
    }

    private TicketKeyRing NewRing() => new(TimeSpan.FromHours(1), _time);

    private (IActorRef Actor, Dictionary<string, TestProbe> Others) Start(Func<TicketKeyRing?> current)
    {
        var others = new[] { "b", "c" }.ToDictionary(host => host, _ => Kit.CreateTestProbe());
        return (Sys.ActorOf(TicketActor.Props(current, NullLogger.Instance, NodeRef.From("", host => others[host]))), others);
    }
}
