using System.Diagnostics;
using NUnit.Framework;
using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Operators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.X509;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;
using TlsPool.Crypto.Validation;

namespace TlsPool.Tests.Crypto.Validation;

/// <summary>Chains with ML-DSA, which the platform may not know, and what a peer might try with them.</summary>
[Parallelizable(ParallelScope.All)]
public class PostQuantumPathTests
{
    private static readonly AsymmetricCipherKeyPair RootKey = MLDsa(), SubKey = MLDsa(), LeafKey = MLDsa();
    private static readonly byte[] Root = Make("Root", RootKey, "Root", RootKey, isAuthority: true);
    private static readonly byte[] Sub = Make("Sub", SubKey, "Root", RootKey, isAuthority: true);

    private static AsymmetricCipherKeyPair MLDsa()
    {
        var generator = new MLDsaKeyPairGenerator();
        generator.Init(new MLDsaKeyGenerationParameters(new SecureRandom(), MLDsaParameters.ml_dsa_44));
        return generator.GenerateKeyPair();
    }

    private static byte[] Make(
        string subject, AsymmetricCipherKeyPair key, string issuer, AsymmetricCipherKeyPair issuerKey, bool isAuthority, int days = 30, int? pathLength = null)
    {
        var maker = new X509V3CertificateGenerator();
        maker.SetSerialNumber(BigInteger.ValueOf(Random.Shared.NextInt64(1, long.MaxValue)));
        maker.SetIssuerDN(new X509Name($"CN={issuer}"));
        maker.SetSubjectDN(new X509Name($"CN={subject}"));
        maker.SetNotBefore(DateTime.UtcNow.AddDays(-9));
        maker.SetNotAfter(DateTime.UtcNow.AddDays(days));
        maker.SetPublicKey(key.Public);
        maker.AddExtension(
            X509Extensions.BasicConstraints, true, pathLength is { } length ? new BasicConstraints(length) : new BasicConstraints(isAuthority));
        maker.AddExtension(
            X509Extensions.KeyUsage, true, new KeyUsage(isAuthority ? KeyUsage.KeyCertSign | KeyUsage.CrlSign : KeyUsage.DigitalSignature));
        return maker.Generate(new Asn1SignatureFactory("ML-DSA-44", issuerKey.Private, new SecureRandom())).GetEncoded();
    }

    private static PathVerdict Validate(byte[] anchor, params byte[][] chain) => PathValidator.Validate(
        [.. chain.Select(der => (ReadOnlyMemory<byte>)der)], TlsRole.Server, new AnchorSet([anchor]), DateTimeOffset.UtcNow);

    [Test]
    public void A_path_of_ML_DSA_signatures_is_accepted()
    {
        PathVerdict direct = Validate(Root, Make("leaf", LeafKey, "Root", RootKey, isAuthority: false));
        PathVerdict below = Validate(Root, Make("leaf", LeafKey, "Sub", SubKey, isAuthority: false), Sub, Root);

        Assert.That(direct.Facts, Is.Not.Null, direct.Reason);
        Assert.That(below.Facts, Is.Not.Null, below.Reason);
    }

    [Test]
    public void A_path_may_mix_algorithms()
    {
        TestAuthority classical = TestAuthority.Root("Classical");
        byte[] leaf = classical.Issue();
        byte[] decoy = Root;

        PathVerdict verdict = Validate(classical.Certificate, leaf, decoy);

        Assert.That(verdict.Facts, Is.Not.Null, verdict.Reason);
    }

    [Test]
    public void What_is_wrong_is_refused()
    {
        byte[] forged = Make("leaf", LeafKey, "Root", SubKey, isAuthority: false);
        byte[] expired = Make("leaf", LeafKey, "Root", RootKey, isAuthority: false, days: -1);
        byte[] expiredSub = Make("Sub", SubKey, "Root", RootKey, isAuthority: true, days: -1);
        byte[] noAuthority = Make("Sub", SubKey, "Root", RootKey, isAuthority: false);
        byte[] last = Make("Sub", SubKey, "Root", RootKey, isAuthority: true, pathLength: 0);
        byte[] below = Make("Below", LeafKey, "Sub", SubKey, isAuthority: true);
        byte[] bySub = Make("leaf", LeafKey, "Sub", SubKey, isAuthority: false);

        Assert.That(Validate(Root, forged).Alert, Is.EqualTo(AlertCode.UnknownCa));
        Assert.That(Validate(Root, expired).Alert, Is.EqualTo(AlertCode.CertificateExpired));
        Assert.That(Validate(Root, bySub, expiredSub).Alert, Is.EqualTo(AlertCode.CertificateExpired));
        Assert.That(Validate(Root, bySub, noAuthority).Alert, Is.EqualTo(AlertCode.BadCertificate));
        Assert.That(Validate(Root, Make("leaf", LeafKey, "Below", LeafKey, isAuthority: false), below, last).Alert, Is.EqualTo(AlertCode.BadCertificate));
        Assert.That(Validate(Make("Other", LeafKey, "Other", LeafKey, isAuthority: true), bySub, Sub).Alert, Is.EqualTo(AlertCode.UnknownCa));
        Assert.That(Validate(TestAuthority.Root("Classical").Certificate, bySub, Sub, Root).Alert, Is.EqualTo(AlertCode.UnknownCa));
    }

    [Test]
    public void Certificates_that_all_issue_each_other_take_no_time()
    {
        // Every order of them is a path by name, and each signature is right: one key made them all.
        byte[][] ring = [.. Enumerable.Range(0, 15).Select(_ => Make("Ring", SubKey, "Ring", SubKey, isAuthority: true))];
        long start = Stopwatch.GetTimestamp();

        PathVerdict verdict = Validate(Root, [Make("leaf", LeafKey, "Ring", SubKey, isAuthority: false), .. ring]);

        Assert.That(verdict.Alert, Is.EqualTo(AlertCode.UnknownCa));
        Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(TimeSpan.FromSeconds(30)));
    }
}
