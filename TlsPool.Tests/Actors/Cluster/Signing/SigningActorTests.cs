using Akka.Actor;
using Akka.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Cluster.Signing;
using TlsPool.Actors.Configuration;
using TlsPool.Actors.Sessions;
using TlsPool.Actors.Storage;
using TlsPool.Actors.Tokens;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Handshakes.Signing;
using TlsPool.Crypto.Keys;
using TlsPool.Protocol.Identities;
using TlsPool.Tests.Crypto.Handshakes.Signing;
using static TlsPool.Actors.Cluster.Signing.SigningProtocol;

namespace TlsPool.Tests.Actors.Cluster.Signing;

/// <summary>What a node signs for others, and what it does not.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class SigningActorTests : AkkaFixture
{
    private static readonly KeyReference Key = new("pkcs11:token=t;object=k");
    private static readonly SigningGrant All = new([], [Selector.Parse("@."), Selector.Parse(".")]);

    private readonly ManualTime _time = new();
    private readonly RecordedAudit _audit = new();

    [TestCase(HandshakeContentKind.ServerVerify13)]
    [TestCase(HandshakeContentKind.ClientVerify13)]
    [TestCase(HandshakeContentKind.ServerKeyExchange12)]
    [TestCase(HandshakeContentKind.ClientVerify12)]
    public async Task Handshakes_are_signed_and_recorded(HandshakeContentKind kind)
    {
        (IActorRef actor, TestProbe tokens, TestProbe peer) = Start();
        Say(actor, peer, Asking(7, kind));
        TokenProtocol.Sign sign = await tokens.ExpectMsgAsync<TokenProtocol.Sign>(Patience);
        Assert.That((sign.OnlyIfReady, sign.Request.Key, sign.Patience), Is.EqualTo((true, Key, (TimeSpan?)TimeSpan.FromSeconds(3))));
        tokens.Reply(new TokenProtocol.Signed(new byte[] { 1 }, sign.Number));
        Done done = await peer.ExpectMsgAsync<Done>(Patience);
        Assert.That((done.Number, done.Signature.ToArray()), Is.EqualTo((7L, new byte[] { 1 })));
        AuditEvent told = _audit.Events.Single();
        Assert.That(
            (told.Kind, told.Allowed, told.RemoteId, told.LocalId, told.Key, told.Use),
            Is.EqualTo((AuditKind.RemoteSigning, true, "b", "a.example", Key.Uri, kind.ToString().StartsWith("Server", StringComparison.Ordinal) ? "server" : "client")));
        Assert.That(await OpenAsync(actor), Is.Zero);
    }

    [Test]
    public async Task A_token_that_is_not_ready_is_waited_for_if_the_asker_does()
    {
        (IActorRef actor, TestProbe tokens, TestProbe peer) = Start();
        Say(actor, peer, Asking(7) with { Waits = true, Patience = TimeSpan.FromDays(20) });
        TokenProtocol.Sign sign = await tokens.ExpectMsgAsync<TokenProtocol.Sign>(Patience);
        Assert.That((sign.OnlyIfReady, sign.Patience), Is.EqualTo((false, (TimeSpan?)TimeSpan.FromSeconds(30))), "and in bounds");
    }

    [Test]
    public async Task What_is_no_handshake_is_not_signed()
    {
        (IActorRef actor, TestProbe tokens, TestProbe peer) = Start();
        SignatureRequest good = Asking(1).Request;
        SignatureRequest[] bad =
        [
            good with { Content = "a certificate"u8.ToArray() },
            good with { Content = default },
            good with { Content = new byte[HandshakeContent.MaxSize + 1] },
            good with { Scheme = 0x0201 },
            good with { Scheme = -1 },
        ];
        foreach (SignatureRequest request in bad)
        {
            Say(actor, peer, Asking(1) with { Request = request });
            Assert.That((await peer.ExpectMsgAsync<Refused>(Patience)).Why, Is.EqualTo(Refusal.Forbidden));
        }
        Assert.That(_audit.Events, Has.Count.EqualTo(bad.Length).And.All.Matches<AuditEvent>(told => told is { Allowed: false, RemoteId: "b" } && told.Key == Key.Uri));
        Assert.That(tokens.HasMessages, Is.False);
    }

    [Test]
    public async Task A_key_of_nobody_here_is_looked_for_elsewhere()
    {
        (IActorRef actor, TestProbe tokens, TestProbe peer) = Start();
        Say(actor, peer, Asking(7) with { Request = Asking(7).Request with { Key = new KeyReference("pkcs11:object=other") } });
        Refused refused = await peer.ExpectMsgAsync<Refused>(Patience);
        Assert.That((refused.Number, refused.Why), Is.EqualTo((7L, Refusal.NoKey)));
        Assert.That(_audit.Events, Is.Empty);
        Assert.That(tokens.HasMessages, Is.False);
    }

    [TestCase("c", "a.example", IdentityRoles.Both)]
    [TestCase("b", "other.example", IdentityRoles.Both)]
    [TestCase("b", "a.example", IdentityRoles.Client)]
    [TestCase("b", "a.example", IdentityRoles.None)]
    public async Task Who_may_not_speak_for_an_identity_in_a_role_gets_no_signature(string node, string identity, IdentityRoles roles)
    {
        (IActorRef actor, TestProbe tokens, TestProbe peer) = Start(
            [new SigningGrant([node], [Selector.Parse(identity)])], new KeyHolder(DoNai.Parse("a.example"), roles));
        Say(actor, peer, Asking(7));
        Assert.That((await peer.ExpectMsgAsync<Refused>(Patience)).Why, Is.EqualTo(Refusal.Forbidden));
        AuditEvent told = _audit.Events.Single();
        Assert.That((told.Allowed, told.RemoteId, told.LocalId), Is.EqualTo((false, "b", "a.example")));
        Assert.That(tokens.HasMessages, Is.False);
    }

    [Test]
    public async Task Nobody_gets_a_signature_without_a_grant()
    {
        (IActorRef actor, _, TestProbe peer) = Start([]);
        Say(actor, peer, Asking(7));
        Assert.That((await peer.ExpectMsgAsync<Refused>(Patience)).Why, Is.EqualTo(Refusal.Forbidden));
    }

    [Test]
    public async Task Of_several_identities_with_a_key_the_one_that_may_is_signed_for()
    {
        (IActorRef actor, TestProbe tokens, TestProbe peer) = Start(
            [new SigningGrant(["b"], [Selector.Parse("b.example")])],
            new KeyHolder(DoNai.Parse("a.example"), IdentityRoles.Both),
            new KeyHolder(DoNai.Parse("b.example"), IdentityRoles.Server));
        Say(actor, peer, Asking(7));
        TokenProtocol.Sign sign = await tokens.ExpectMsgAsync<TokenProtocol.Sign>(Patience);
        tokens.Reply(new TokenProtocol.Signed(new byte[] { 1 }, sign.Number));
        await peer.ExpectMsgAsync<Done>(Patience);
        Assert.That(_audit.Events.Single().LocalId, Is.EqualTo("b.example"));
    }

    [Test]
    public async Task Over_the_rate_nothing_is_signed_and_the_audit_trail_is_not_flooded()
    {
        (IActorRef actor, TestProbe tokens, TestProbe peer) = Start(rate: 2);
        for (int i = 0; i < 100; i++)
            Say(actor, peer, Asking(i));
        for (int i = 0; i < 98; i++)
            Assert.That((await peer.ExpectMsgAsync<Refused>(Patience)).Why, Is.EqualTo(Refusal.Busy));
        Assert.That(await OpenAsync(actor), Is.EqualTo(2));
        Assert.That(_audit.Events, Has.Count.EqualTo(10).And.All.Matches<AuditEvent>(told => told is { Allowed: false, LocalId: "a.example" }));
        _time.Advance(TimeSpan.FromSeconds(1));
        for (int i = 0; i < 4; i++)
            Say(actor, peer, Asking(i));
        for (int i = 0; i < 2; i++)
            await peer.ExpectMsgAsync<Refused>(Patience);
        Assert.That(_audit.Events, Has.Count.EqualTo(12));
        Assert.That(await OpenAsync(actor), Is.EqualTo(4));
    }

    [Test]
    public async Task A_node_takes_a_part_of_the_room_only()
    {
        const int part = 1024;
        (IActorRef actor, _, TestProbe peer) = Start(rate: 1_000_000);
        for (int i = 0; i < part + 1; i++)
            Say(actor, peer, Asking(i));
        Refused refused = await peer.ExpectMsgAsync<Refused>(Patience);
        Assert.That((refused.Number, refused.Why), Is.EqualTo(((long)part, Refusal.Busy)));
        Say(actor, peer, Asking(7), host: "c");
        Assert.That(await OpenAsync(actor), Is.EqualTo(part + 1));
        Assert.That(await ActorInside.CountAsync(actor, "_perNode", Patience), Is.EqualTo(2));
    }

    [Test]
    public async Task What_comes_from_no_other_node_is_ignored()
    {
        (IActorRef actor, TestProbe tokens, TestProbe peer) = Start();
        actor.Tell(Asking(1), peer);
        actor.Tell(Asking(1), ActorRefs.NoSender);
        Assert.That(await OpenAsync(actor), Is.Zero);
        Assert.That(tokens.HasMessages || peer.HasMessages, Is.False);
    }

    [TestCase(SigningFault.Failed, (int)Refusal.Failed)]
    [TestCase(SigningFault.NoKey, (int)Refusal.NoKey)]
    [TestCase(SigningFault.NotReady, (int)Refusal.NotReady)]
    public async Task What_the_token_says_is_passed_on_and_its_failures_recorded(SigningFault fault, int why)
    {
        (IActorRef actor, TestProbe tokens, TestProbe peer) = Start();
        Say(actor, peer, Asking(7));
        TokenProtocol.Sign sign = await tokens.ExpectMsgAsync<TokenProtocol.Sign>(Patience);
        tokens.Reply(new TokenProtocol.SigningFailed("a reason", sign.Number) { Fault = fault });
        Refused refused = await peer.ExpectMsgAsync<Refused>(Patience);
        Assert.That((refused.Number, refused.Why, refused.Reason), Is.EqualTo((7L, (Refusal)why, "a reason")));
        Assert.That(_audit.Events.Count(told => !told.Allowed), Is.EqualTo(fault == SigningFault.Failed ? 1 : 0));
        Assert.That(await OpenAsync(actor) + await ActorInside.CountAsync(actor, "_perNode", Patience), Is.Zero);
    }

    [Test]
    public async Task What_no_token_answers_makes_room_when_the_asker_has_given_up_and_is_not_handed_out_later()
    {
        (IActorRef actor, TestProbe tokens, TestProbe peer) = Start();
        Say(actor, peer, Asking(7));
        Say(actor, peer, Asking(8) with { Patience = null });
        TokenProtocol.Sign sign = await tokens.ExpectMsgAsync<TokenProtocol.Sign>(Patience);
        _time.Advance(TimeSpan.FromSeconds(3));
        Refused refused = await peer.ExpectMsgAsync<Refused>(Patience);
        Assert.That((refused.Number, refused.Why), Is.EqualTo((7L, Refusal.Failed)));
        Assert.That(_audit.Events.Single().Allowed, Is.False);
        tokens.Reply(new TokenProtocol.Signed(new byte[] { 1 }, sign.Number));
        Assert.That(await OpenAsync(actor), Is.EqualTo(1), "a version that does not say how long it waits has some seconds");
        _time.Advance(TimeSpan.FromSeconds(7));
        Assert.That((await peer.ExpectMsgAsync<Refused>(Patience)).Number, Is.EqualTo(8));
        Assert.That(await OpenAsync(actor) + await ActorInside.CountAsync(actor, "_perNode", Patience), Is.Zero);
    }

    private static Ask Asking(long number, HandshakeContentKind kind = HandshakeContentKind.ServerVerify13) =>
        new(number, Contents.OfEachKind[kind] with { Key = Key }, Waits: false, TimeSpan.FromSeconds(3));

    private static void Say(IActorRef actor, TestProbe peer, object message, string host = "b") => actor.Tell(message, new NodeRef(host, peer));

    private static Task<int> OpenAsync(IActorRef actor) => ActorInside.CountAsync(actor, "_open", Patience);

    private (IActorRef Actor, TestProbe Tokens, TestProbe Peer) Start(SigningGrant[]? grants = null, params KeyHolder[] holders) =>
        Start(1000, grants, holders);

    private (IActorRef Actor, TestProbe Tokens, TestProbe Peer) Start(int rate, SigningGrant[]? grants = null, params KeyHolder[] holders)
    {
        TestProbe tokens = Kit.CreateTestProbe();
        var configuration = new ClusterConfiguration
        {
            Address = ClusterAddress.Parse("a:4253"),
            Members = [],
            CertificateFile = "",
            AuthorityFile = "",
            SigningGrants = [.. grants ?? [All]],
            SigningRate = rate,
        };
        var identities = new Holders(holders.Length > 0 ? holders : [new KeyHolder(DoNai.Parse("a.example"), IdentityRoles.Both)]);
        return (Sys.ActorOf(SigningActor.Props(configuration, identities, tokens, _audit, NullLogger.Instance, _time)), tokens, Kit.CreateTestProbe());
    }

    private sealed class Holders(KeyHolder[] holders) : ILocalIdentities
    {
        public IReadOnlyList<string> ServerIdentities => [];

        public IReadOnlyList<Credential> Find(string localId, TlsRole role) => [];

        public IReadOnlyList<Credential> FindForServerName(string serverName) => [];

        public IReadOnlyList<KeyHolder> HoldersOf(KeyReference key) => key == Key ? holders : [];
    }
}
