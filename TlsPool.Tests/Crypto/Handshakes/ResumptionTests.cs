using NUnit.Framework;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;

namespace TlsPool.Tests.Crypto.Handshakes;

[Parallelizable(ParallelScope.All)]
public class ResumptionTests
{
    private static readonly TestIdentity Server = TestIdentity.Ecdsa();
    private static readonly TestIdentity User = TestIdentity.Ecdsa("user.example");

    private static MachinePair Connect(
        HandshakeSettings server, HandshakeSettings client, PeerAuthentication serverAsks = PeerAuthentication.Ignore,
        string scope = "scope", bool later = false, TestAnswers? serverAnswers = null, TestAnswers? clientAnswers = null, string serverName = "localhost")
    {
        MachinePair pair = new MachinePair(
            server, serverAnswers ?? new TestAnswers(Server, later), client, clientAnswers ?? new TestAnswers(User, later), serverAsks, serverName: serverName, scope: scope).Run();
        if (pair.Server.Outcome?.FirstMessages is { } ticket)
        {
            byte[] received = MachinePair.Pass(pair.Server.Outcome, pair.Client.Outcome!, ticket, out _, ContentType.Handshake);
            pair.Client.Outcome!.PostHandshake.Receive(received, new NoSession());
        }
        return pair;
    }

    private static (HandshakeSettings Server, HandshakeSettings Client, TicketKeyRing Ring, ManualTime Time) Settings(TlsVersion version)
    {
        var time = new ManualTime();
        var ring = new TicketKeyRing(TimeSpan.FromHours(1), time);
        var server = new HandshakeSettings { MinVersion = version, MaxVersion = version, Tickets = ring };
        var client = new HandshakeSettings { MinVersion = version, MaxVersion = version, ClientSessions = new ClientSessionCache(8, TimeProvider.System) };
        return (server, client, ring, time);
    }

    [Test]
    public void A_second_connection_resumes_the_first(
        [Values(TlsVersion.Tls12, TlsVersion.Tls13)] TlsVersion version, [Values] bool later, [Values] bool withClientCertificate)
    {
        (HandshakeSettings server, HandshakeSettings client, TicketKeyRing ring, _) = Settings(version);
        using TicketKeyRing owned = ring;
        PeerAuthentication asks = withClientCertificate ? PeerAuthentication.Demand : PeerAuthentication.Ignore;
        MachinePair first = Connect(server, client, asks, later: later);
        for (int again = 0; again < 3; again++)
        {
            var answers = new TestAnswers(Server, later);
            MachinePair next = Connect(server, client, asks, later: later, serverAnswers: answers);

            Assert.That(first.Server.Outcome!.Resumed, Is.False);
            Assert.That(next.Server.Fault, Is.Null);
            Assert.That(next.Client.Fault, Is.Null);
            Assert.That(next.Server.Outcome!.Resumed, Is.True);
            Assert.That(next.Client.Outcome!.Resumed, Is.True);
            Assert.That(next.Client.Outcome.PeerChain[0].ToArray(), Is.EqualTo(Server.Certificate));
            Assert.That(answers.Asked.OfType<SignatureQuestion>(), Is.Empty);
            byte[] content = [1, 2, 3];
            Assert.That(MachinePair.Pass(next.Client.Outcome, next.Server.Outcome, content, out _), Is.EqualTo(content));
            if (withClientCertificate)
            {
                Assert.That(next.Server.Outcome.PeerChain[0].ToArray(), Is.EqualTo(User.Certificate));
                Assert.That(answers.Asked.OfType<PeerQuestion>().Single().Resumed, Is.True);
            }
        }
    }

    [Test]
    public void A_resumed_peer_that_is_no_longer_trusted_is_refused([Values(TlsVersion.Tls12, TlsVersion.Tls13)] TlsVersion version)
    {
        (HandshakeSettings server, HandshakeSettings client, TicketKeyRing ring, _) = Settings(version);
        using TicketKeyRing owned = ring;
        Connect(server, client, PeerAuthentication.Demand);
        var answers = new TestAnswers(Server) { Verdict = _ => new RefusalAnswer(AlertCode.CertificateRevoked, "revoked since") };

        MachinePair next = Connect(server, client, PeerAuthentication.Demand, serverAnswers: answers);

        Assert.That(next.Server.Fault, Is.EqualTo(new HandshakeFault(AlertCode.CertificateRevoked, false, "revoked since")));
    }

    [Test]
    public void Tickets_of_another_scope_or_key_or_time_lead_to_a_full_handshake(
        [Values(TlsVersion.Tls12, TlsVersion.Tls13)] TlsVersion version, [Values("scope", "key", "expired")] string change)
    {
        (HandshakeSettings server, HandshakeSettings client, TicketKeyRing ring, ManualTime time) = Settings(version);
        using TicketKeyRing owned = ring;
        Connect(server, client);
        if (change == "expired")
            time.Now += TimeSpan.FromMinutes(61);
        using var other = new TicketKeyRing(TimeSpan.FromHours(1), time);
        if (change == "key")
            server = server with { Tickets = other };
        if (change == "scope")
            client = client with { ClientSessions = new Relabelled(client.ClientSessions!) };

        MachinePair next = Connect(server, client, scope: change == "scope" ? "another" : "scope");

        Assert.That(next.Server.Fault, Is.Null);
        Assert.That(next.Server.Outcome!.Resumed, Is.False);
        Assert.That(next.Client.Outcome!.Resumed, Is.False);
    }

    [Test]
    public void A_tls_13_ticket_works_once()
    {
        using var ring = new TicketKeyRing(TimeSpan.FromHours(1), TimeProvider.System);
        byte[] ticket = ring.Seal([1, 2, 3]);

        Assert.That(ring.TryOpen(ticket, singleUse: true), Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(ring.TryOpen(ticket, singleUse: true), Is.Null);
        Assert.That(ring.TryOpen(ticket, singleUse: false), Is.Not.Null);
    }

    [Test]
    public void A_damaged_ticket_opens_nothing()
    {
        using var ring = new TicketKeyRing(TimeSpan.FromHours(1), TimeProvider.System);
        byte[] ticket = ring.Seal([1, 2, 3]);
        for (int i = 0; i < ticket.Length; i++)
        {
            byte[] damaged = [.. ticket];
            damaged[i] ^= 1;
            Assert.That(ring.TryOpen(damaged, singleUse: false), Is.Null);
            Assert.That(ring.TryOpen(ticket.AsSpan(0, i), singleUse: false), Is.Null);
        }
    }

    [Test]
    public void Tickets_outlive_the_rotation_of_their_key_but_not_their_time()
    {
        var time = new ManualTime();
        using var ring = new TicketKeyRing(TimeSpan.FromHours(1), time);
        byte[] ticket = ring.Seal([7]);
        time.Now += TimeSpan.FromMinutes(40);
        byte[] younger = ring.Seal([8]);

        Assert.That(younger.AsSpan(0, 8).SequenceEqual(ticket.AsSpan(0, 8)), Is.False);
        Assert.That(ring.TryOpen(ticket, singleUse: false), Is.EqualTo(new byte[] { 7 }));
        time.Now += TimeSpan.FromMinutes(21);
        Assert.That(ring.TryOpen(ticket, singleUse: false), Is.Null);
        Assert.That(ring.TryOpen(younger, singleUse: false), Is.EqualTo(new byte[] { 8 }));
    }

    [Test]
    public void A_resumed_session_knows_its_identity_and_bindings([Values(TlsVersion.Tls12, TlsVersion.Tls13)] TlsVersion version, [Values] bool later)
    {
        (HandshakeSettings server, HandshakeSettings client, TicketKeyRing ring, _) = Settings(version);
        using TicketKeyRing owned = ring;
        Connect(server, client, later: later);
        HandshakeOutcome resumed = Connect(server, client, later: later).Server.Outcome!;

        Assert.That(resumed.Resumed, Is.True);
        Assert.That(resumed.Credential, Is.SameAs(Server.Credential));
        Assert.That(
            resumed.Secrets.TlsServerEndPoint!.Value.ToArray(), Is.EqualTo(System.Security.Cryptography.SHA256.HashData(Server.Certificate)));
    }

    [Test]
    public void A_ticket_ends_with_the_identity_that_gave_it([Values(TlsVersion.Tls12, TlsVersion.Tls13)] TlsVersion version)
    {
        (HandshakeSettings server, HandshakeSettings client, TicketKeyRing ring, _) = Settings(version);
        using TicketKeyRing owned = ring;
        Connect(server, client);
        MachinePair removed = Connect(server, client, serverAnswers: new TestAnswers(null));
        Connect(server, client);
        TestIdentity renewed = TestIdentity.Ecdsa();
        MachinePair replaced = Connect(server, client, serverAnswers: new TestAnswers(renewed));

        Assert.That(removed.Server.Fault!.Alert, Is.EqualTo(AlertCode.UnrecognizedName));
        Assert.That(replaced.Server.Outcome!.Resumed, Is.False);
        Assert.That(replaced.Client.Outcome!.PeerChain[0].ToArray(), Is.EqualTo(renewed.Certificate));
    }

    [Test]
    public void A_client_does_not_go_on_under_an_identity_that_it_lost([Values(TlsVersion.Tls12, TlsVersion.Tls13)] TlsVersion version, [Values] bool later)
    {
        (HandshakeSettings server, HandshakeSettings client, TicketKeyRing ring, _) = Settings(version);
        using TicketKeyRing owned = ring;
        Connect(server, client, PeerAuthentication.Request);
        MachinePair next = Connect(server, client, PeerAuthentication.Request, clientAnswers: new TestAnswers(null, later));

        Assert.That(next.Server.Outcome!.Resumed, Is.False);
        Assert.That(next.Server.Outcome.PeerChain, Is.Empty);
    }

    [Test]
    public void A_ticket_ends_with_the_policy_that_allowed_its_suite([Values(0x1302, 0xc02c)] int suite)
    {
        TlsVersion version = suite == 0x1302 ? TlsVersion.Tls13 : TlsVersion.Tls12;
        (HandshakeSettings server, HandshakeSettings client, TicketKeyRing ring, _) = Settings(version);
        using TicketKeyRing owned = ring;
        Connect(server with { CipherSuites = [suite] }, client);
        MachinePair byServer = Connect(server with { CipherSuites = [suite - 1] }, client);
        Connect(server with { CipherSuites = [suite] }, client);
        MachinePair byClient = Connect(server, client with { CipherSuites = [suite - 1] });

        foreach (MachinePair pair in new[] { byServer, byClient })
        {
            Assert.That(pair.Server.Fault, Is.Null);
            Assert.That(pair.Client.Fault, Is.Null);
            Assert.That(pair.Server.Outcome!.Resumed, Is.False);
            Assert.That(pair.Server.Outcome.CipherSuite, Is.EqualTo(suite - 1));
        }
    }

    [Test]
    public void A_ticket_goes_on_under_a_suite_of_its_hash()
    {
        (HandshakeSettings server, HandshakeSettings client, TicketKeyRing ring, _) = Settings(TlsVersion.Tls13);
        using TicketKeyRing owned = ring;
        Connect(server with { CipherSuites = [0x1302] }, client);
        // The server would rather take another suite; the ticket binds it.
        MachinePair next = Connect(server, client);

        Assert.That(next.Server.Fault, Is.Null);
        Assert.That(next.Server.Outcome!.Resumed, Is.True);
        Assert.That(next.Server.Outcome.CipherSuite, Is.EqualTo(0x1302));
    }

    [Test]
    public void A_ticket_is_good_for_the_name_it_was_given_for([Values(TlsVersion.Tls12, TlsVersion.Tls13)] TlsVersion version)
    {
        (HandshakeSettings server, HandshakeSettings client, TicketKeyRing ring, _) = Settings(version);
        using TicketKeyRing owned = ring;
        Connect(server, client);
        MachinePair next = Connect(server, client, serverName: "other.example");

        Assert.That(next.Server.Fault, Is.Null);
        Assert.That(next.Server.Outcome!.Resumed, Is.False);
        Assert.That(next.Server.Outcome.ServerName, Is.EqualTo("other.example"));
    }

    [Test]
    public void A_retry_of_the_hello_does_not_lose_the_ticket([Values] bool later)
    {
        (HandshakeSettings server, HandshakeSettings client, TicketKeyRing ring, _) = Settings(TlsVersion.Tls13);
        using TicketKeyRing owned = ring;
        Connect(server, client);
        MachinePair next = Connect(server with { Groups = [0x0018] }, client, later: later);

        Assert.That(next.Server.Fault, Is.Null);
        Assert.That(next.Server.Outcome!.Resumed, Is.True);
        Assert.That(next.Server.Outcome.Group, Is.EqualTo(0x0018));
    }

    [Test]
    public void What_a_ticket_holds_cannot_be_read()
    {
        (HandshakeSettings server, HandshakeSettings client, TicketKeyRing ring, _) = Settings(TlsVersion.Tls13);
        using TicketKeyRing owned = ring;
        MachinePair pair = Connect(server, client, PeerAuthentication.Demand);
        byte[] ticket = pair.Server.Outcome!.FirstMessages!;

        Assert.That(ticket.AsSpan().IndexOf("scope"u8), Is.Negative);
        Assert.That(ticket.AsSpan().IndexOf("user.example"u8), Is.Negative);
        byte[] one = ring.Seal([1, 2, 3]), other = ring.Seal([1, 2, 3]);
        Assert.That(one, Is.Not.EqualTo(other));
    }

    [Test]
    public void A_hostile_server_cannot_fill_the_client_s_memory()
    {
        var cache = new ClientSessionCache(100, TimeProvider.System);
        for (int scope = 0; scope < 100; scope++)
            for (int i = 0; i < 4; i++)
                cache.Put($"scope {scope}", new Fat(60 * 1024));
        cache.Put("too fat", new Fat(1 << 20));
        long kept = 0;
        for (int scope = 0; scope < 100; scope++)
            while (cache.Take($"scope {scope}") is { } session)
                kept += session.Size;

        Assert.That(kept, Is.GreaterThan(0).And.LessThanOrEqualTo(100 * 8 * 1024));
        Assert.That(cache.Take("too fat"), Is.Null);
    }

    private sealed class Fat(int size) : ClientSession
    {
        public override TlsVersion Version => TlsVersion.Tls13;

        public override DateTimeOffset Expires => DateTimeOffset.MaxValue;

        public override IReadOnlyList<ReadOnlyMemory<byte>> PeerChain => [];

        public override int Size => size;
    }

    private sealed class ManualTime : TimeProvider
    {
        internal DateTimeOffset Now { get; set; } = DateTimeOffset.UtcNow;

        public override DateTimeOffset GetUtcNow() => Now;
    }

    /// <summary>Hands out a session whatever the scope, as a client with other habits would.</summary>
    private sealed class Relabelled(IClientSessionStore inner) : IClientSessionStore
    {
        public void Put(string scope, ClientSession session) => inner.Put(scope, session);

        public ClientSession? Take(string scope) => inner.Take("scope");
    }

    private sealed class NoSession : IPostHandshakeSession
    {
        public void Send(ContentType type, ReadOnlySpan<byte> content) => Assert.Fail("nothing was to be sent");

        public void PeerRenegotiates(byte[] message) => throw new NotSupportedException();

        public void UpdateSealer() => Assert.Fail("no update was due");

        public void UpdateOpener() => Assert.Fail("no update was due");

        public void Ask(HandshakeQuestion question) => throw new NotSupportedException();

        public byte[] FinishedKey(bool ofPeer) => throw new NotSupportedException();

        public void Authenticated(PostHandshakeIdentity identity) => throw new NotSupportedException();
    }
}
