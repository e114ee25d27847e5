using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Operators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.X509;
using TlsPool.Crypto.Keys;

namespace TlsPool.Tests.Crypto;

/// <summary>A self-signed identity with its key in memory, for tests of the engine.</summary>
internal sealed class TestIdentity
{
    private readonly Func<SignatureRequest, byte[]> _sign;

    private TestIdentity(string name, byte[] certificate, int[] schemes, Func<SignatureRequest, byte[]> sign)
    {
        Credential = new Credential(name, [certificate], new KeyReference("test:" + name), schemes);
        _sign = sign;
    }

    internal Credential Credential { get; }

    internal byte[] Certificate => Credential.Chain[0].ToArray();

    internal byte[] Sign(SignatureRequest request) => _sign(request);

    /// <summary>ECDSA on P-256, P-384 or P-521.</summary>
    internal static TestIdentity Ecdsa(string name = "localhost", int bits = 256)
    {
        (ECCurve curve, HashAlgorithmName hash, int scheme) = bits switch
        {
            256 => (ECCurve.NamedCurves.nistP256, HashAlgorithmName.SHA256, 0x0403),
            384 => (ECCurve.NamedCurves.nistP384, HashAlgorithmName.SHA384, 0x0503),
            _ => (ECCurve.NamedCurves.nistP521, HashAlgorithmName.SHA512, 0x0603),
        };
        var key = ECDsa.Create(curve);
        byte[] der = SelfSign(new CertificateRequest($"CN={name}", key, hash), name);
        return new TestIdentity(
            name, der, [scheme],
            request => Locked(key, () => key.SignData(request.Content.Span, hash, DSASignatureFormat.Rfc3279DerSequence)));
    }

    /// <summary>RSA with 2048 bits: PSS, and PKCS#1 for TLS 1.2; or the schemes that are given.</summary>
    internal static TestIdentity Rsa(string name = "localhost", params int[] schemes)
    {
        var key = RSA.Create(2048);
        byte[] der = SelfSign(new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), name);
        return new TestIdentity(
            name, der, schemes.Length > 0 ? schemes : [0x0804, 0x0401],
            request => Locked(key, () => key.SignData(request.Content.Span, HashOf(request.Scheme), PaddingOf(request.Scheme))));
    }

    /// <summary>Ed25519.</summary>
    internal static TestIdentity Ed25519(string name = "localhost")
    {
        var random = new SecureRandom();
        var generator = new Ed25519KeyPairGenerator();
        generator.Init(new Ed25519KeyGenerationParameters(random));
        return BouncyCastle(name, generator.GenerateKeyPair(), "Ed25519", 0x0807);
    }

    /// <summary>ML-DSA-44, 65 or 87.</summary>
    internal static TestIdentity MLDsa(int level, string name = "localhost")
    {
        (MLDsaParameters parameters, int scheme) = level switch
        {
            44 => (MLDsaParameters.ml_dsa_44, 0x0904),
            65 => (MLDsaParameters.ml_dsa_65, 0x0905),
            _ => (MLDsaParameters.ml_dsa_87, 0x0906),
        };
        var generator = new MLDsaKeyPairGenerator();
        generator.Init(new MLDsaKeyGenerationParameters(new SecureRandom(), parameters));
        return BouncyCastle(name, generator.GenerateKeyPair(), $"ML-DSA-{level}", scheme);
    }

    private static TestIdentity BouncyCastle(string name, AsymmetricCipherKeyPair pair, string algorithm, int scheme)
    {
        var maker = new X509V3CertificateGenerator();
        maker.SetSerialNumber(BigInteger.ValueOf(Random.Shared.NextInt64(1, long.MaxValue)));
        maker.SetIssuerDN(new X509Name($"CN={name}"));
        maker.SetSubjectDN(new X509Name($"CN={name}"));
        maker.SetNotBefore(DateTime.UtcNow.AddDays(-1));
        maker.SetNotAfter(DateTime.UtcNow.AddDays(30));
        maker.SetPublicKey(pair.Public);
        maker.AddExtension(X509Extensions.SubjectAlternativeName, false, new GeneralNames(new GeneralName(GeneralName.DnsName, name)));
        byte[] der = maker.Generate(new Asn1SignatureFactory(algorithm, pair.Private, new SecureRandom())).GetEncoded();
        return new TestIdentity(name, der, [scheme], request =>
        {
            ISigner signer = SignerUtilities.GetSigner(algorithm);
            signer.Init(forSigning: true, pair.Private);
            signer.BlockUpdate(request.Content.ToArray(), 0, request.Content.Length);
            return signer.GenerateSignature();
        });
    }

    private static byte[] SelfSign(CertificateRequest request, string name)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        return made.RawData;
    }

    private static HashAlgorithmName HashOf(int scheme) => (scheme >> 8 == 8 ? scheme & 0xff : scheme >> 8) switch
    {
        4 => HashAlgorithmName.SHA256,
        5 => HashAlgorithmName.SHA384,
        _ => HashAlgorithmName.SHA512,
    };

    private static RSASignaturePadding PaddingOf(int scheme) => scheme >> 8 == 8 ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1;

    private static byte[] Locked(object key, Func<byte[]> sign)
    {
        lock (key)
            return sign();
    }
}
