using System.Text;
using Akka.Actor;
using Akka.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using TlsPool.Actors.Entry;
using TlsPool.Actors.Tokens;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Tokens;
using TlsPool.Protocol.Transport;

namespace TlsPool.Tests.Actors.Tokens;

/// <summary>A token's actor and the person whom it asks for the PIN.</summary>
[Parallelizable]
public sealed class TokenActorPinTests : AkkaFixture
{
    private const int Crowd = 1000;
    private static readonly TokenProtocol.Sign Sign = new(new SignatureRequest(new KeyReference("pkcs11:token=scripted"), 0x0403, "content"u8.ToArray()));
    private static readonly PeerCredentials Person = new(42, 1000, 100);

    private readonly ScriptedToken _token = new();
    private TestProbe _entry = null!;
    private TestProbe _parent = null!;

    [Test]
    public async Task A_PIN_of_the_configuration_that_is_wrong_counts_as_an_attempt_of_the_persons()
    {
        IActorRef actor = Start("0000");
        PinProtocol.Ask ask = await _entry.ExpectMsgAsync<PinProtocol.Ask>(Patience);
        Assert.That((ask.Attempt, ask.Prompt), Is.EqualTo((1u, "The PIN in the configuration is wrong. PIN of scripted")));
        byte[] pin = Enter(actor, "1234");
        await _parent.FishForMessageAsync(message => message is TokenFound, Patience);
        Assert.That(_token.TriedPins, Is.EqualTo(new[] { "0000", "1234" }));
        Assert.That(pin, Is.All.Zero);
    }

    [Test]
    public async Task A_crowd_that_waits_makes_one_question_and_is_served_by_one_PIN()
    {
        IActorRef actor = Start("");
        await _entry.ExpectMsgAsync<PinProtocol.Ask>(Patience);
        Task<object>[] crowd = [.. Enumerable.Range(0, Crowd).Select(_ => actor.Ask<object>(Sign, Patience))];
        actor.Tell(PinProtocol.Asked.Instance, _entry);
        Enter(actor, "1234");
        Assert.That(await Task.WhenAll(crowd), Is.All.InstanceOf<TokenProtocol.Signed>());
        await _entry.ExpectMsgAsync<PinProtocol.Tried>(Patience);
        Assert.That(_token.TriedPins, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Where_PIN_entry_has_moved_the_token_asks_again_and_nobody_who_waits_fails()
    {
        IActorRef actor = Start("");
        await _entry.ExpectMsgAsync<PinProtocol.Ask>(Patience);
        Task<object> waiting = actor.Ask<object>(Sign, Patience);
        actor.Tell(PinProtocol.Asked.Instance, _entry);
        actor.Tell(PinProtocol.AskAgain.Instance, _entry);
        await _entry.ExpectMsgAsync<PinProtocol.Ask>(Patience);
        Enter(actor, "1234");
        Assert.That(await waiting, Is.InstanceOf<TokenProtocol.Signed>());
    }

    [Test]
    public async Task A_crowd_that_waits_fails_with_one_refusal()
    {
        IActorRef actor = Start("");
        await _entry.ExpectMsgAsync<PinProtocol.Ask>(Patience);
        Task<object>[] crowd = [.. Enumerable.Range(0, Crowd).Select(_ => actor.Ask<object>(Sign, Patience))];
        actor.Tell(PinProtocol.Asked.Instance, _entry);
        actor.Tell(new PinProtocol.Refused("no"), _entry);
        Assert.That(await Task.WhenAll(crowd), Is.All.EqualTo(new TokenProtocol.SigningFailed("no")));
        await _entry.ExpectNoMsgAsync(TimeSpan.FromMilliseconds(50));
        // The next one asks again.
        Task<object> next = actor.Ask<object>(Sign, Patience);
        await _entry.ExpectMsgAsync<PinProtocol.Ask>(Patience);
        Enter(actor, "1234");
        Assert.That(await next, Is.InstanceOf<TokenProtocol.Signed>());
    }

    [Test]
    public async Task Who_waits_while_nobody_enters_anything_hears_why()
    {
        IActorRef actor = Start("", settings => settings with { Patience = TimeSpan.FromMilliseconds(100), PinPatience = TimeSpan.FromMilliseconds(300) });
        await _entry.ExpectMsgAsync<PinProtocol.Ask>(Patience);
        Assert.That(await actor.Ask<object>(Sign, Patience), Is.EqualTo(
            new TokenProtocol.SigningFailed("nobody has entered the PIN of token \"scripted\" in time: run tlspool pin")));
        // While a person types it takes longer, and ends all the same.
        actor.Tell(PinProtocol.Asked.Instance, _entry);
        Assert.That(await actor.Ask<object>(Sign, Patience), Is.InstanceOf<TokenProtocol.SigningFailed>());
    }

    [Test]
    public async Task A_PIN_that_comes_with_the_configuration_ends_the_question()
    {
        IActorRef actor = Start("");
        await _entry.ExpectMsgAsync<PinProtocol.Ask>(Patience);
        actor.Tell(new UsePin("1234"u8.ToArray(), Refused: null));
        await _entry.ExpectMsgAsync<PinProtocol.Withdraw>(Patience);
        await _parent.ExpectMsgAsync<TokenFound>(Patience);
        // What is entered after that is cleared, and holds no other token up.
        byte[] pin = Enter(actor, "1234");
        await _entry.ExpectMsgAsync<PinProtocol.Tried>(Patience);
        Assert.That(pin, Is.All.Zero);
        Assert.That(_token.TriedPins, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_token_that_is_pulled_out_while_the_person_types_asks_again_when_it_is_back()
    {
        IActorRef actor = Start("");
        await _entry.ExpectMsgAsync<PinProtocol.Ask>(Patience);
        _token.OnLogin = _ => new LoginResult(LoginStatus.Removed, PinTries.Full, "pulled out");
        Enter(actor, "1234");
        await _entry.ExpectMsgAsync<PinProtocol.Tried>(Patience);
        _token.OnLogin = null;
        Assert.That((await _entry.ExpectMsgAsync<PinProtocol.Ask>(Patience)).Attempt, Is.Zero);
        Enter(actor, "1234");
        await _parent.FishForMessageAsync(message => message is TokenFound, Patience);
    }

    [Test]
    public async Task After_a_failure_it_asks_again()
    {
        IActorRef actor = Start("");
        await _entry.ExpectMsgAsync<PinProtocol.Ask>(Patience);
        actor.Tell(Kill.Instance);
        await _parent.FishForMessageAsync(message => message is TokenRestarted, Patience);
        // What was entered for the one before is thrown away.
        byte[] pin = Enter(actor, "1234");
        await _entry.FishForMessageAsync(message => message is PinProtocol.Tried, Patience);
        Assert.That(pin, Is.All.Zero);
        actor.Tell(new UsePin(default, Refused: null));
        await _entry.FishForMessageAsync(message => message is PinProtocol.Ask, Patience);
        Enter(actor, "1234");
        await _parent.FishForMessageAsync(message => message is TokenFound, Patience);
    }

    private byte[] Enter(IActorRef actor, string pin)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(pin);
        actor.Tell(new PinProtocol.Entered(bytes, Person), _entry);
        return bytes;
    }

    private IActorRef Start(string pin, Func<TokenSettings, TokenSettings>? change = null)
    {
        (_entry, _parent) = (Kit.CreateTestProbe(), Kit.CreateTestProbe());
        var settings = new TokenSettings("pkcs11:token=scripted", Encoding.UTF8.GetBytes(pin)) { PinEntry = _entry, Patience = Patience, PinPatience = Patience };
        return _parent.ChildActorOf(
            TokenActor.Props(change?.Invoke(settings) ?? settings, _token, NullLogger.Instance), new OneForOneStrategy(_ => Directive.Restart));
    }
}
