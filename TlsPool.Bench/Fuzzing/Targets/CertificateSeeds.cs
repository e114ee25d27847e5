using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Operators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.X509;

namespace TlsPool.Bench.Fuzzing.Targets;

/// <summary>Good chains of each kind that a pool may meet.</summary>
internal static class CertificateSeeds
{
    private const byte ServerTrustsLast = 3;
    private const byte ClientTrustsLast = 2;
    private const byte ServerTrustsFirst = 5;

    private static readonly DateTimeOffset From = CertificatesTarget.Time.AddYears(-5);
    private static readonly DateTimeOffset Until = CertificatesTarget.Time.AddYears(50);

    internal static IEnumerable<byte[]> Make()
    {
        foreach (bool constrained in new[] { false, true })
        {
            byte[] chain = Chain(constrained);
            yield return [ServerTrustsLast, .. chain];
            yield return [ClientTrustsLast, .. chain];
            yield return [ServerTrustsFirst, .. chain];
        }
        yield return [ServerTrustsFirst, .. Rsa()];
        byte[] mlDsa = Modern("ML-DSA-44", new MLDsaKeyPairGenerator(), new MLDsaKeyGenerationParameters(new SecureRandom(), MLDsaParameters.ml_dsa_44));
        yield return [ServerTrustsLast, .. mlDsa];
        yield return [ServerTrustsLast, .. mlDsa, .. mlDsa];
        yield return [ServerTrustsLast, .. Modern("Ed25519", new Ed25519KeyPairGenerator(), new Ed25519KeyGenerationParameters(new SecureRandom()))];
        yield return [0, .. Encoding.ASCII.GetBytes(PemEncoding.WriteString("CERTIFICATE", Rsa()))];
    }

    private static byte[] Chain(bool constrained)
    {
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var middleKey = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var leafKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest root = Authority("CN=Root,O=Fuzz", rootKey);
        using X509Certificate2 rootMade = root.CreateSelfSigned(From, Until);
        CertificateRequest middle = Authority("CN=Middle,O=Fuzz", middleKey);
        if (constrained)
            middle.CertificateExtensions.Add(new System.Security.Cryptography.X509Certificates.X509Extension(
                "2.5.29.30", [0x30, 15, 0xa0, 13, 0x30, 11, 0x82, 9, .. "localhost"u8], critical: true));
        using X509Certificate2 middleMade = middle.Create(rootMade, From, Until, [1]).CopyWithPrivateKey(middleKey);
        var leaf = new CertificateRequest("CN=localhost,O=Fuzz", leafKey, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddDnsName("*.example.com");
        if (!constrained)
        {
            names.AddEmailAddress("user@example.com");
            names.AddIpAddress(IPAddress.Loopback);
            names.AddUri(new Uri("https://localhost/"));
        }
        leaf.CertificateExtensions.Add(names.Build());
        leaf.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        leaf.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        leaf.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(middleMade, true, false));
        using X509Certificate2 leafMade = leaf.Create(middleMade, From, Until, [2]);
        return [.. leafMade.RawData, .. middleMade.RawData, .. rootMade.RawData];
    }

    private static CertificateRequest Authority(string name, ECDsa key)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 2, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request;
    }

    private static byte[] Rsa()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
        using X509Certificate2 made = request.CreateSelfSigned(From, Until);
        return made.RawData;
    }

    private static byte[] Modern(string algorithm, IAsymmetricCipherKeyPairGenerator generator, KeyGenerationParameters parameters)
    {
        generator.Init(parameters);
        AsymmetricCipherKeyPair pair = generator.GenerateKeyPair();
        var maker = new X509V3CertificateGenerator();
        maker.SetSerialNumber(Org.BouncyCastle.Math.BigInteger.ValueOf(7));
        maker.SetIssuerDN(new X509Name("CN=localhost"));
        maker.SetSubjectDN(new X509Name("CN=localhost"));
        maker.SetNotBefore(From.UtcDateTime);
        maker.SetNotAfter(Until.UtcDateTime);
        maker.SetPublicKey(pair.Public);
        maker.AddExtension(X509Extensions.SubjectAlternativeName, false, new GeneralNames(new GeneralName(GeneralName.DnsName, "localhost")));
        return maker.Generate(new Asn1SignatureFactory(algorithm, pair.Private, new SecureRandom())).GetEncoded();
    }
}
