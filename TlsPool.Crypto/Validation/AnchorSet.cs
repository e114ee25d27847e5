using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Org.BouncyCastle.Pkix;
using TlsPool.Crypto.Certificates;

namespace TlsPool.Crypto.Validation;

/// <summary>Trust anchors at one time. Immutable; certificates that cannot be read are left out.</summary>
public sealed class AnchorSet
{
    private readonly HashSet<string> _fingerprints = new(StringComparer.Ordinal);
    private readonly List<byte[]> _certificates = [];
    private readonly Lazy<HashSet<TrustAnchor>> _forPkix;

    /// <summary>Creates a set.</summary>
    /// <param name="certificates">DER certificates.</param>
    public AnchorSet(IEnumerable<ReadOnlyMemory<byte>> certificates)
    {
        foreach (ReadOnlyMemory<byte> certificate in certificates)
            TryAdd(certificate);
        _forPkix = new Lazy<HashSet<TrustAnchor>>(MakePkixAnchors);
    }

    /// <summary>How many there are.</summary>
    public int Count => _certificates.Count;

    /// <summary>For chain building by the platform. Shared: never changed after this set was made.</summary>
    internal X509Certificate2Collection ForPlatform { get; } = [];

    /// <summary>For chain building by BouncyCastle.</summary>
    internal HashSet<TrustAnchor> ForPkix => _forPkix.Value;

    /// <summary>True if a certificate is one of them.</summary>
    internal bool Contains(ReadOnlySpan<byte> certificate) => _fingerprints.Contains(Fingerprint(certificate));

    /// <summary>Anchors that issued one of the certificates by their name, where several have that name.</summary>
    internal IEnumerable<X509Certificate2> Namesakes(X509Certificate2Collection certificates) => certificates
        .Select(certificate => Convert.ToHexString(certificate.IssuerName.RawData))
        .Distinct()
        .Select(issuer => ForPlatform.Where(anchor => Convert.ToHexString(anchor.SubjectName.RawData) == issuer).ToList())
        .Where(named => named.Count > 1)
        .SelectMany(named => named);

    private void TryAdd(ReadOnlyMemory<byte> certificate)
    {
        if (!_fingerprints.Add(Fingerprint(certificate.Span)))
            return;
        try
        {
            ForPlatform.Add(CertificateFacts.Load(certificate.Span));
            _certificates.Add(certificate.ToArray());
        }
        catch (CertificateException)
        {
            _fingerprints.Remove(Fingerprint(certificate.Span));
        }
    }

    private HashSet<TrustAnchor> MakePkixAnchors()
    {
        var parser = new Org.BouncyCastle.X509.X509CertificateParser();
        var anchors = new HashSet<TrustAnchor>();
        foreach (byte[] certificate in _certificates)
        {
            try
            {
                anchors.Add(new TrustAnchor(parser.ReadCertificate(certificate), null));
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // The platform reads it and BouncyCastle does not: no reason to trust none of the others.
            }
        }
        return anchors;
    }

    private static string Fingerprint(ReadOnlySpan<byte> certificate) => Convert.ToHexString(SHA256.HashData(certificate));
}
