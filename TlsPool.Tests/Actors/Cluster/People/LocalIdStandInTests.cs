using Akka.Actor;
using Akka.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Cluster.People;
using TlsPool.Actors.Connections;
using TlsPool.Actors.LocalIds;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.Transport;
using static TlsPool.Actors.Cluster.People.EntryProtocol;
using static TlsPool.Actors.LocalIds.LocalIdProtocol;

namespace TlsPool.Tests.Actors.Cluster.People;

/// <summary>A session at one node and a program that chooses at another, with the arbiter between them.</summary>
[Parallelizable]
public sealed class LocalIdStandInTests : AkkaFixture
{
    private static readonly PeerCredentials Program = new(42, 1000, 100);
    private static readonly LidEntryMessage Answer = new(LidEntryFlags.None, 0, 60, "mary@a.example", "www.example.com");

    private readonly NamedPeers _peers = new();
    private readonly List<AuditEvent> _audit = [];
    private IActorRef _arbiter = null!;
    private IActorRef _session = null!;
    private IActorRef _connection = null!;
    private TestProbe _localSession = null!;
    private TestProbe _localConnection = null!;

    [SetUp]
    public void Make()
    {
        _peers.Put(new RootActorPath(Address.AllSystems) / "user", "node0");
        (_localSession, _localConnection) = (Kit.CreateTestProbe(), Kit.CreateTestProbe());
        _arbiter = Sys.ActorOf(LocalIdActor.Props(new Records(_audit), NullLogger.Instance, TimeProvider.System, _peers), "arbiter");
        _session = Sys.ActorOf(LocalIdSessionStandInActor.Props(new EntryEnds(_localSession, _arbiter, _peers)), "session");
        _connection = Sys.ActorOf(LocalIdConnectionStandInActor.Props(new EntryEnds(_localConnection, _arbiter, _peers)), "connection");
        _peers.Put(_session.Path, "node1");
        _peers.Put(_connection.Path, "node2");
    }

    [Test]
    public void The_program_at_the_other_node_is_asked_and_its_answer_goes_to_the_session()
    {
        ConnectionProtocol.SendCallback callback = Ask();
        Assert.That((callback.RequestId, callback.Command), Is.EqualTo(((ushort)7, Command.LidEntryCallback)));
        Assert.That(((LidEntryMessage)callback.Body).RemoteId, Is.EqualTo("www.example.com"));
        callback.Asker.Tell(new ConnectionProtocol.CallbackAnswered(Answer, Descriptor: null), _localConnection);
        Assert.That(_localSession.ExpectMsg<Chosen>(Patience), Is.EqualTo(new Chosen(Answer, Program) { Node = "node2" }));
        Assert.That(_audit[0].Reason, Is.EqualTo("chooses local identities from now on at node2"));
    }

    [Test]
    public void Without_a_program_nobody_is_asked()
    {
        _session.Tell(new Passed(new Choose("www.example.com", "john@a.example", 1, [])), _localSession);
        _localSession.ExpectMsg<NobodyAsked>(Patience);
    }

    [Test]
    public void A_refusal_and_a_program_that_ends_refuse_the_session()
    {
        ConnectionProtocol.SendCallback callback = Ask();
        Sys.Stop(_localConnection);
        Assert.That(_localSession.ExpectMsg<NotChosen>(Patience).Reason, Does.Contain("went away"));
        Assert.That(callback.Body, Is.Not.Null);
    }

    [Test]
    public void An_answer_of_somebody_who_was_not_asked_is_not_used()
    {
        ConnectionProtocol.SendCallback callback = Ask();
        Sys.ActorSelection(_arbiter.Path / "*").Tell(new Answered(Answer with { LocalId = "thief@a.example" }), Kit.TestActor);
        _localSession.ExpectNoMsg(TimeSpan.FromMilliseconds(200));
        callback.Asker.Tell(new ConnectionProtocol.CallbackAnswered(Answer, Descriptor: null), _localConnection);
        Assert.That(_localSession.ExpectMsg<Chosen>(Patience).Answer, Is.EqualTo(Answer));
    }

    [Test]
    public void When_the_arbiter_ends_in_order_all_are_told()
    {
        Ask();
        _arbiter.Tell(Cease.Instance);
        Assert.That(_localSession.ExpectMsg<NotChosen>(Patience).Reason, Does.Contain("the cluster has changed"));
        RegistrationEnded ended = (RegistrationEnded)_localConnection.FishForMessage(message => message is RegistrationEnded, Patience);
        Assert.That((ended.RequestId, ended.Fault.Code), Is.EqualTo(((ushort)7, PoolError.ConnectionHandlerSetup)));
    }

    [Test]
    public void When_the_stand_ins_end_those_they_stood_for_are_told()
    {
        Ask();
        Sys.Stop(_session);
        Assert.That(_localSession.ExpectMsg<NotChosen>(Patience).Reason, Does.Contain("the cluster has changed"));
        Sys.Stop(_connection);
        _localConnection.FishForMessage(message => message is RegistrationEnded, Patience);
    }

    private ConnectionProtocol.SendCallback Ask()
    {
        _connection.Tell(new Passed(new Register(LidEntryFlags.None, 60, Program, _localConnection, 7)), _localConnection);
        Assert.That(_localConnection.ExpectMsg<RegistrationAnswered>(Patience), Is.EqualTo(new RegistrationAnswered(7, null)));
        _session.Tell(new Passed(new Choose("www.example.com", "john@a.example", 1, [])), _localSession);
        return _localConnection.ExpectMsg<ConnectionProtocol.SendCallback>(Patience);
    }

    private sealed class Records(List<AuditEvent> list) : IAuditTrail
    {
        public void Record(AuditEvent decision) => list.Add(decision);
    }
}
