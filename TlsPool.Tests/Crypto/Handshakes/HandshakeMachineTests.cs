using System.Text;
using NUnit.Framework;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;

namespace TlsPool.Tests.Crypto.Handshakes;

[Parallelizable(ParallelScope.All)]
public class HandshakeMachineTests
{
    private static readonly Lazy<TestIdentity> P256 = new(() => TestIdentity.Ecdsa());
    private static readonly Lazy<TestIdentity> P384 = new(() => TestIdentity.Ecdsa(bits: 384));
    private static readonly Lazy<TestIdentity> Rsa = new(() => TestIdentity.Rsa());
    private static readonly Lazy<TestIdentity> Ed25519 = new(() => TestIdentity.Ed25519());
    private static readonly Lazy<TestIdentity> MLDsa = new(() => TestIdentity.MLDsa(65));

    private static HandshakeSettings Only(TlsVersion version) => new() { MinVersion = version, MaxVersion = version };

    private static TestIdentity Identity(string key) => key switch
    {
        "p256" => P256.Value,
        "p384" => P384.Value,
        "rsa" => Rsa.Value,
        "ed25519" => Ed25519.Value,
        _ => MLDsa.Value,
    };

    private static void AssertDataFlows(MachinePair pair)
    {
        HandshakeOutcome server = pair.Server.Outcome!;
        HandshakeOutcome client = pair.Client.Outcome!;
        foreach (int size in new[] { 0, 1, 100, 16384 })
        {
            byte[] content = new byte[size];
            Random.Shared.NextBytes(content);
            Assert.That(MachinePair.Pass(client, server, content, out ContentType type), Is.EqualTo(content));
            Assert.That(type, Is.EqualTo(ContentType.ApplicationData));
            Assert.That(MachinePair.Pass(server, client, content, out _), Is.EqualTo(content));
        }
    }

    private static void AssertDone(MachinePair pair)
    {
        Assert.That(pair.Server.Fault, Is.Null);
        Assert.That(pair.Client.Fault, Is.Null);
        Assert.That(pair.Server.Outcome, Is.Not.Null);
        Assert.That(pair.Client.Outcome, Is.Not.Null);
    }

    [Test]
    public void A_handshake_completes_and_data_flows(
        [Values(TlsVersion.Tls12, TlsVersion.Tls13)] TlsVersion version,
        [Values("p256", "p384", "rsa", "ed25519")] string key,
        [Values] bool later)
    {
        HandshakeSettings settings = Only(version);
        var answers = new TestAnswers(Identity(key), later);
        MachinePair pair = new MachinePair(settings, answers, settings, new TestAnswers(null, later)).Run();

        AssertDone(pair);
        AssertDataFlows(pair);
        Assert.That(pair.Client.Outcome!.PeerChain[0].ToArray(), Is.EqualTo(Identity(key).Certificate));
        Assert.That(pair.Server.Outcome!.ServerName, Is.EqualTo("localhost"));
        Assert.That(pair.Client.Outcome!.Version, Is.EqualTo(version));
    }

    [Test]
    public void Ml_dsa_authenticates_in_tls_13([Values] bool later)
    {
        HandshakeSettings settings = Only(TlsVersion.Tls13);
        MachinePair pair = new MachinePair(settings, new TestAnswers(MLDsa.Value, later), settings, new TestAnswers(null)).Run();

        AssertDone(pair);
        AssertDataFlows(pair);
    }

    [Test]
    public void Every_group_is_negotiated(
        [Values(0x11ec, 0x001d, 0x0017, 0x0018)] int group, [Values(TlsVersion.Tls12, TlsVersion.Tls13)] TlsVersion version, [Values] bool later)
    {
        if (group == 0x11ec && version == TlsVersion.Tls12)
            Assert.Ignore("ML-KEM belongs to TLS 1.3");
        HandshakeSettings server = Only(version) with { Groups = [group] };
        MachinePair pair = new MachinePair(server, new TestAnswers(P256.Value, later), Only(version), new TestAnswers(null, later)).Run();

        AssertDone(pair);
        AssertDataFlows(pair);
        Assert.That(pair.Server.Outcome!.Group, Is.EqualTo(group));
        Assert.That(pair.Client.Outcome!.Group, Is.EqualTo(group));
    }

    [Test]
    public void Every_suite_protects_data(
        [Values(0x1301, 0x1302, 0x1303, 0xc02b, 0xc02c, 0xcca9, 0xc009, 0xc00a, 0xc023, 0xc024)] int suite)
    {
        HandshakeSettings settings = new() { CipherSuites = [suite] };
        if (suite < 0x1400)
            settings = settings with { MinVersion = TlsVersion.Tls13 };
        else
            settings = settings with { MaxVersion = TlsVersion.Tls12 };
        MachinePair pair = new MachinePair(settings, new TestAnswers(P256.Value), settings, new TestAnswers(null)).Run();

        AssertDone(pair);
        Assert.That(pair.Server.Outcome!.CipherSuite, Is.EqualTo(suite));
        AssertDataFlows(pair);
    }

    [Test]
    public void Client_certificates_are_demanded_and_judged(
        [Values(TlsVersion.Tls12, TlsVersion.Tls13)] TlsVersion version, [Values("p256", "rsa", "ed25519")] string key, [Values] bool later)
    {
        HandshakeSettings settings = Only(version);
        var server = new TestAnswers(P256.Value, later);
        var client = new TestAnswers(Identity(key), later);
        MachinePair pair = new MachinePair(settings, server, settings, client, serverAsks: PeerAuthentication.Demand).Run();

        AssertDone(pair);
        Assert.That(pair.Server.Outcome!.PeerChain[0].ToArray(), Is.EqualTo(Identity(key).Certificate));
        Assert.That(pair.Client.Outcome!.Credential!.Identity, Is.EqualTo("localhost"));
        AssertDataFlows(pair);
    }

    [Test]
    public void A_client_without_certificate_fails_where_one_is_demanded_and_passes_where_one_is_requested(
        [Values(TlsVersion.Tls12, TlsVersion.Tls13)] TlsVersion version)
    {
        HandshakeSettings settings = Only(version);
        MachinePair demanded = new MachinePair(
            settings, new TestAnswers(P256.Value), settings, new TestAnswers(null), serverAsks: PeerAuthentication.Demand).Run();
        MachinePair requested = new MachinePair(
            settings, new TestAnswers(P256.Value), settings, new TestAnswers(null), serverAsks: PeerAuthentication.Request).Run();

        Assert.That(
            demanded.Server.Fault!.Alert,
            Is.EqualTo(version == TlsVersion.Tls13 ? AlertCode.CertificateRequired : AlertCode.HandshakeFailure));
        AssertDone(requested);
        Assert.That(requested.Server.Outcome!.PeerChain, Is.Empty);
    }

    [Test]
    public void A_refused_peer_gets_the_alert_of_the_verdict([Values(TlsVersion.Tls12, TlsVersion.Tls13)] TlsVersion version, [Values] bool later)
    {
        HandshakeSettings settings = Only(version);
        var client = new TestAnswers(null, later) { Verdict = _ => new RefusalAnswer(AlertCode.UnknownCa, "nobody knows it") };
        MachinePair pair = new MachinePair(settings, new TestAnswers(P256.Value), settings, client).Run();

        Assert.That(pair.Client.Fault, Is.EqualTo(new HandshakeFault(AlertCode.UnknownCa, false, "nobody knows it")));
        Assert.That(pair.Server.Fault!.FromPeer, Is.True);
        Assert.That(pair.Server.Fault.Alert, Is.EqualTo(AlertCode.UnknownCa));
    }

    [Test]
    public void A_server_without_the_named_identity_says_so([Values(TlsVersion.Tls12, TlsVersion.Tls13)] TlsVersion version)
    {
        HandshakeSettings settings = Only(version);
        MachinePair pair = new MachinePair(settings, new TestAnswers(null), settings, new TestAnswers(null)).Run();

        Assert.That(pair.Client.Fault!.Alert, Is.EqualTo(AlertCode.UnrecognizedName));
        Assert.That(pair.Client.Fault.FromPeer, Is.True);
    }

    [Test]
    public void Application_protocols_are_negotiated_or_the_handshake_fails([Values(TlsVersion.Tls12, TlsVersion.Tls13)] TlsVersion version)
    {
        HandshakeSettings settings = Only(version);
        MachinePair agreed = new MachinePair(
            settings, new TestAnswers(P256.Value), settings, new TestAnswers(null),
            serverProtocols: ["imap"], clientProtocols: ["http/1.1", "imap"]).Run();
        MachinePair at_odds = new MachinePair(
            settings, new TestAnswers(P256.Value), settings, new TestAnswers(null),
            serverProtocols: ["imap"], clientProtocols: ["http/1.1"]).Run();

        Assert.That(agreed.Client.Outcome!.ApplicationProtocol, Is.EqualTo("imap"));
        Assert.That(at_odds.Client.Fault!.Alert, Is.EqualTo(AlertCode.NoApplicationProtocol));
    }

    [Test]
    public void Exporters_and_channel_bindings_agree([Values(TlsVersion.Tls12, TlsVersion.Tls13)] TlsVersion version)
    {
        HandshakeSettings settings = Only(version);
        MachinePair pair = new MachinePair(settings, new TestAnswers(P256.Value), settings, new TestAnswers(null)).Run();
        SessionSecrets server = pair.Server.Outcome!.Secrets;
        SessionSecrets client = pair.Client.Outcome!.Secrets;

        byte[] Exported(SessionSecrets secrets, byte[]? context)
        {
            byte[] material = new byte[48];
            secrets.Export("EXPERIMENTAL label"u8, context, material);
            return material;
        }
        foreach (byte[]? context in new[] { null, [], Encoding.ASCII.GetBytes("context") })
            Assert.That(Exported(server, context), Is.EqualTo(Exported(client, context)));
        Assert.That(Exported(server, null), version == TlsVersion.Tls12 ? Is.Not.EqualTo(Exported(server, [])) : Is.EqualTo(Exported(server, [])));
        Assert.That(server.TlsServerEndPoint!.Value.ToArray(), Is.EqualTo(System.Security.Cryptography.SHA256.HashData(P256.Value.Certificate)));
        Assert.That(client.TlsServerEndPoint!.Value.ToArray(), Is.EqualTo(server.TlsServerEndPoint.Value.ToArray()));
        Assert.That(server.TlsUnique.HasValue, Is.EqualTo(version == TlsVersion.Tls12));
        if (version == TlsVersion.Tls12)
            Assert.That(client.TlsUnique!.Value.ToArray(), Is.EqualTo(server.TlsUnique!.Value.ToArray()));
    }

    [Test]
    public void Bytes_may_arrive_in_any_pieces([Values(1, 2, 5, 6, 7, 100)] int chunk, [Values(TlsVersion.Tls12, TlsVersion.Tls13)] TlsVersion version)
    {
        HandshakeSettings settings = Only(version);
        MachinePair pair = new MachinePair(settings, new TestAnswers(P256.Value), settings, new TestAnswers(null)) { Chunk = chunk }.Run();

        AssertDone(pair);
    }
}
