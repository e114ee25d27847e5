using NUnit.Framework;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Handshakes.Signing;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Records;
using TlsPool.Tests.Crypto.Pump;

namespace TlsPool.Tests.Crypto.Handshakes.Signing;

/// <summary>Everything that the engine signs passes.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class HandshakeContentTests
{
    private static readonly Lazy<TestIdentity> P256 = new(() => TestIdentity.Ecdsa());

    private static HandshakeSettings Only(TlsVersion version) => new() { MinVersion = version, MaxVersion = version };

    private static void AssertIs(HandshakeContentKind kind, SignatureRequest request)
    {
        Assert.That(HandshakeContent.TryRead(request, out HandshakeContent? read, out string? refusal), Is.True, refusal);
        Assert.That(read!.Kind, Is.EqualTo(kind));
        Assert.That(read.Signer, Is.EqualTo(kind is HandshakeContentKind.ServerVerify13 or HandshakeContentKind.ServerKeyExchange12 ? TlsRole.Server : TlsRole.Client));
        Assert.That(read.Version, Is.EqualTo(kind is HandshakeContentKind.ServerVerify13 or HandshakeContentKind.ClientVerify13 ? TlsVersion.Tls13 : TlsVersion.Tls12));
        Assert.That(refusal, Is.Null);
    }

    private static void AssertAllPass(HandshakeSettings settings, TestIdentity? server = null, TestIdentity? user = null)
    {
        foreach ((HandshakeContentKind kind, SignatureRequest request) in Contents.Of(settings, server, user))
            AssertIs(kind, request);
    }

    [Test]
    public void Both_sides_may_sign_with_every_group(
        [Values(0x11ec, 0x001d, 0x0017, 0x0018)] int group, [Values(TlsVersion.Tls12, TlsVersion.Tls13)] TlsVersion version)
    {
        if (group == 0x11ec && version == TlsVersion.Tls12)
            Assert.Ignore("ML-KEM belongs to TLS 1.3");
        AssertAllPass(Only(version) with { Groups = [group] });
    }

    [Test]
    public void Both_sides_may_sign_under_every_suite(
        [Values(0x1301, 0x1302, 0x1303, 0xc02b, 0xc02c, 0xcca9, 0xc009, 0xc00a, 0xc023, 0xc024)] int suite) =>
        AssertAllPass(Only(suite < 0x1400 ? TlsVersion.Tls13 : TlsVersion.Tls12) with { CipherSuites = [suite] });

    [TestCase("p384", true)]
    [TestCase("p521", true)]
    [TestCase("ed25519", true)]
    [TestCase("pss256", true)]
    [TestCase("pss384", true)]
    [TestCase("pss512", true)]
    [TestCase("pkcs256", false)]
    [TestCase("pkcs384", false)]
    [TestCase("pkcs512", false)]
    [TestCase("mldsa44", null)]
    [TestCase("mldsa65", null)]
    [TestCase("mldsa87", null)]
    public void Both_sides_may_sign_with_every_kind_of_key(string key, bool? inBoth)
    {
        TestIdentity identity = KeyTypeTests.Make(key);
        if (inBoth is not null)
            AssertAllPass(Only(TlsVersion.Tls12), identity, identity);
        if (inBoth is not false)
            AssertAllPass(Only(TlsVersion.Tls13), identity, identity);
    }

    [Test]
    public void A_renegotiation_may_be_signed()
    {
        using var pair = new PumpPair(Only(TlsVersion.Tls12));
        pair.Server.Asks = PeerAuthentication.Demand;
        for (int i = 1; i <= 2; i++)
        {
            int count = i;
            pair.Client.Renegotiate();
            PumpedSession.WaitUntil(() => pair.Server.Renewals + pair.Client.Renewals == 2 * count);
        }

        SignatureRequest[] server = [.. Contents.Signed(pair.Server.Answers)], client = [.. Contents.Signed(pair.Client.Answers)];
        Assert.That((server.Length, client.Length), Is.EqualTo((3, 2)));
        foreach (SignatureRequest request in server)
            AssertIs(HandshakeContentKind.ServerKeyExchange12, request);
        foreach (SignatureRequest request in client)
            AssertIs(HandshakeContentKind.ClientVerify12, request);
    }

    [TestCase(0x1301)]
    [TestCase(0x1302)]
    public void An_authentication_after_the_handshake_may_be_signed(int suite)
    {
        using var pair = new PumpPair(Only(TlsVersion.Tls13) with { CipherSuites = [suite] }, authenticatesLater: true);
        pair.Server.Pump.RequestCertificate(PeerAuthentication.Demand);
        PumpedSession.WaitUntil(() => pair.Server.Count("authenticated") + pair.Client.Count("authenticated") == 2);

        AssertIs(HandshakeContentKind.ClientVerify13, Contents.Signed(pair.Client.Answers).Single());
    }

    [Test]
    public void A_precursor_is_signed_in_its_renewal()
    {
        using var pair = new PumpPair(Only(TlsVersion.Tls12), early: []);
        Assert.That(Contents.Signed(pair.Server.Answers), Is.Empty, "nobody is somebody yet");
        pair.Client.Renegotiate();
        PumpedSession.WaitUntil(() => pair.Server.Renewals + pair.Client.Renewals == 2);

        AssertIs(HandshakeContentKind.ServerKeyExchange12, Contents.Signed(pair.Server.Answers).Single());
    }

    [Test]
    public void A_scheme_belongs_to_its_version([Values] HandshakeContentKind kind)
    {
        bool is13 = kind is HandshakeContentKind.ServerVerify13 or HandshakeContentKind.ClientVerify13;
        ReadOnlySpan<byte> content = Contents.OfEachKind[kind].Content.Span;
        for (int scheme = 0; scheme <= 0xffff; scheme++)
        {
            bool belongs = scheme is 0x0403 or 0x0503 or 0x0603 or 0x0807 or 0x0804 or 0x0805 or 0x0806
                || (is13 ? scheme is 0x0904 or 0x0905 or 0x0906 : scheme is 0x0401 or 0x0501 or 0x0601);
            if (HandshakeContent.TryRead(scheme, content, out _, out string? refusal) != belongs)
                Assert.Fail($"scheme {scheme:x4}: {refusal}");
        }
        foreach (int scheme in new[] { -1, int.MinValue, int.MaxValue, 0x10403 })
            Assert.That(HandshakeContent.TryRead(scheme, content, out _, out _), Is.False);
    }
}
