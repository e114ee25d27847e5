using Akka.Actor;
using NUnit.Framework;
using TlsPool.Actors.Tokens;
using static TlsPool.Actors.Cluster.Signing.SigningProtocol;

namespace TlsPool.Tests.Actors.Cluster.Signing;

/// <summary>Which node is asked for a signature, and what becomes of its answer.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class RemoteSignerTests : RemoteSignerFixture
{
    [Test]
    public async Task The_signature_of_another_node_comes_under_the_number_of_the_asker()
    {
        Know("b");
        Sign(17);
        Ask ask = await AskedAsync("b");
        Assert.That((ask.Request, ask.Waits, ask.Patience), Is.EqualTo((Request, false, (TimeSpan?)TimeSpan.FromSeconds(9))));
        SignAt("b", ask);
        Assert.That((await SignedAsync()).Number, Is.EqualTo(17));
        await ExpectNothingOpenAsync();
    }

    [Test]
    public async Task Only_nodes_of_the_role_that_the_key_names_are_asked()
    {
        Know(NodeRef.Node("b"), NodeRef.Node("c", "web", "hsm"), NodeRef.Node("d", "web"));
        Sign(1, "pkcs11:token=t;object=k?node-role=hsm");
        RefuseAt("c", await AskedAsync("c"), Refusal.NoKey);
        TokenProtocol.SigningFailed failed = await FailedAsync();
        Assert.That(failed.Fault, Is.EqualTo(SigningFault.NoKey));
        Assert.That(failed.Reason, Does.Contain("of those for hsm"));
        Assert.That(Probe("b").HasMessages || Probe("d").HasMessages, Is.False);
    }

    [Test]
    public async Task Keys_of_the_built_in_store_have_no_role()
    {
        Know("b");
        Sign(1, "builtin:k");
        SignAt("b", await AskedAsync("b"));
        await SignedAsync();
    }

    [TestCase((int)Refusal.Busy)]
    [TestCase((int)Refusal.Failed)]
    [TestCase((int)Refusal.Forbidden)]
    [TestCase((int)Refusal.NoKey)]
    [TestCase((int)Refusal.NotReady)]
    public async Task After_a_refusal_the_next_node_is_asked(int why)
    {
        Know("b", "c");
        Sign();
        RefuseAt("b", await AskedAsync("b"), (Refusal)why);
        SignAt("c", await AskedAsync("c"));
        await SignedAsync();
        await ExpectNothingOpenAsync();
    }

    [TestCase((int)Refusal.NoKey, SigningFault.NoKey)]
    [TestCase((int)Refusal.Busy, SigningFault.Failed)]
    [TestCase((int)Refusal.Failed, SigningFault.Failed)]
    [TestCase((int)Refusal.Forbidden, SigningFault.Failed)]
    public async Task Why_nobody_signs_is_told(int why, SigningFault fault)
    {
        Know("b", "c");
        Sign();
        RefuseAt("b", await AskedAsync("b"), (Refusal)why);
        RefuseAt("c", await AskedAsync("c"), Refusal.NoKey);
        TokenProtocol.SigningFailed failed = await FailedAsync();
        Assert.That(failed.Fault, Is.EqualTo(fault));
        Assert.That(failed.Reason, Does.StartWith((Refusal)why == Refusal.NoKey ? "no node of the cluster signs" : $"b: {(Refusal)why} here"));
    }

    [Test]
    public async Task Nodes_that_do_not_have_a_key_are_not_asked_for_it_for_a_while()
    {
        Know("b");
        Sign(1);
        RefuseAt("b", await AskedAsync("b"), Refusal.NoKey);
        await FailedAsync();
        Sign(2);
        Assert.That((await FailedAsync()).Fault, Is.EqualTo(SigningFault.NoKey));
        Assert.That(Probe("b").HasMessages, Is.False);
        Time.Advance(TimeSpan.FromSeconds(20));
        Sign(3);
        SignAt("b", await AskedAsync("b"));
        Assert.That((await SignedAsync()).Number, Is.EqualTo(3));
    }

    [Test]
    public async Task The_node_that_has_signed_with_a_key_is_asked_again_and_one_with_less_to_do_among_equals()
    {
        Know("b", "c");
        Sign(1);
        RefuseAt("b", await AskedAsync("b"), Refusal.Failed);
        SignAt("c", await AskedAsync("c"));
        await SignedAsync();
        Sign(2);
        SignAt("c", await AskedAsync("c"));
        await SignedAsync();
        Sign(3, "pkcs11:object=other");
        Sign(4, "pkcs11:object=other");
        // One each, as both cost the same until one has something to do.
        await AskedAsync("b");
        await AskedAsync("c");
    }

    [Test]
    public async Task A_wrong_signature_reaches_nobody_and_its_node_is_left_out()
    {
        Know("b", "c");
        Sign(1);
        Ask ask = await AskedAsync("b");
        byte[] wrong = Identity.Sign(ask.Request with { Content = "something else"u8.ToArray() });
        Say("b", new Done(ask.Number, wrong));
        SignAt("c", await AskedAsync("c"));
        await SignedAsync();
        Know("b");
        Sign(2);
        await FailedAsync();
        Assert.That(Probe("b").HasMessages, Is.False);
    }

    [Test]
    public async Task Answers_of_another_node_than_the_one_that_was_asked_are_nothing()
    {
        Know("b");
        Sign();
        Ask ask = await AskedAsync("b");
        SignAt("c", ask);
        Say("c", new Refused(ask.Number, Refusal.NoKey, "not here"));
        Signer.Tell(new Done(ask.Number, Identity.Sign(ask.Request)), ActorRefs.NoSender);
        Signer.Tell(new Done(ask.Number, Identity.Sign(ask.Request)), Asker);
        SignAt("b", ask with { Number = ask.Number + 1 });
        Assert.That(await ActorInside.CountAsync(Signer, "_attempts", Patience), Is.EqualTo(1));
        Assert.That(Asker.HasMessages, Is.False);
        SignAt("b", ask);
        await SignedAsync();
    }

    [TestCase("no URI")]
    [TestCase("pkcs11:token=%zz")]
    [TestCase("pkcs11:token=t?node-role=no%20role")]
    public async Task A_key_without_sense_is_refused_and_harms_nobody_else(string key)
    {
        Know("b");
        Sign(1);
        Ask ask = await AskedAsync("b");
        Sign(2, key);
        Assert.That((await FailedAsync()).Number, Is.EqualTo(2));
        SignAt("b", ask);
        Assert.That((await SignedAsync()).Number, Is.EqualTo(1));
    }

    [Test]
    public async Task Alone_in_the_cluster_nobody_is_waited_for()
    {
        KnowNobody();
        Sign();
        Assert.That((await FailedAsync()).Fault, Is.EqualTo(SigningFault.NoKey));
        await ExpectNothingOpenAsync();
    }
}
