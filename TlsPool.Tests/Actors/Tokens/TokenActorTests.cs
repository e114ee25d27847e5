using Akka.Actor;
using Akka.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using TlsPool.Actors.Tokens;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Tokens;

namespace TlsPool.Tests.Actors.Tokens;

/// <summary>What a token's actor does when its token says no, goes away, or takes its time.</summary>
[Parallelizable]
public sealed class TokenActorTests : AkkaFixture
{
    private static readonly TokenProtocol.Sign Sign = new(new SignatureRequest(new KeyReference("pkcs11:token=scripted"), 0x0403, "content"u8.ToArray()));

    private readonly ScriptedToken _token = new();

    [Test]
    public async Task A_signature_waits_for_the_token_and_then_comes()
    {
        _token.Missing = "it is not there";
        (TestProbe _, IActorRef actor) = Start("1234");
        TestProbe asker = Kit.CreateTestProbe();
        actor.Tell(Sign, asker);
        await asker.ExpectNoMsgAsync(TimeSpan.FromMilliseconds(50));
        _token.Missing = null;
        TokenProtocol.Signed signed = await asker.ExpectMsgAsync<TokenProtocol.Signed>(Patience);
        Assert.That(signed.Signature.ToArray(), Is.EqualTo(new byte[] { 1, 2, 3 }));
    }

    [Test]
    public async Task A_refused_PIN_is_tried_again_only_when_it_is_another_one()
    {
        (TestProbe parent, IActorRef actor) = Start("0000");
        TokenBlocked blocked = await parent.ExpectMsgAsync<TokenBlocked>(Patience);
        Assert.That(blocked.Login.Status, Is.EqualTo(LoginStatus.WrongPin));
        for (int i = 0; i < 3; i++)
            Assert.That((await AskAsync(actor)) is TokenProtocol.SigningFailed { Reason: "the token refused the PIN" });
        actor.Tell(new UsePin("0000"u8.ToArray(), blocked.Login));
        Assert.That(await AskAsync(actor), Is.InstanceOf<TokenProtocol.SigningFailed>());
        actor.Tell(new UsePin("1234"u8.ToArray(), Refused: null));
        Assert.That(await AskAsync(actor), Is.InstanceOf<TokenProtocol.Signed>());
        Assert.That(_token.TriedPins, Is.EqualTo(new[] { "0000", "1234" }));
    }

    [Test]
    public async Task Without_a_PIN_nothing_is_tried()
    {
        (_, IActorRef actor) = Start("");
        Assert.That((await AskAsync(actor)) is TokenProtocol.SigningFailed { Reason: var reason } && reason.Contains("give it with pkcs11_pin", StringComparison.Ordinal));
        Assert.That(_token.TriedPins, Is.Empty);
        actor.Tell(new UsePin("1234"u8.ToArray(), Refused: null));
        Assert.That(await AskAsync(actor), Is.InstanceOf<TokenProtocol.Signed>());
    }

    [Test]
    public async Task After_a_failure_it_waits_for_its_supervisor_and_does_not_try_a_refused_PIN_again()
    {
        (TestProbe parent, IActorRef actor) = Start("0000");
        TokenBlocked blocked = await parent.ExpectMsgAsync<TokenBlocked>(Patience);
        actor.Tell(Kill.Instance);
        await parent.ExpectMsgAsync<TokenRestarted>(Patience);
        actor.Tell(new UsePin("0000"u8.ToArray(), blocked.Login));
        Assert.That(await AskAsync(actor), Is.InstanceOf<TokenProtocol.SigningFailed>());
        Assert.That(_token.TriedPins, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task After_a_failure_it_signs_again()
    {
        (TestProbe parent, IActorRef actor) = Start("1234");
        await parent.ExpectMsgAsync<TokenFound>(Patience);
        actor.Tell(Kill.Instance);
        await parent.ExpectMsgAsync<TokenRestarted>(Patience);
        Task<object> asked = AskAsync(actor);
        actor.Tell(new UsePin("1234"u8.ToArray(), Refused: null));
        Assert.That(await asked, Is.InstanceOf<TokenProtocol.Signed>());
    }

    [Test]
    public async Task A_session_that_died_is_no_news_and_a_token_that_went_is_found_again()
    {
        int calls = 0;
        _token.OnSign = _ => Interlocked.Increment(ref calls) switch
        {
            1 => throw new TokenException(TokenFault.SessionLost, "the handle died"),
            3 => throw new TokenException(TokenFault.Removed, "pulled out"),
            _ => [7],
        };
        (TestProbe parent, IActorRef actor) = Start("1234");
        Assert.That(await AskAsync(actor), Is.InstanceOf<TokenProtocol.Signed>());
        await parent.ExpectMsgAsync<TokenFound>(Patience);
        Assert.That(await AskAsync(actor), Is.InstanceOf<TokenProtocol.Signed>());
        await parent.ExpectMsgAsync<TokenFound>(Patience);
        Assert.That(_token.TriedPins, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_token_that_does_not_answer_is_waited_for_in_bounds()
    {
        // Not disposed: the token's thread may still be waking up.
        var hold = new ManualResetEventSlim();
        _token.OnSign = _ =>
        {
            hold.Wait();
            return [7];
        };
        (_, IActorRef actor) = Start("1234", TimeSpan.FromMilliseconds(200));
        Assert.That((await AskAsync(actor)) is TokenProtocol.SigningFailed { Reason: var reason } && reason.Contains("did not sign in time", StringComparison.Ordinal));
        hold.Set();
    }

    [Test]
    public async Task A_failure_of_one_key_fails_that_signature_only()
    {
        _token.OnSign = request => request.Scheme == 0x0403 ? throw new TokenException(TokenFault.KeyNotFound, "no such key") : [7];
        (_, IActorRef actor) = Start("1234");
        Assert.That(await AskAsync(actor), Is.InstanceOf<TokenProtocol.SigningFailed>());
        object other = await actor.Ask<object>(new TokenProtocol.Sign(Sign.Request with { Scheme = 0x0804 }), Patience);
        Assert.That(other, Is.InstanceOf<TokenProtocol.Signed>());
    }

    [Test]
    public void A_PIN_has_no_text_form() => Assert.That(
        $"{new UsePin("98765"u8.ToArray(), null)} {new TokenSettings("name", "98765"u8.ToArray())}", Is.EqualTo("UsePin name"));

    private static Task<object> AskAsync(IActorRef actor) => actor.Ask<object>(Sign, Patience);

    private (TestProbe Parent, IActorRef Actor) Start(string pin, TimeSpan? patience = null)
    {
        TestProbe parent = Kit.CreateTestProbe();
        var settings = new TokenSettings("pkcs11:token=scripted", System.Text.Encoding.UTF8.GetBytes(pin)) { Patience = patience ?? Patience };
        IActorRef actor = parent.ChildActorOf(
            TokenActor.Props(settings, _token, NullLogger.Instance), new OneForOneStrategy(_ => Directive.Restart));
        return (parent, actor);
    }
}
