using System.Collections.Concurrent;
using Akka.Actor;
using Akka.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using TlsPool.Actors.Tokens;
using TlsPool.Crypto.Keys;
using TlsPool.Tests.Scenarios;

namespace TlsPool.Tests.Actors.Tokens;

/// <summary>Signatures that nobody waits for any more.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class TokenActorDeadlineTests : AkkaFixture
{
    private readonly ScriptedToken _token = new();

    [Test]
    public async Task What_nobody_waits_for_any_more_is_not_signed()
    {
        // Not disposed: the token's thread may still be waking up.
        var hold = new ManualResetEventSlim();
        var signed = new ConcurrentQueue<int>();
        _token.OnSign = request =>
        {
            signed.Enqueue(request.Scheme);
            hold.Wait();
            return [7];
        };
        IActorRef actor = Start();
        TestProbe first = Kit.CreateTestProbe(), second = Kit.CreateTestProbe(), third = Kit.CreateTestProbe();
        actor.Tell(Sign(1), first);
        await Waiting.ForAsync(() => signed.Count == 1);
        actor.Tell(Sign(2) with { Patience = TimeSpan.FromMilliseconds(20) }, second);
        actor.Tell(Sign(3), third);
        TokenProtocol.SigningFailed failed = await second.ExpectMsgAsync<TokenProtocol.SigningFailed>(Patience);
        Assert.That(failed.Reason, Does.Contain("did not sign in time"));
        hold.Set();
        await first.ExpectMsgAsync<TokenProtocol.Signed>(Patience);
        await third.ExpectMsgAsync<TokenProtocol.Signed>(Patience);
        Assert.That(signed, Is.EqualTo(new[] { 1, 3 }));
    }

    private static TokenProtocol.Sign Sign(int scheme) =>
        new(new SignatureRequest(new KeyReference("pkcs11:token=scripted"), scheme, "content"u8.ToArray()));

    private IActorRef Start()
    {
        var settings = new TokenSettings("pkcs11:token=scripted", "1234"u8.ToArray()) { Patience = Patience * 2, Threads = 1 };
        return Kit.CreateTestProbe().ChildActorOf(TokenActor.Props(settings, _token, NullLogger.Instance), new OneForOneStrategy(_ => Directive.Restart));
    }
}
