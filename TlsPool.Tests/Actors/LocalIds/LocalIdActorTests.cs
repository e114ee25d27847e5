using Akka.Actor;
using Akka.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Connections;
using TlsPool.Actors.Dispatch;
using TlsPool.Actors.LocalIds;
using TlsPool.Actors.Sessions;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.IO;
using TlsPool.Protocol.Transport;
using static TlsPool.Actors.LocalIds.LocalIdProtocol;

namespace TlsPool.Tests.Actors.LocalIds;

/// <summary>Who is asked, when, and what becomes of programs and sessions that go away.</summary>
[Parallelizable]
public sealed class LocalIdActorTests : AkkaFixture
{
    private static readonly PeerCredentials Program = new(4711, 1000, 100);

    private readonly ManualTime _time = new();
    private readonly List<AuditEvent> _audit = [];
    private EventLoopGroup _loops = null!;
    private IActorRef _actor = null!;
    private TestProbe _connection = null!;

    [SetUp]
    public void Make()
    {
        _loops = new EventLoopGroup(1, "test");
        LoopDispatcher.Register(Sys, _loops);
        _actor = Sys.ActorOf(LocalIdActor.Props(new Records(_audit), NullLogger.Instance, _time));
        _connection = Kit.CreateTestProbe();
    }

    [TearDown]
    public void Stop() => _loops.Dispose();

    [Test]
    public void Without_a_program_nobody_is_asked()
    {
        Ask(out TestProbe session);
        session.ExpectMsg<NobodyAsked>(Patience);
    }

    [Test]
    public void The_program_is_asked_and_its_answer_goes_to_the_session()
    {
        Register(_connection, timeout: 30);
        Ask(out TestProbe session, "www.example.com");
        (LidEntryMessage question, IActorRef asker) = ExpectCallback(_connection);
        Assert.That(question, Is.EqualTo(new LidEntryMessage(LidEntryFlags.None, 1, 30, "john@a.example", "www.example.com")));
        LidEntryMessage answer = question with { LocalId = "mary@a.example" };
        asker.Tell(new ConnectionProtocol.CallbackAnswered(answer, Descriptor: null));
        Assert.That(session.ExpectMsg<Chosen>(Patience), Is.EqualTo(new Chosen(answer, Program)));
        Assert.That(_audit.Select(entry => (entry.Kind, entry.Application)), Is.EqualTo(new[] { (AuditKind.EntryProgram, (PeerCredentials?)Program) }));
    }

    [Test]
    public void Stored_entries_are_shown_first_if_they_are_wanted()
    {
        Register(_connection, LidEntryFlags.WantDbEntry);
        Ask(out TestProbe session, "www.example.com", new StoredChoice(".example.com", 1, "john@a.example"), new StoredChoice(".", 3, ""));
        var shown = new List<LidEntryMessage>();
        for (int i = 0; i < 3; i++)
        {
            (LidEntryMessage question, IActorRef asker) = ExpectCallback(_connection);
            shown.Add(question);
            asker.Tell(new ConnectionProtocol.CallbackAnswered(question, Descriptor: null));
        }
        Assert.That(shown, Is.EqualTo(new[]
        {
            new LidEntryMessage(LidEntryFlags.DbEntry, 1, 60, "john@a.example", ".example.com"),
            new LidEntryMessage(LidEntryFlags.DbEntry, 3, 60, "", "."),
            new LidEntryMessage(LidEntryFlags.None, 1, 60, "john@a.example", "www.example.com"),
        }));
        session.ExpectMsg<Chosen>(Patience);
    }

    [Test]
    public void Entries_that_are_near_enough_are_used_without_a_question()
    {
        Register(_connection, LidEntryFlags.SkipDomainOneUp);
        Ask(out TestProbe near, "www.example.com", new StoredChoice(".example.com", 1, "john@a.example"), new StoredChoice(".", 3, "x@a.example"));
        near.ExpectMsg<NobodyAsked>(Patience);
        Ask(out TestProbe far, "www.example.com", new StoredChoice(".", 3, "x@a.example"));
        Ask(out TestProbe none, "www.example.com");
        foreach (TestProbe session in new[] { far, none })
        {
            (LidEntryMessage question, IActorRef asker) = ExpectCallback(_connection);
            asker.Tell(new ConnectionProtocol.CallbackAnswered(question, Descriptor: null));
            session.ExpectMsg<Chosen>(Patience);
        }
    }

    [Test]
    public void One_session_is_asked_about_after_the_other()
    {
        Register(_connection, LidEntryFlags.WantDbEntry);
        TestProbe[] sessions = [.. Enumerable.Range(0, 20).Select(i =>
        {
            Ask(out TestProbe session, $"s{i}.example.com", new StoredChoice(".", 3, $"s{i}@a.example"));
            return session;
        })];
        for (int i = 0; i < sessions.Length; i++)
        {
            (LidEntryMessage entry, IActorRef first) = ExpectCallback(_connection);
            first.Tell(new ConnectionProtocol.CallbackAnswered(entry, Descriptor: null));
            (LidEntryMessage question, IActorRef second) = ExpectCallback(_connection);
            Assert.That((entry.LocalId, question.RemoteId, second), Is.EqualTo(($"s{i}@a.example", $"s{i}.example.com", first)));
            second.Tell(new ConnectionProtocol.CallbackAnswered(question, Descriptor: null));
            sessions[i].ExpectMsg<Chosen>(Patience);
        }
    }

    [Test]
    public void The_queue_of_sessions_is_bounded()
    {
        Register(_connection);
        TestProbe sessions = Kit.CreateTestProbe();
        ExpectFirst(sessions);
        // All of them by one sender each: the actor knows them apart.
        TestProbe[] waiting = [.. Enumerable.Range(0, LocalIdActor.MaxWaiting).Select(_ => Kit.CreateTestProbe())];
        foreach (TestProbe one in waiting)
            _actor.Tell(new Choose("www.example.com", "", 1, []), one);
        Ask(out TestProbe last);
        Assert.That(last.ExpectMsg<NotChosen>(Patience).Reason, Is.EqualTo("too many sessions wait for somebody to choose a local identity"));
        Sys.Stop(_connection);
        foreach (TestProbe one in waiting)
            one.ExpectMsg<NobodyAsked>(Patience);
    }

    [Test]
    public void A_second_program_is_told_that_there_is_no_vacancy()
    {
        Register(_connection, timeout: 30);
        TestProbe other = Kit.CreateTestProbe();
        Assert.That(TryRegister(other), Is.EqualTo(PoolError.LidEntryNotVacant));
        Assert.That(TryRegister(_connection), Is.EqualTo(PoolError.LidEntryNotVacant), "not even of the same connection");
        ExpectFirst(Kit.CreateTestProbe());
        Assert.That(TryRegister(other), Is.EqualTo(PoolError.LidEntryNotVacant), "while it is asked");
        Assert.That(TryRegister(_connection), Is.EqualTo(PoolError.LidEntryNotVacant));
        Sys.Stop(_connection);
        Kit.AwaitCondition(() => TryRegister(other) is null, Patience);
    }

    [Test]
    public void A_program_that_names_no_timeout_is_replaced_while_it_is_asked()
    {
        Register(_connection, timeout: 0);
        TestProbe session = Kit.CreateTestProbe(), other = Kit.CreateTestProbe();
        ExpectFirst(session);
        Ask(out TestProbe next);
        Assert.That(TryRegister(other, timeout: 30), Is.Null);
        Assert.That(session.ExpectMsg<NotChosen>(Patience).Reason, Does.Contain("was replaced"));
        Assert.That(_connection.FishForMessage<RegistrationEnded>(_ => true, Patience).Fault.Code, Is.EqualTo(PoolError.LidEntryNotVacant));
        (LidEntryMessage question, IActorRef asker) = ExpectCallback(other);
        asker.Tell(new ConnectionProtocol.CallbackAnswered(question, Descriptor: null));
        next.ExpectMsg<Chosen>(Patience);
    }

    [Test]
    public void A_program_that_takes_too_long_is_not_asked_again()
    {
        Register(_connection, timeout: 1);
        TestProbe session = Kit.CreateTestProbe();
        IActorRef asker = ExpectFirst(session);
        Ask(out TestProbe waiting);
        Assert.That(session.ExpectMsg<NotChosen>(Patience).Reason, Does.Contain("did not answer within 1 s"));
        waiting.ExpectMsg<NobodyAsked>(Patience);
        Assert.That(_connection.FishForMessage(message => message is RegistrationEnded or ConnectionProtocol.WithdrawCallback, Patience), Is.Not.Null);
        Assert.That(_connection.FishForMessage(message => message is RegistrationEnded or ConnectionProtocol.WithdrawCallback, Patience), Is.Not.Null);
        asker.Tell(new ConnectionProtocol.CallbackAnswered(new LidEntryMessage(LidEntryFlags.None, 0, 0, "late@a.example", ""), Descriptor: null));
        Assert.That(TryRegister(_connection), Is.Null, "it may come back");
        Ask(out TestProbe again);
        (LidEntryMessage question, IActorRef next) = ExpectCallback(_connection);
        next.Tell(new ConnectionProtocol.CallbackAnswered(question with { LocalId = "in-time@a.example" }, Descriptor: null));
        Assert.That(again.ExpectMsg<Chosen>(Patience).Answer.LocalId, Is.EqualTo("in-time@a.example"));
    }

    [Test]
    public void The_death_of_the_program_refuses_what_it_was_asked_and_frees_those_who_wait()
    {
        Register(_connection, timeout: 600);
        TestProbe session = Kit.CreateTestProbe();
        ExpectFirst(session);
        Ask(out TestProbe waiting);
        Sys.Stop(_connection);
        Assert.That(session.ExpectMsg<NotChosen>(Patience).Reason, Does.Contain("went away"));
        waiting.ExpectMsg<NobodyAsked>(Patience);
    }

    [Test]
    public void Nobody_is_asked_of_a_program_whose_connection_refuses_because_it_is_closed()
    {
        Register(_connection, timeout: 600);
        TestProbe session = Kit.CreateTestProbe();
        IActorRef asker = ExpectFirst(session);
        Ask(out TestProbe waiting);
        asker.Tell(new ConnectionProtocol.CallbackRefused(new PoolFault(PoolError.ClientDisconnect)));
        Assert.That(session.ExpectMsg<NotChosen>(Patience).Reason, Does.Contain("went away"));
        waiting.ExpectMsg<NobodyAsked>(Patience);
        Assert.That(TryRegister(Kit.CreateTestProbe()), Is.Null);
    }

    [Test]
    public void A_session_that_ends_gives_way_when_its_question_is_answered()
    {
        Register(_connection, LidEntryFlags.WantDbEntry);
        TestProbe session = Kit.CreateTestProbe();
        _actor.Tell(new Choose("gone.example.com", "", 1, [new StoredChoice(".", 3, "x@a.example")]), session);
        (LidEntryMessage entry, IActorRef asker) = ExpectCallback(_connection);
        Ask(out TestProbe alsoGone, "also.gone.example.com");
        Ask(out TestProbe next, "next.example.com");
        foreach (TestProbe ended in new[] { session, alsoGone })
        {
            Kit.Watch(ended);
            Sys.Stop(ended);
            Kit.ExpectTerminated(ended, Patience);
        }
        Assert.That(TryRegister(Kit.CreateTestProbe()), Is.EqualTo(PoolError.LidEntryNotVacant));
        Assert.That(_connection.HasMessages, Is.False, "the program would mix up two questions");
        asker.Tell(new ConnectionProtocol.CallbackAnswered(entry, Descriptor: null));
        (LidEntryMessage question, IActorRef second) = ExpectCallback(_connection);
        Assert.That(question.RemoteId, Is.EqualTo("next.example.com"), "what the program was asked for others stays out of it");
        second.Tell(new ConnectionProtocol.CallbackAnswered(question, Descriptor: null));
        next.ExpectMsg<Chosen>(Patience);
    }

    [TestCase(PoolError.ClientRefusesCallback, "the program that chooses local identities refused")]
    [TestCase(PoolError.CommandBadCallbackResponse, "answered wrongly: TLS Pool command code unacceptable as callback response")]
    public void A_refusal_is_one_session_s_and_the_next_is_asked_about(PoolError error, string reason)
    {
        Register(_connection);
        TestProbe session = Kit.CreateTestProbe();
        ExpectFirst(session).Tell(new ConnectionProtocol.CallbackRefused(new PoolFault(error)));
        Assert.That(session.ExpectMsg<NotChosen>(Patience).Reason, Does.Contain(reason));
        Ask(out _);
        ExpectCallback(_connection);
    }

    private void Register(TestProbe connection, LidEntryFlags flags = LidEntryFlags.None, uint timeout = 60) =>
        Assert.That(TryRegister(connection, flags, timeout), Is.Null);

    private PoolError? TryRegister(TestProbe connection, LidEntryFlags flags = LidEntryFlags.None, uint timeout = 60)
    {
        TestProbe sender = Kit.CreateTestProbe();
        _actor.Tell(new Register(flags, timeout, Program, connection, 7), sender);
        return sender.ExpectMsg<RegistrationAnswered>(Patience).Fault?.Code;
    }

    private void Ask(out TestProbe session, string remote = "www.example.com", params StoredChoice[] stored)
    {
        session = Kit.CreateTestProbe();
        _actor.Tell(new Choose(remote, "john@a.example", 1, stored), session);
    }

    private IActorRef ExpectFirst(TestProbe session)
    {
        _actor.Tell(new Choose("first.example.com", "", 1, []), session);
        return ExpectCallback(_connection).Asker;
    }

    private static (LidEntryMessage Body, IActorRef Asker) ExpectCallback(TestProbe connection)
    {
        ConnectionProtocol.SendCallback callback = connection.ExpectMsg<ConnectionProtocol.SendCallback>(Patience);
        Assert.That((callback.RequestId, callback.Command), Is.EqualTo(((ushort)7, Command.LidEntryCallback)));
        return ((LidEntryMessage)callback.Body, callback.Asker);
    }

    private sealed class Records(List<AuditEvent> list) : IAuditTrail
    {
        public void Record(AuditEvent decision) => list.Add(decision);
    }
}
