using Akka.Actor;
using Akka.TestKit;
using NUnit.Framework;
using TlsPool.Actors.Cluster.Signing;
using TlsPool.Actors.Entry;
using TlsPool.Actors.Tokens;
using TlsPool.Crypto.Keys;

namespace TlsPool.Tests.Actors.Cluster.Signing;

/// <summary>Who is asked for a signature, and whose answer counts.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class SigningRouterTests : AkkaFixture
{
    private static readonly SignatureRequest Request = new(new KeyReference("pkcs11:token=t;object=k"), 0x0403, "content"u8.ToArray());

    private readonly ClusterLink _link = new();
    private readonly ManualTime _time = new();

    [Test]
    public async Task A_token_of_this_host_that_is_ready_signs()
    {
        (IActorRef router, TestProbe tokens, TestProbe others, TestProbe asker) = Start();
        router.Tell(new TokenProtocol.Sign(Request, 17), asker);
        TokenProtocol.Sign asked = await tokens.ExpectMsgAsync<TokenProtocol.Sign>(Patience);
        Assert.That((asked.OnlyIfReady, asked.Request), Is.EqualTo((true, Request)));
        tokens.Reply(new TokenProtocol.Signed(new byte[] { 1 }, asked.Number));
        Assert.That(await asker.ExpectMsgAsync<TokenProtocol.Signed>(Patience), Has.Property("Number").EqualTo(17));
        Assert.That(await OpenAsync(router), Is.Zero);
        Assert.That(others.HasMessages, Is.False);
    }

    [Test]
    public async Task What_programs_of_people_say_goes_to_the_tokens()
    {
        (IActorRef router, TestProbe tokens, TestProbe others, TestProbe connection) = Start();
        router.Tell(new PinProtocol.Resign(connection), connection);
        await tokens.ExpectMsgAsync<PinProtocol.Resign>(Patience);
        Assert.That(tokens.LastSender, Is.EqualTo(connection.Ref));
        Assert.That(others.HasMessages, Is.False);
    }

    [Test]
    public async Task Where_the_token_is_not_ready_another_node_signs()
    {
        (IActorRef router, TestProbe tokens, TestProbe others, TestProbe asker) = Start();
        router.Tell(new TokenProtocol.Sign(Request, 17), asker);
        await RefuseAsync(tokens, "no PIN", SigningFault.NotReady);
        TokenProtocol.Sign asked = await others.ExpectMsgAsync<TokenProtocol.Sign>(Patience);
        Assert.That(asked.OnlyIfReady, Is.False);
        others.Reply(new TokenProtocol.Signed(new byte[] { 2 }, asked.Number));
        Assert.That((await asker.ExpectMsgAsync<TokenProtocol.Signed>(Patience)).Signature.ToArray(), Is.EqualTo(new byte[] { 2 }));
        Assert.That(await OpenAsync(router), Is.Zero);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Where_nobody_else_signs_the_token_of_this_host_is_waited_for(bool inCluster)
    {
        (IActorRef router, TestProbe tokens, TestProbe others, TestProbe asker) = Start(inCluster);
        router.Tell(new TokenProtocol.Sign(Request, 17), asker);
        await RefuseAsync(tokens, "no PIN", SigningFault.NotReady);
        if (inCluster)
            await RefuseAsync(others, "nobody has it", SigningFault.NoKey);
        TokenProtocol.Sign waits = await tokens.ExpectMsgAsync<TokenProtocol.Sign>(Patience);
        Assert.That(waits.OnlyIfReady, Is.False);
        tokens.Reply(new TokenProtocol.Signed(new byte[] { 3 }, waits.Number));
        Assert.That(await asker.ExpectMsgAsync<TokenProtocol.Signed>(Patience), Has.Property("Number").EqualTo(17));
    }

    [Test]
    public async Task A_token_that_fails_is_not_asked_a_second_time_where_there_is_no_cluster()
    {
        (IActorRef router, TestProbe tokens, _, TestProbe asker) = Start(inCluster: false);
        router.Tell(new TokenProtocol.Sign(Request, 17), asker);
        await RefuseAsync(tokens, "the key may not sign", SigningFault.Failed);
        TokenProtocol.SigningFailed failed = await asker.ExpectMsgAsync<TokenProtocol.SigningFailed>(Patience);
        Assert.That((failed.Reason, failed.Fault, failed.Number), Is.EqualTo(("the key may not sign", SigningFault.Failed, 17L)));
        Assert.That(await OpenAsync(router), Is.Zero);
        Assert.That(tokens.HasMessages, Is.False);
    }

    [TestCase("local", SigningFault.NoKey, "remote", SigningFault.NoKey, "remote")]
    [TestCase("local", SigningFault.Failed, "remote", SigningFault.NoKey, "local")]
    [TestCase("local", SigningFault.NoKey, "remote", SigningFault.Failed, "remote")]
    [TestCase("local", SigningFault.Failed, "remote", SigningFault.Failed, "remote")]
    public async Task The_reason_of_whoever_has_the_key_is_told(string local, SigningFault localFault, string remote, SigningFault remoteFault, string told)
    {
        (IActorRef router, TestProbe tokens, TestProbe others, TestProbe asker) = Start();
        router.Tell(new TokenProtocol.Sign(Request), asker);
        await RefuseAsync(tokens, local, localFault);
        await RefuseAsync(others, remote, remoteFault);
        TokenProtocol.SigningFailed failed = await asker.ExpectMsgAsync<TokenProtocol.SigningFailed>(Patience);
        Assert.That((failed.Reason, failed.Fault), Is.EqualTo((told, told == local ? localFault : remoteFault)));
    }

    [Test]
    public async Task After_waiting_in_vain_what_was_waited_for_is_told()
    {
        (IActorRef router, TestProbe tokens, TestProbe others, TestProbe asker) = Start();
        router.Tell(new TokenProtocol.Sign(Request), asker);
        await RefuseAsync(tokens, "no PIN", SigningFault.NotReady);
        await RefuseAsync(others, "out of order", SigningFault.Failed);
        await RefuseAsync(tokens, "nobody has entered the PIN", SigningFault.Failed);
        Assert.That((await asker.ExpectMsgAsync<TokenProtocol.SigningFailed>(Patience)).Reason, Is.EqualTo("nobody has entered the PIN"));
    }

    [Test]
    public async Task Where_the_token_hangs_others_are_asked_and_the_first_answer_counts_once()
    {
        (IActorRef router, TestProbe tokens, TestProbe others, TestProbe asker) = Start();
        router.Tell(new TokenProtocol.Sign(Request), asker);
        TokenProtocol.Sign here = await tokens.ExpectMsgAsync<TokenProtocol.Sign>(Patience);
        _time.Advance(TimeSpan.FromSeconds(2));
        TokenProtocol.Sign there = await others.ExpectMsgAsync<TokenProtocol.Sign>(Patience);
        others.Reply(new TokenProtocol.Signed(new byte[] { 2 }, there.Number));
        tokens.Reply(new TokenProtocol.Signed(new byte[] { 1 }, here.Number));
        others.Reply(new TokenProtocol.Signed(new byte[] { 2 }, there.Number));
        Assert.That((await asker.ExpectMsgAsync<TokenProtocol.Signed>(Patience)).Signature.ToArray(), Is.EqualTo(new byte[] { 2 }));
        Assert.That(await OpenAsync(router), Is.Zero, "the one that hangs is not kept");
        Assert.That(asker.HasMessages, Is.False);
    }

    [Test]
    public async Task A_slow_token_still_signs_where_nobody_else_has_the_key()
    {
        (IActorRef router, TestProbe tokens, TestProbe others, TestProbe asker) = Start();
        router.Tell(new TokenProtocol.Sign(Request), asker);
        TokenProtocol.Sign here = await tokens.ExpectMsgAsync<TokenProtocol.Sign>(Patience);
        _time.Advance(TimeSpan.FromSeconds(2));
        await RefuseAsync(others, "nobody has it", SigningFault.NoKey);
        Assert.That(await OpenAsync(router), Is.EqualTo(1));
        tokens.Reply(new TokenProtocol.Signed(new byte[] { 1 }, here.Number));
        Assert.That((await asker.ExpectMsgAsync<TokenProtocol.Signed>(Patience)).Signature.ToArray(), Is.EqualTo(new byte[] { 1 }));
    }

    [Test]
    public async Task Where_others_wait_for_somebody_the_token_of_this_host_is_waited_for_as_well()
    {
        (IActorRef router, TestProbe tokens, TestProbe others, TestProbe asker) = Start();
        router.Tell(new TokenProtocol.Sign(Request), asker);
        await RefuseAsync(tokens, "no PIN", SigningFault.NotReady);
        TokenProtocol.Sign there = await others.ExpectMsgAsync<TokenProtocol.Sign>(Patience);
        _time.Advance(TimeSpan.FromSeconds(2));
        await RefuseAsync(tokens, "nobody has entered the PIN", SigningFault.Failed);
        others.Reply(new TokenProtocol.Signed(new byte[] { 2 }, there.Number));
        await asker.ExpectMsgAsync<TokenProtocol.Signed>(Patience);
        Assert.That(await OpenAsync(router), Is.Zero);
    }

    [Test]
    public async Task A_node_that_leaves_the_cluster_leaves_nobody_waiting()
    {
        (IActorRef router, TestProbe tokens, TestProbe others, TestProbe asker) = Start();
        router.Tell(new TokenProtocol.Sign(Request), asker);
        await RefuseAsync(tokens, "no such key", SigningFault.NoKey);
        await others.ExpectMsgAsync<TokenProtocol.Sign>(Patience);
        _link.Leave(others.Ref);
        Assert.That((await asker.ExpectMsgAsync<TokenProtocol.SigningFailed>(Patience)).Reason, Does.Contain("left the cluster"));
        Assert.That(await OpenAsync(router), Is.Zero);
    }

    [Test]
    public async Task What_is_never_answered_ends_and_is_not_kept()
    {
        (IActorRef router, TestProbe tokens, _, TestProbe asker) = Start(inCluster: false);
        router.Tell(new TokenProtocol.Sign(Request, 17), asker);
        await tokens.ExpectMsgAsync<TokenProtocol.Sign>(Patience);
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.That(await asker.ExpectMsgAsync<TokenProtocol.SigningFailed>(Patience), Has.Property("Number").EqualTo(17));
        Assert.That(await OpenAsync(router), Is.Zero);
    }

    [Test]
    public async Task Of_many_at_once_each_gets_its_own()
    {
        const int many = 1000;
        (IActorRef router, TestProbe tokens, TestProbe others, TestProbe asker) = Start();
        for (int i = 0; i < many; i++)
            router.Tell(new TokenProtocol.Sign(Request with { Scheme = i }, i), asker);
        List<TokenProtocol.Sign> here = [];
        for (int i = 0; i < many; i++)
            here.Add(await tokens.ExpectMsgAsync<TokenProtocol.Sign>(Patience));
        // The last first, and each other one elsewhere.
        foreach (TokenProtocol.Sign sign in here.AsEnumerable().Reverse())
            tokens.Reply(sign.Request.Scheme % 2 == 0 ? Answer(sign) : new TokenProtocol.SigningFailed("not here", sign.Number) { Fault = SigningFault.NoKey });
        for (int i = 0; i < many / 2; i++)
            others.Reply(Answer(await others.ExpectMsgAsync<TokenProtocol.Sign>(Patience)));
        var seen = new HashSet<long>();
        for (int i = 0; i < many; i++)
        {
            TokenProtocol.Signed signed = await asker.ExpectMsgAsync<TokenProtocol.Signed>(Patience);
            Assert.That(seen.Add(signed.Number) && BitConverter.ToInt32(signed.Signature.Span) == signed.Number);
        }
        Assert.That(await OpenAsync(router), Is.Zero);
    }

    private static TokenProtocol.Signed Answer(TokenProtocol.Sign sign) => new(BitConverter.GetBytes(sign.Request.Scheme), sign.Number);

    private static async Task RefuseAsync(TestProbe signer, string reason, SigningFault fault)
    {
        TokenProtocol.Sign asked = await signer.ExpectMsgAsync<TokenProtocol.Sign>(Patience);
        signer.Reply(new TokenProtocol.SigningFailed(reason, asked.Number) { Fault = fault });
    }

    private static Task<int> OpenAsync(IActorRef router) => ActorInside.CountAsync(router, "_attempts", Patience);

    private (IActorRef Router, TestProbe Tokens, TestProbe Others, TestProbe Asker) Start(bool inCluster = true)
    {
        TestProbe tokens = Kit.CreateTestProbe(), others = Kit.CreateTestProbe();
        _link.Signer = inCluster ? others.Ref : null;
        return (Sys.ActorOf(SigningRouterActor.Props(tokens, _link, _time)), tokens, others, Kit.CreateTestProbe());
    }
}
