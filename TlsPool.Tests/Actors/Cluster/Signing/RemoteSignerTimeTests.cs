using Akka.Actor;
using NUnit.Framework;
using TlsPool.Actors.Tokens;
using static TlsPool.Actors.Cluster.Signing.SigningProtocol;

namespace TlsPool.Tests.Actors.Cluster.Signing;

/// <summary>Nodes that are slow, that hang and that go.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class RemoteSignerTimeTests : RemoteSignerFixture
{
    [Test]
    public async Task Where_a_node_does_not_answer_in_time_the_next_one_is_asked_and_it_is_left_out_for_a_while()
    {
        Know("b", "c");
        Sign(1);
        await AskedAsync("b");
        Time.Advance(TimeSpan.FromMilliseconds(400));
        SignAt("c", await AskedAsync("c"));
        await SignedAsync();
        await ExpectNothingOpenAsync();
        Sign(2);
        SignAt("c", await AskedAsync("c"));
        await SignedAsync();
        Assert.That(Probe("b").HasMessages, Is.False);
    }

    [Test]
    public async Task A_late_answer_counts_if_it_is_the_first_and_once()
    {
        Know("b", "c");
        Sign();
        Ask late = await AskedAsync("b");
        Time.Advance(TimeSpan.FromMilliseconds(400));
        Ask next = await AskedAsync("c");
        SignAt("b", late);
        SignAt("c", next);
        SignAt("b", late);
        await SignedAsync();
        await ExpectNothingOpenAsync();
        Assert.That(Asker.HasMessages, Is.False);
    }

    [Test]
    public async Task A_token_that_needs_a_second_for_each_signature_is_of_use()
    {
        Know("b");
        Sign(1);
        Ask ask = await AskedAsync("b");
        Time.Advance(TimeSpan.FromSeconds(1));
        // Time to look at the clock: whether it does makes no difference.
        await Task.Delay(300);
        SignAt("b", ask);
        Assert.That((await SignedAsync()).Number, Is.EqualTo(1));
    }

    [Test]
    public async Task Where_nobody_answers_it_ends_in_bounded_time()
    {
        Know("b", "c");
        Sign();
        await AskedAsync("b");
        Time.Advance(TimeSpan.FromSeconds(3));
        await AskedAsync("c");
        Time.Advance(TimeSpan.FromSeconds(6));
        TokenProtocol.SigningFailed failed = await FailedAsync();
        Assert.That(failed.Fault, Is.EqualTo(SigningFault.Failed));
        Assert.That(failed.Reason, Does.Contain("does not answer"));
        await ExpectNothingOpenAsync();
    }

    [Test]
    public async Task Where_a_node_goes_the_next_one_is_asked()
    {
        Know("b", "c");
        Sign();
        Ask lost = await AskedAsync("b");
        Know(NodeRef.Node("b") with { IsReachable = false }, NodeRef.Node("c"));
        Ask next = await AskedAsync("c");
        SignAt("b", lost);
        await ActorInside.CountAsync(Signer, "_attempts", Patience);
        Assert.That(Asker.HasMessages, Is.False, "what it says in leaving is nobody's any more");
        SignAt("c", next);
        await SignedAsync();
        await ExpectNothingOpenAsync();
    }

    [Test]
    public async Task Where_all_go_the_asker_hears_of_it_at_once()
    {
        Know("b");
        for (int i = 0; i < 10; i++)
        {
            Sign(i);
            await AskedAsync("b");
        }
        KnowNobody();
        for (int i = 0; i < 10; i++)
            Assert.That((await FailedAsync()).Reason, Does.Contain("left the cluster"));
        await ExpectNothingOpenAsync();
    }

    [Test]
    public async Task Where_all_wait_for_somebody_one_of_them_is_waited_for()
    {
        Know("b", "c");
        Sign();
        RefuseAt("b", await AskedAsync("b"), Refusal.NotReady);
        RefuseAt("c", await AskedAsync("c"), Refusal.NotReady);
        Ask waits = await AskedAsync("b");
        Assert.That((waits.Waits, waits.Patience), Is.EqualTo((true, (TimeSpan?)TimeSpan.FromSeconds(25))));
        Time.Advance(TimeSpan.FromSeconds(24));
        SignAt("b", waits);
        await SignedAsync();
        await ExpectNothingOpenAsync();
    }

    [Test]
    public async Task Where_the_one_that_is_waited_for_goes_another_one_is_waited_for_and_then_no_more()
    {
        Know("b", "c");
        Sign();
        RefuseAt("b", await AskedAsync("b"), Refusal.NotReady);
        RefuseAt("c", await AskedAsync("c"), Refusal.NotReady);
        Assert.That((await AskedAsync("b")).Waits, Is.True);
        Know("c");
        Ask waits = await AskedAsync("c");
        Assert.That(waits.Waits, Is.True);
        RefuseAt("c", waits, Refusal.NotReady);
        TokenProtocol.SigningFailed failed = await FailedAsync();
        Assert.That((failed.Fault, failed.Reason), Is.EqualTo((SigningFault.NotReady, "c: NotReady here")));
        await ExpectNothingOpenAsync();
    }

    [Test]
    public async Task Waiting_in_vain_ends_and_is_not_held_against_the_node()
    {
        Know("b", "c");
        Sign(1);
        RefuseAt("b", await AskedAsync("b"), Refusal.NotReady);
        RefuseAt("c", await AskedAsync("c"), Refusal.NoKey);
        await AskedAsync("b");
        Time.Advance(TimeSpan.FromSeconds(25));
        Assert.That((await FailedAsync()).Fault, Is.EqualTo(SigningFault.NotReady));
        Sign(2, "pkcs11:object=other");
        await AskedAsync("b");
    }

    [Test]
    public async Task When_the_node_leaves_the_cluster_everybody_is_answered_and_nobody_is_led_here_any_more()
    {
        Know("b");
        for (int i = 0; i < 10; i++)
            Sign(i);
        for (int i = 0; i < 10; i++)
            await AskedAsync("b");
        Assert.That(Link.Signer, Is.EqualTo(Signer));
        Sys.Stop(Signer);
        HashSet<long> answered = [];
        for (int i = 0; i < 10; i++)
            answered.Add((await FailedAsync()).Number);
        Assert.That(answered, Has.Count.EqualTo(10));
        Assert.That(Link.Signer, Is.Null);
    }

    [Test]
    public async Task Another_life_of_the_node_that_has_begun_stays_linked()
    {
        Know("b");
        Sign();
        await AskedAsync("b");
        Link.Signer = Asker.Ref;
        Sys.Stop(Signer);
        await FailedAsync();
        Assert.That(Link.Signer, Is.EqualTo(Asker.Ref));
    }

    [Test]
    public async Task There_is_room_for_many_and_no_more_and_those_that_end_make_room()
    {
        const int most = 8192;
        Know("b");
        for (int i = 0; i <= most; i++)
            Sign(i);
        TokenProtocol.SigningFailed surplus = await FailedAsync();
        Assert.That((surplus.Number, surplus.Fault), Is.EqualTo(((long)most, SigningFault.Failed)));
        SignAt("b", await AskedAsync("b"));
        await SignedAsync();
        Sign(most + 1);
        Assert.That(await ActorInside.CountAsync(Signer, "_attempts", Patience), Is.EqualTo(most));
        Assert.That(Asker.HasMessages, Is.False);
    }
}
