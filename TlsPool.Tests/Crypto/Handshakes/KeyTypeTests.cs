using NUnit.Framework;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;

namespace TlsPool.Tests.Crypto.Handshakes;

/// <summary>Every kind of key in every version that has it, on both sides, and the choice among several.</summary>
[Parallelizable(ParallelScope.All)]
public class KeyTypeTests
{
    private static readonly Lazy<TestIdentity> Server = new(() => TestIdentity.Ecdsa());

    private static HandshakeSettings Only(TlsVersion version) => new() { MinVersion = version, MaxVersion = version };

    internal static TestIdentity Make(string key) => key switch
    {
        "p256" => TestIdentity.Ecdsa(),
        "p384" => TestIdentity.Ecdsa(bits: 384),
        "p521" => TestIdentity.Ecdsa(bits: 521),
        "ed25519" => TestIdentity.Ed25519(),
        "pss256" => TestIdentity.Rsa(schemes: 0x0804),
        "pss384" => TestIdentity.Rsa(schemes: 0x0805),
        "pss512" => TestIdentity.Rsa(schemes: 0x0806),
        "pkcs256" => TestIdentity.Rsa(schemes: 0x0401),
        "pkcs384" => TestIdentity.Rsa(schemes: 0x0501),
        "pkcs512" => TestIdentity.Rsa(schemes: 0x0601),
        "mldsa44" => TestIdentity.MLDsa(44),
        "mldsa65" => TestIdentity.MLDsa(65),
        _ => TestIdentity.MLDsa(87),
    };

    [Test]
    public void Both_sides_prove_themselves_with_every_kind_of_key(
        [Values("p256", "p384", "p521", "ed25519", "pss256", "pss384", "pss512", "pkcs256", "pkcs384", "pkcs512", "mldsa44", "mldsa65", "mldsa87")] string key,
        [Values(TlsVersion.Tls12, TlsVersion.Tls13)] TlsVersion version)
    {
        HandshakeSettings settings = Only(version);
        TestIdentity identity = Make(key);
        MachinePair pair = new MachinePair(
            settings, new TestAnswers(identity), settings, new TestAnswers(identity), serverAsks: PeerAuthentication.Demand).Run();
        bool belongs = version == TlsVersion.Tls13
            ? !key.StartsWith("pkcs", StringComparison.Ordinal)
            : !key.StartsWith("mldsa", StringComparison.Ordinal);

        if (!belongs)
        {
            Assert.That(pair.Server.Fault!.Alert, Is.EqualTo(AlertCode.HandshakeFailure));
            Assert.That(pair.Client.Fault!.FromPeer, Is.True);
            return;
        }
        Assert.That(pair.Server.Fault, Is.Null);
        Assert.That(pair.Client.Fault, Is.Null);
        Assert.That(pair.Server.Outcome!.PeerChain[0].ToArray(), Is.EqualTo(identity.Certificate));
        Assert.That(pair.Client.Outcome!.PeerChain[0].ToArray(), Is.EqualTo(identity.Certificate));
    }

    [Test]
    public void A_signature_by_another_key_is_noticed(
        [Values("p256", "ed25519", "pss256", "mldsa44")] string key, [Values(TlsVersion.Tls12, TlsVersion.Tls13)] TlsVersion version, [Values] bool byServer)
    {
        if (key == "mldsa44" && version == TlsVersion.Tls12)
            return;
        HandshakeSettings settings = Only(version);
        var good = new TestAnswers(Server.Value);
        var bad = new TestAnswers(Make(key)) { Signer = Make(key) };
        MachinePair pair = new MachinePair(
            settings, byServer ? bad : good, settings, byServer ? good : bad, serverAsks: PeerAuthentication.Demand).Run();

        HandshakeMachine judge = byServer ? pair.Client : pair.Server;
        Assert.That(judge.Fault!.Alert, Is.EqualTo(AlertCode.DecryptError));
        Assert.That(judge.Fault.FromPeer, Is.False);
    }

    [Test]
    public void The_first_credential_that_the_peer_can_use_is_taken(
        [Values(TlsVersion.Tls12, TlsVersion.Tls13)] TlsVersion version, [Values("schemes", "suites", "both")] string limit)
    {
        TestIdentity ecdsa = TestIdentity.Ecdsa(), rsa = TestIdentity.Rsa();
        HandshakeSettings client = Only(version);
        if (limit == "schemes")
            client = client with { SignatureSchemes = [0x0804, 0x0401] };
        if (limit == "suites" && version == TlsVersion.Tls12)
            client = client with { CipherSuites = [0xc02f, 0xc030] };
        MachinePair pair = new MachinePair(Only(version), new TestAnswers(ecdsa) { Others = [rsa] }, client, new TestAnswers(null)).Run();

        bool fallsBack = limit == "schemes" || (limit == "suites" && version == TlsVersion.Tls12);
        Assert.That(pair.Client.Fault, Is.Null);
        Assert.That(pair.Client.Outcome!.PeerChain[0].ToArray(), Is.EqualTo(fallsBack ? rsa.Certificate : ecdsa.Certificate));
    }

    [Test]
    public void A_client_goes_without_where_it_has_nothing_that_fits([Values(TlsVersion.Tls12, TlsVersion.Tls13)] TlsVersion version)
    {
        HandshakeSettings server = Only(version) with { SignatureSchemes = [0x0403] };
        MachinePair pair = new MachinePair(
            server, new TestAnswers(Server.Value), Only(version), new TestAnswers(TestIdentity.Rsa()), serverAsks: PeerAuthentication.Request).Run();

        Assert.That(pair.Server.Fault, Is.Null);
        Assert.That(pair.Server.Outcome!.PeerChain, Is.Empty);
        Assert.That(pair.Client.Outcome!.Credential, Is.Null);
    }

    [Test]
    public void A_certificate_that_was_not_asked_for_is_not_shown([Values(TlsVersion.Tls12, TlsVersion.Tls13)] TlsVersion version)
    {
        var client = new TestAnswers(TestIdentity.Rsa());
        MachinePair pair = new MachinePair(
            Only(version), new TestAnswers(Server.Value), Only(version), client, serverAsks: PeerAuthentication.Ignore).Run();

        Assert.That(pair.Server.Outcome!.PeerChain, Is.Empty);
        Assert.That(client.Asked.OfType<CredentialQuestion>(), Is.Empty);
    }
}
