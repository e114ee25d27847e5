using Akka.Actor;
using NUnit.Framework;
using TlsPool.Actors.Connections;
using TlsPool.Protocol.Frames;

namespace TlsPool.Tests.Actors.Connections;

public class CallbackTableTests
{
    private ActorSystem _system = null!;

    [OneTimeSetUp]
    public void Start() => _system = ActorSystem.Create("callbacks");

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _system.Terminate();
        _system.Dispose();
    }

    private IActorRef Asker() => _system.ActorOf(Props.Empty);

    [Test]
    public void A_callback_id_is_valid_once()
    {
        var table = new CallbackTable();
        ushort id = table.Add(Asker(), 1, Command.PlaintextConnect)!.Value;

        Assert.That(table.Take(id, out _), Is.Not.Null);
        Assert.That(table.Take(id, out bool expired), Is.Null);
        Assert.That(expired, Is.False);
    }

    [Test]
    public void An_id_whose_asker_is_gone_is_expired_once_and_not_reused_meanwhile()
    {
        var table = new CallbackTable();
        IActorRef asker = Asker();
        ushort id = table.Add(asker, 1, Command.PlaintextConnect)!.Value;

        table.Expire(asker);

        Assert.That(table.Take(id, out bool expired), Is.Null);
        Assert.That(expired, Is.True);
        Assert.That(table.Take(id, out expired), Is.Null);
        Assert.That(expired, Is.False);
    }

    [Test]
    public void Ids_are_never_zero_and_run_out_only_when_all_are_taken()
    {
        var table = new CallbackTable();
        var seen = new HashSet<ushort>();
        IActorRef asker = Asker();
        for (int i = 0; i < ushort.MaxValue; i++)
            seen.Add(table.Add(asker, 1, Command.PlaintextConnect)!.Value);

        Assert.That(seen, Has.Count.EqualTo(ushort.MaxValue));
        Assert.That(seen, Does.Not.Contain((ushort)0));
        Assert.That(table.Add(asker, 1, Command.PlaintextConnect), Is.Null);
    }

    [Test]
    public void Expired_ids_are_forgotten_after_a_bounded_number()
    {
        var table = new CallbackTable();
        for (int i = 0; i < 200_000; i++)
        {
            IActorRef asker = new Ref(i);
            Assert.That(table.Add(asker, 1, Command.PlaintextConnect), Is.Not.Null);
            table.Expire(asker);
        }
    }

    private sealed class Ref(int number) : MinimalActorRef
    {
        public override ActorPath Path { get; } = ActorPath.Parse($"akka://callbacks/user/{number}");

        public override IActorRefProvider Provider => throw new InvalidOperationException();
    }
}
