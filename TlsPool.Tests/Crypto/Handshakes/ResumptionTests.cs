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
        string scope = "scope", bool later = false, TestAnswers? serverAnswers = null)
    {
        MachinePair pair = new MachinePair(
            server, serverAnswers ?? new TestAnswers(Server, later), client, new TestAnswers(User, later), serverAsks, scope: scope).Run();
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

        public void UpdateSealer() => Assert.Fail("no update was due");

        public void UpdateOpener() => Assert.Fail("no update was due");
    }
}
