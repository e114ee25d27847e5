using Akka.Actor;
using Akka.TestKit;
using NUnit.Framework;
using TlsPool.Actors;
using TlsPool.Actors.Cluster.People;
using static TlsPool.Actors.Cluster.People.EntryProtocol;

namespace TlsPool.Tests.Actors.Cluster.People;

/// <summary>The host's own service, and the cluster's, one in place of the other.</summary>
[Parallelizable]
public sealed class EntryRelayActorTests : AkkaFixture
{
    private const string Cease = "cease";

    private readonly EntryDoor _door = new();
    private TestProbe _here = null!;
    private IActorRef _relay = null!;

    [SetUp]
    public void Make()
    {
        _here = Kit.CreateTestProbe();
        _relay = Sys.ActorOf(EntryRelayActor.Props(_door, ActorFactory<ForwardingActor>.Props(() => new ForwardingActor(_here)), Cease));
    }

    [Test]
    public async Task The_gate_serves_while_it_is_open_and_this_host_otherwise()
    {
        TestProbe asker = Kit.CreateTestProbe(), gate = Kit.CreateTestProbe();
        _relay.Tell("one", asker);
        await _here.ExpectMsgAsync("one", Patience);
        Assert.That((_here.Sender, _door.Relay), Is.EqualTo((asker.Ref, _relay)));
        _relay.Tell(new Opened(gate));
        await _here.ExpectMsgAsync(Cease, Patience);
        _relay.Tell("two", asker);
        await gate.ExpectMsgAsync(new Passed("two"), Patience);
        Assert.That(gate.Sender, Is.EqualTo(asker.Ref));
        _relay.Tell(new Shut(Kit.TestActor));
        _relay.Tell("three", asker);
        await gate.ExpectMsgAsync(new Passed("three"), Patience);
        _relay.Tell(new Shut(gate));
        _relay.Tell("four", asker);
        await _here.ExpectMsgAsync("four", Patience);
    }

    [Test]
    public async Task A_gate_that_is_gone_is_shut()
    {
        TestProbe gate = Kit.CreateTestProbe();
        _relay.Tell(new Opened(gate));
        await _here.ExpectMsgAsync(Cease, Patience);
        Sys.Stop(gate);
        await Kit.AwaitAssertAsync(
            () =>
            {
                _relay.Tell("two");
                _here.ExpectMsg("two", TimeSpan.FromMilliseconds(100));
            },
            Patience);
    }
}
