using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TlsPool.Crypto.Certificates;

namespace TlsPool.Crypto.Validation;

/// <summary>
/// What is too weak to vouch for anybody: keys below 112 bits of strength, and signatures over hashes with known collisions (RFC 9155,
/// NIST SP 800-131A). The platform would take them.
/// </summary>
internal static class CertificateStrength
{
    private const int MinRsaBits = 2048;
    private const int MinCurveBits = 256;
    private const string Rsa = "1.2.840.113549.1.1.1";
    private const string EllipticCurve = "1.2.840.10045.2.1";
    private const string Pss = "1.2.840.113549.1.1.10";
    private const string NistSignatures = "2.16.840.1.101.3.4.3.";

    /// <summary>The first ML-DSA number among NIST's signatures, and the last of SLH-DSA (FIPS 204, FIPS 205).</summary>
    private const int FirstPostQuantum = 17, LastPostQuantum = 46;

    /// <summary>True for ML-DSA and SLH-DSA, which not every platform knows.</summary>
    internal static bool IsPostQuantum(string? algorithm) =>
        algorithm is not null
        && algorithm.StartsWith(NistSignatures, StringComparison.Ordinal)
        && int.TryParse(algorithm.AsSpan(NistSignatures.Length), out int number)
        && number is >= FirstPostQuantum and <= LastPostQuantum;

    /// <summary>Why a path must not be relied on; null if it is strong enough.</summary>
    /// <param name="path">Certificates, the peer's first; nobody relies on the signature of the last one, the anchor.</param>
    internal static string? Weakness(IReadOnlyList<X509Certificate2> path)
    {
        for (int i = 0; i < path.Count; i++)
        {
            if (!HasStrongKey(path[i]))
                return "a key that is too weak";
            if (i < path.Count - 1 && !HasStrongSignature(path[i]))
                return "a signature that is too weak";
        }
        return null;
    }

    private static bool HasStrongKey(X509Certificate2 certificate)
    {
        try
        {
            switch (certificate.PublicKey.Oid.Value)
            {
                case Rsa:
                    ReadOnlyMemory<byte> modulus = new AsnReader(certificate.PublicKey.EncodedKeyValue.RawData, AsnEncodingRules.DER)
                        .ReadSequence().ReadIntegerBytes();
                    return modulus.Span.TrimStart((byte)0).Length * 8 >= MinRsaBits;
                case EllipticCurve:
                    using (ECDsa? key = certificate.GetECDsaPublicKey())
                        return key?.KeySize >= MinCurveBits;
                case "1.3.101.112" or "1.3.101.113":
                    return true;
                default:
                    return IsPostQuantum(certificate.PublicKey.Oid.Value);
            }
        }
        catch (Exception exception) when (exception is CryptographicException or AsnContentException or PlatformNotSupportedException)
        {
            // A curve that nobody here knows is no strength either.
            return false;
        }
    }

    private static bool HasStrongSignature(X509Certificate2 certificate) => certificate.SignatureAlgorithm.Value switch
    {
        "1.2.840.113549.1.1.11" or "1.2.840.113549.1.1.12" or "1.2.840.113549.1.1.13" => true,
        "1.2.840.10045.4.3.2" or "1.2.840.10045.4.3.3" or "1.2.840.10045.4.3.4" => true,
        "1.3.101.112" or "1.3.101.113" => true,
        Pss => SignatureAlgorithms.PssHash(certificate.RawDataMemory) is { } hash && hash != HashAlgorithmName.SHA1,
        var other => IsPostQuantum(other),
    };
}
