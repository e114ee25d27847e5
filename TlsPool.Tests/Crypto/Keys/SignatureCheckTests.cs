using System.Security.Cryptography;
using NUnit.Framework;
using Org.BouncyCastle.Asn1.X509;
using TlsPool.Crypto.Certificates;
using TlsPool.Crypto.Keys;
using TlsPool.Tests.Crypto.Handshakes;

namespace TlsPool.Tests.Crypto.Keys;

[Parallelizable(ParallelScope.All)]
public sealed class SignatureCheckTests
{
    private const string Kinds = "p256 p384 p521 ed25519 pss256 pss384 pss512 pkcs256 pkcs384 pkcs512 mldsa44 mldsa65 mldsa87";

    private static IEnumerable<string> AllKinds => Kinds.Split(' ');

    private static SignatureRequest Request(TestIdentity identity) =>
        new(identity.Credential.Key, identity.Credential.SignatureSchemes[0], RandomNumberGenerator.GetBytes(146));

    [TestCaseSource(nameof(AllKinds))]
    public void A_signature_of_the_key_is_right_and_of_another_wrong(string kind)
    {
        TestIdentity identity = KeyTypeTests.Make(kind), other = KeyTypeTests.Make(kind);
        SignatureRequest request = Request(identity);
        byte[] signature = identity.Sign(request);

        Assert.That(SignatureCheck.IsValid(request, signature, identity.Credential), Is.True);
        Assert.That(SignatureCheck.IsValid(request, signature, identity.Credential), Is.True, "once more");
        Assert.That(SignatureCheck.IsValid(request, other.Sign(request), identity.Credential), Is.False);
        Assert.That(SignatureCheck.IsValid(request, signature, other.Credential), Is.False);
        Assert.That(SignatureCheck.IsValid(request with { Content = request.Content[..^1] }, signature, identity.Credential), Is.False);
    }

    [TestCaseSource(nameof(AllKinds))]
    public void A_damaged_signature_is_wrong_and_no_error(string kind)
    {
        TestIdentity identity = KeyTypeTests.Make(kind);
        SignatureRequest request = Request(identity);
        byte[] signature = identity.Sign(request);
        void AssertWrong(byte[] wrong, string what) => Assert.That(SignatureCheck.IsValid(request, wrong, identity.Credential), Is.False, what);

        int step = Math.Max(1, signature.Length / 64);
        for (int i = 0; i < signature.Length; i += step)
        {
            byte[] flipped = [.. signature];
            flipped[i] ^= (byte)(1 << (i % 8));
            AssertWrong(flipped, $"bit in byte {i}");
            AssertWrong(signature[..i], $"{i} bytes of it");
        }
        AssertWrong([.. signature, 0], "a byte more");
        AssertWrong([], "nothing");
        AssertWrong(new byte[signature.Length], "zeros");
        AssertWrong([.. Enumerable.Repeat((byte)0xff, signature.Length)], "ones");
        AssertWrong(RandomNumberGenerator.GetBytes(signature.Length), "garbage");
        AssertWrong(RandomNumberGenerator.GetBytes(SignatureCheck.MaxSignature), "much garbage");
        AssertWrong(RandomNumberGenerator.GetBytes(SignatureCheck.MaxSignature + 1), "too much garbage");
    }

    [Test]
    public void A_scheme_that_the_credential_does_not_have_is_wrong()
    {
        TestIdentity identity = TestIdentity.Rsa(schemes: [0x0804, 0x0401, 0x0203]);
        foreach (int scheme in new[] { 0x0805, 0x0501, 0x0403, 0x0807, 0x0203, 0, -1 })
        {
            SignatureRequest request = Request(identity) with { Scheme = scheme };
            Assert.That(SignatureCheck.IsValid(request, new byte[256], identity.Credential), Is.False, $"{scheme:x4}");
        }
        SignatureRequest pss = Request(identity);
        Assert.That(SignatureCheck.IsValid(pss with { Scheme = 0x0401 }, identity.Sign(pss), identity.Credential), Is.False, "padded otherwise");
    }

    [TestCaseSource(nameof(AllKinds))]
    public void Schemes_that_do_not_go_with_the_key_are_wrong_and_no_error(string kind)
    {
        TestIdentity identity = KeyTypeTests.Make(kind);
        int[] schemes = [0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0807, 0x0904, 0x0905, 0x0906];
        var credential = new Credential("liar", identity.Credential.Chain, identity.Credential.Key, schemes);
        SignatureRequest request = Request(identity);
        byte[] signature = identity.Sign(request);
        foreach (int scheme in schemes)
            Assert.That(SignatureCheck.IsValid(request with { Scheme = scheme }, signature, credential), Is.EqualTo(scheme == request.Scheme), $"{scheme:x4}");
    }

    [Test]
    public void Nothing_is_right_under_what_is_no_certificate()
    {
        var credential = new Credential("x", [new byte[] { 0x30, 1, 2 }], new KeyReference("builtin:x"), [0x0403]);
        Assert.That(SignatureCheck.IsValid(new SignatureRequest(credential.Key, 0x0403, new byte[10]), new byte[70], credential), Is.False);
        Assert.Throws<CertificateException>(() => _ = credential.KeyFingerprint);
    }

    [TestCaseSource(nameof(AllKinds))]
    public void A_key_is_known_by_its_fingerprint_in_every_certificate(string kind)
    {
        TestIdentity identity = KeyTypeTests.Make(kind);
        byte[] expected = SHA256.HashData(X509CertificateStructure.GetInstance(identity.Certificate).SubjectPublicKeyInfo.GetDerEncoded());
        var elsewhere = new Credential("elsewhere", identity.Credential.Chain, new KeyReference("pkcs11:object=x"), identity.Credential.SignatureSchemes);

        Assert.That(identity.Credential.KeyFingerprint.ToArray(), Is.EqualTo(expected));
        Assert.That(elsewhere.KeyFingerprint.ToArray(), Is.EqualTo(expected));
        Assert.That(KeyTypeTests.Make(kind).Credential.KeyFingerprint.ToArray(), Is.Not.EqualTo(expected));
    }
}
