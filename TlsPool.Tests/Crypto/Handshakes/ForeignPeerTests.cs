using NUnit.Framework;
using Org.BouncyCastle.Tls;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;

namespace TlsPool.Tests.Crypto.Handshakes;

/// <summary>Clients of TLS 1.2 that lack what this engine's own client has.</summary>
[Parallelizable(ParallelScope.All)]
public class ForeignPeerTests
{
    private static readonly TestIdentity Identity = TestIdentity.Ecdsa();

    private static HandshakeMachine Shake(ForeignClient client, HandshakeSettings? settings = null)
    {
        using var ring = new TicketKeyRing(TimeSpan.FromHours(1), TimeProvider.System);
        return client.Shake((settings ?? new HandshakeSettings()) with { Tickets = ring }, new TestAnswers(Identity));
    }

    [Test]
    public void A_session_without_extended_master_secret_gets_no_ticket_and_exports_nothing()
    {
        var old = new ForeignClient { ExtendedMasterSecret = false };
        var current = new ForeignClient();
        HandshakeOutcome before = Shake(old).Outcome!, now = Shake(current).Outcome!;

        Assert.That(before.ExtendedMasterSecret, Is.False);
        Assert.That(old.Ticket, Is.Null.Or.Empty);
        Assert.That(before.Secrets.MayExport, Is.False);
        Assert.That(before.Secrets.TlsUnique, Is.Null);
        Assert.Throws<InvalidOperationException>(() => before.Secrets.Export("EXPERIMENTAL x"u8, null, new byte[16]));
        Assert.That(current.Ticket, Is.Not.Null.And.Not.Empty);
        Assert.That(now.Secrets.MayExport, Is.True);
        Assert.That(now.Secrets.TlsUnique, Is.Not.Null);
    }

    [Test]
    public void Cbc_is_taken_with_encrypt_then_mac_only_and_not_resumed()
    {
        int[] cbc = [CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256];
        var settings = new HandshakeSettings { CipherSuites = [0xc023, 0xc02b] };
        var safe = new ForeignClient { Suites = cbc };
        var @unsafe = new ForeignClient { Suites = cbc, EncryptThenMac = false };
        var either = new ForeignClient { Suites = [.. cbc, CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256], EncryptThenMac = false };

        Assert.That(Shake(safe, settings).Outcome!.CipherSuite, Is.EqualTo(0xc023));
        Assert.That(safe.Ticket, Is.Null.Or.Empty);
        Assert.That(Shake(@unsafe, settings).Fault!.Alert, Is.EqualTo(AlertCode.HandshakeFailure));
        Assert.That(@unsafe.Alert, Is.EqualTo(AlertDescription.handshake_failure));
        Assert.That(Shake(either, settings).Outcome!.CipherSuite, Is.EqualTo(0xc02b));
        Assert.That(Shake(new ForeignClient { Suites = cbc }).Fault!.Alert, Is.EqualTo(AlertCode.HandshakeFailure));
    }

    [TestCase(0, 16384)]
    [TestCase(1, 512)]
    [TestCase(2, 1024)]
    [TestCase(4, 4096)]
    public void A_client_may_ask_for_small_records(short code, int content) =>
        Assert.That(Shake(new ForeignClient { MaxFragment = code }).Outcome!.MaxContent, Is.EqualTo(content));
}
