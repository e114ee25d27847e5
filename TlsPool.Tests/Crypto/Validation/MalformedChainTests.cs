using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NUnit.Framework;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;
using TlsPool.Crypto.Validation;

namespace TlsPool.Tests.Crypto.Validation;

/// <summary>Certificates that load and turn out to be malformed when somebody looks closer.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class MalformedChainTests
{
    private const byte UncompressedPoint = 4;

    [Test]
    public void A_key_that_cannot_be_read_is_refused_and_not_thrown([Values] bool ofTheIssuer)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var leafKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var rootRequest = new CertificateRequest("CN=Root", rootKey, HashAlgorithmName.SHA256);
        rootRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using X509Certificate2 root = rootRequest.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        using X509Certificate2 leaf = new CertificateRequest("CN=localhost", leafKey, HashAlgorithmName.SHA256)
            .Create(root, now.AddDays(-1), now.AddDays(1), [1]);
        byte[] rootDer = root.RawData, leafDer = leaf.RawData;
        Break(ofTheIssuer ? rootDer : leafDer, ofTheIssuer ? root : leaf);

        PathVerdict verdict = PathValidator.Validate([leafDer, rootDer], TlsRole.Server, new AnchorSet([rootDer]), now);

        Assert.That(verdict.Facts, Is.Null);
        Assert.That(verdict.Alert, Is.EqualTo(ofTheIssuer ? AlertCode.UnknownCa : AlertCode.BadCertificate));
    }

    /// <summary>Makes a public key that is no point in any form.</summary>
    private static void Break(byte[] der, X509Certificate2 certificate)
    {
        int point = der.AsSpan().IndexOf(certificate.PublicKey.EncodedKeyValue.RawData);
        Assert.That(der[point], Is.EqualTo(UncompressedPoint));
        der[point] = 9;
    }
}
