using System.Security.Cryptography;
using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Asn1.Pkcs;
using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Pkix;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.X509;
using TlsPool.Crypto.Certificates;

namespace TlsPool.Crypto.Validation;

/// <summary>
/// Finds ways from a certificate to trust anchors, with signatures that are right and a bounded number of them looked at: a peer may send
/// certificates that all seem to issue each other, and BouncyCastle's own builder would try every order of them.
/// </summary>
/// <param name="chain">What the peer sent, its own certificate first.</param>
/// <param name="anchors">Whom to trust.</param>
internal sealed class PathBuilder(IReadOnlyList<X509Certificate> chain, IReadOnlyCollection<TrustAnchor> anchors)
{
    private const int MaxSignatures = 64;

    private int _signatures;

    /// <summary>Each way: the certificates below the anchor, the peer's first, and the anchor.</summary>
    internal IEnumerable<(IReadOnlyList<X509Certificate> Path, TrustAnchor Anchor)> Paths() => Above([chain[0]]);

    private IEnumerable<(IReadOnlyList<X509Certificate> Path, TrustAnchor Anchor)> Above(List<X509Certificate> path)
    {
        X509Certificate top = path[^1];
        foreach (TrustAnchor anchor in anchors)
        {
            if (Issued(anchor.TrustedCert, top))
                yield return (path, anchor);
        }
        foreach (X509Certificate candidate in chain)
        {
            if (path.Contains(candidate) || !Issued(candidate, top))
                continue;
            foreach ((IReadOnlyList<X509Certificate>, TrustAnchor) found in Above([.. path, candidate]))
                yield return found;
        }
    }

    private bool Issued(X509Certificate issuer, X509Certificate subject) =>
        issuer.SubjectDN.Equivalent(subject.IssuerDN) && ++_signatures <= MaxSignatures && HasSigned(issuer, subject);

    private static bool HasSigned(X509Certificate issuer, X509Certificate subject)
    {
        try
        {
            byte[] publicKey = issuer.SubjectPublicKeyInfo.GetEncoded();
            DerObjectIdentifier algorithm = issuer.SubjectPublicKeyInfo.Algorithm.Algorithm;
            if (algorithm.Equals(PkcsObjectIdentifiers.RsaEncryption))
                return VerifyRsa(publicKey, subject);
            if (algorithm.Equals(X9ObjectIdentifiers.IdECPublicKey))
                return VerifyEcdsa(publicKey, subject);
            subject.Verify(issuer.GetPublicKey());
            return true;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // A key or signature that cannot be read vouches for nothing; BouncyCastle has no closed set of exceptions for them.
            return false;
        }
    }

    // Natively: BouncyCastle tests an RSA modulus for primality, which a peer could make last for seconds.
    private static bool VerifyRsa(byte[] publicKey, X509Certificate subject)
    {
        bool pss = subject.SigAlgOid == PkcsObjectIdentifiers.IdRsassaPss.Id;
        HashAlgorithmName? hash = pss ? SignatureAlgorithms.PssHash(subject.GetEncoded()) : subject.SigAlgOid switch
        {
            "1.2.840.113549.1.1.11" => HashAlgorithmName.SHA256,
            "1.2.840.113549.1.1.12" => HashAlgorithmName.SHA384,
            "1.2.840.113549.1.1.13" => HashAlgorithmName.SHA512,
            _ => null,
        };
        using var rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(publicKey, out _);
        return hash is { } known
            && rsa.VerifyData(subject.GetTbsCertificate(), subject.GetSignature(), known, pss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
    }

    private static bool VerifyEcdsa(byte[] publicKey, X509Certificate subject)
    {
        HashAlgorithmName? hash = subject.SigAlgOid switch
        {
            "1.2.840.10045.4.3.2" => HashAlgorithmName.SHA256,
            "1.2.840.10045.4.3.3" => HashAlgorithmName.SHA384,
            "1.2.840.10045.4.3.4" => HashAlgorithmName.SHA512,
            _ => null,
        };
        using var ecdsa = ECDsa.Create();
        ecdsa.ImportSubjectPublicKeyInfo(publicKey, out _);
        return hash is { } known
            && ecdsa.VerifyData(subject.GetTbsCertificate(), subject.GetSignature(), known, DSASignatureFormat.Rfc3279DerSequence);
    }
}
