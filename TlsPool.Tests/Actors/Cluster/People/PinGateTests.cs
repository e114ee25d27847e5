using System.Text;
using Akka.Actor;
using Akka.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using TlsPool.Actors;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Cluster.People;
using TlsPool.Actors.Entry;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.Transport;
using static TlsPool.Actors.Cluster.People.EntryProtocol;
using static TlsPool.Actors.Entry.PinProtocol;

namespace TlsPool.Tests.Actors.Cluster.People;

/// <summary>A token at one node and a program at another, with an arbiter between them that sees all they say.</summary>
[Parallelizable]
public sealed class PinGateTests : AkkaFixture
{
    private const string Pin = "7391-secret-of-one";
    private static readonly PeerCredentials Program = new(42, 1000, 100);
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    private readonly NamedPeers _peers = new();
    private readonly List<object> _seen = [];
    private IActorRef _order = null!;
    private IActorRef _tokenGate = null!;
    private IActorRef _programGate = null!;
    private TestProbe _tokenRelay = null!;
    private TestProbe _programRelay = null!;
    private TestProbe _token = null!;
    private TestProbe _connection = null!;

    [SetUp]
    public async Task MakeAsync()
    {
        (_token, _connection, _tokenRelay, _programRelay) = (Kit.CreateTestProbe(), Kit.CreateTestProbe(), Kit.CreateTestProbe(), Kit.CreateTestProbe());
        _peers.Nodes = [((ExtendedActorSystem)Sys).Provider.DefaultAddress];
        _order = Sys.ActorOf(PinEntryActor.Props(NullLogger.Instance, new NoTrail(), TimeProvider.System, _peers), "order");
        _peers.Put(_order.Path, "node0");
        _tokenGate = Gate("token-gate", _tokenRelay, "node1");
        _programGate = Gate("program-gate", _programRelay, "node2");
        await _tokenRelay.ExpectMsgAsync(new Opened(_tokenGate), Patience);
        await _programRelay.ExpectMsgAsync(new Opened(_programGate), Patience);
    }

    [Test]
    public async Task The_person_sees_which_host_asks_and_only_that_host_reads_the_PIN()
    {
        Question question = await QuestionAsync();
        Assert.That((question.Body.Prompt, question.Body.TokenLabel), Is.EqualTo(("PIN of one at node1", "one")));
        byte[] typed = Encoding.UTF8.GetBytes(Pin);
        FromConnection(new Answer(new Offer(_connection, 8, Program, Long), question.Number, typed));
        await _connection.ExpectMsgAsync(new OfferDone(8, null), Patience);
        Entered entered = await _token.ExpectMsgAsync<Entered>(Patience);
        Assert.That((Encoding.UTF8.GetString(entered.Pin), entered.By, entered.Node), Is.EqualTo((Pin, Program, "node2")));
        Assert.That(typed, Is.All.Zero);
        Assert.That(Seen<Answer>().Pin, Has.Length.EqualTo(SealedPin.Size));
        Assert.That(Seen<Answer>().Pin.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Pin)), Is.EqualTo(-1));

        FromToken(new Ask("maker", "model", "serial", "one", "That PIN was wrong. PIN of one", 1));
        question = await _connection.ExpectMsgAsync<Question>(Patience);
        Assert.That((question.RequestId, question.Body.Prompt), Is.EqualTo(((ushort)8, "That PIN was wrong. PIN of one at node1")));
    }

    [Test]
    public async Task A_prompt_that_has_no_room_for_the_host_is_left_out_and_not_the_host()
    {
        FromToken(new Ask("maker", "model", "serial", "one", new string('x', 120), 0));
        Question question = await OfferAsync();
        Assert.That(question.Body.Prompt, Is.EqualTo("PIN for node1: one"));
    }

    [Test]
    public async Task A_program_that_ends_frees_the_lock_for_all()
    {
        await QuestionAsync();
        TestProbe other = Kit.CreateTestProbe();
        _tokenGate.Tell(new Passed(new Offer(other, 1, Program, Long)), other);
        OfferDone refused = await other.ExpectMsgAsync<OfferDone>(Patience);
        Assert.That((refused.Fault?.Code, refused.Fault?.Text), Is.EqualTo((PoolError.PinEntryNotVacant, "process 42 of uid 1000 at node2 serves PINs already")));
        Sys.Stop(_connection);
        await Kit.AwaitAssertAsync(
            () =>
            {
                _tokenGate.Tell(new Passed(new Offer(other, 2, Program, Long)), other);
                // Its end is heard a moment later; Assert would fail the test at once.
                if (other.ExpectMsg<OfferDone>(Patience).Fault is { } full)
                    throw new AssertionException(full.Text);
            },
            Patience);
        Assert.That((await other.ExpectMsgAsync<Question>(Patience)).Body.Prompt, Is.EqualTo("PIN of one"), "at the token's own host");
    }

    [Test]
    public async Task Nodes_that_do_not_share_entry_are_not_heard()
    {
        _peers.Put(_programGate.Path, null);
        FromToken(Wish());
        FromConnection(new Offer(_connection, 7, Program, Long));
        await _connection.ExpectNoMsgAsync(TimeSpan.FromMilliseconds(300));
    }

    [Test]
    public async Task A_key_of_somebody_else_is_not_used_and_a_PIN_that_does_not_open_is_a_refusal()
    {
        Question question = await QuestionAsync();
        // Another node asks for the key meanwhile, so that the one the program has is good no more.
        TestProbe thief = Kit.CreateTestProbe();
        _peers.Put(thief.Ref.Path, "node3");
        question.Token.Tell(PinKeys.Wanted.Instance, thief);
        await thief.ExpectMsgAsync<PinKeys.Given>(Patience);
        FromConnection(new Answer(new Offer(_connection, 8, Program, Long), question.Number, Encoding.UTF8.GetBytes(Pin)));
        Assert.That((await _token.ExpectMsgAsync<Refused>(Patience)).Reason, Does.Contain("cannot be read"));
    }

    [Test]
    public async Task When_the_node_leaves_the_relay_is_told_first_and_then_all_who_wait()
    {
        await QuestionAsync();
        TestProbe second = Kit.CreateTestProbe();
        _tokenGate.Tell(new Passed(Wish() with { Label = "two" }), second);
        _peers.Nodes = [];
        await _tokenRelay.ExpectMsgAsync(new Shut(_tokenGate), Patience);
        await _programRelay.ExpectMsgAsync(new Shut(_programGate), Patience);
        await _token.ExpectMsgAsync<AskAgain>(Patience);
        await second.ExpectMsgAsync<AskAgain>(Patience);
        await _connection.ExpectMsgAsync<Expire>(Patience);
        FromToken(Wish());
        await _tokenRelay.ExpectMsgAsync(Wish(), Patience);
        Assert.That(_tokenRelay.Sender, Is.EqualTo(_token.Ref), "what comes too late goes back");
    }

    [Test]
    public async Task An_offer_that_is_open_ends_with_the_arbiter()
    {
        FromConnection(new Offer(_connection, 7, Program, Long));
        await _connection.ExpectMsgAsync(new OfferDone(7, null), Patience);
        _peers.Nodes = [];
        OfferEnded ended = await _connection.ExpectMsgAsync<OfferEnded>(Patience);
        Assert.That((ended.RequestId, ended.Fault.Code), Is.EqualTo(((ushort)7, PoolError.ConnectionHandlerSetup)));
    }

    private static Ask Wish() => new("maker", "model", "serial", "one", "PIN of one", 0);

    private void FromToken(object message) => _tokenGate.Tell(new Passed(message), _token);

    private void FromConnection(object message) => _programGate.Tell(new Passed(message), _connection);

    private async Task<Question> QuestionAsync()
    {
        FromToken(Wish());
        return await OfferAsync();
    }

    private async Task<Question> OfferAsync()
    {
        FromConnection(new Offer(_connection, 7, Program, Long));
        await _connection.ExpectMsgAsync(new OfferDone(7, null), Patience);
        Question question = await _connection.ExpectMsgAsync<Question>(Patience);
        await _token.ExpectMsgAsync<Asked>(Patience);
        return question;
    }

    private T Seen<T>()
    {
        lock (_seen)
            return _seen.OfType<T>().Single();
    }

    /// <summary>A gate of a node; what it takes for the arbiter leads to the one for both.</summary>
    private IActorRef Gate(string name, TestProbe relay, string node)
    {
        _peers.Put(new RootActorPath(_peers.Nodes[0]) / "user" / name, node);
        _peers.Put(new RootActorPath(_peers.Nodes[0]) / "user" / name / "singleton", "node0");
        return Sys.ActorOf(
            EntryGateActor.Props(new EntryGateSettings("PIN entry", new EntryDoor { Relay = relay }, NullLogger.Instance)
            {
                Peers = _ => _peers,
                Manager = (_, _) => ActorFactory<HoldingActor>.Props(() => new HoldingActor(
                    ActorFactory<ForwardingActor>.Props(() => new ForwardingActor(_order, _seen)))),
                StandIn = (ends, message) => message is Ask
                    ? PinTokenStandInActor.Props(ends, NullLogger.Instance)
                    : PinConnectionStandInActor.Props(ends, NullLogger.Instance),
            }),
            name);
    }

    private sealed class NoTrail : IAuditTrail
    {
        public void Record(AuditEvent decision)
        {
        }
    }
}
