using Akka.Actor;
using Akka.TestKit;
using NUnit.Framework;
using NUnit.Framework.Internal;

namespace TlsPool.Tests.Actors;

public sealed class AkkaFixtureTests : AkkaFixture
{
    [Test]
    public async Task A_message_comes_back_from_an_actor()
    {
        TestProbe probe = Kit.CreateTestProbe();
        IActorRef echo = Sys.ActorOf(Props.Create(() => new Echo()));
        echo.Tell("hello", probe);
        await probe.ExpectMsgAsync("hello", Patience);
    }

    [Test]
    public async Task A_failed_expectation_is_an_NUnit_failure()
    {
        TestProbe probe = Kit.CreateTestProbe();
        using (new TestExecutionContext.IsolatedContext())
            await Assert.ThrowsAsync<AssertionException>(async () => await probe.ExpectMsgAsync<string>(TimeSpan.FromMilliseconds(50)));
    }

    private sealed class Echo : ReceiveActor
    {
        public Echo() => ReceiveAny(message => Sender.Tell(message));
    }
}
