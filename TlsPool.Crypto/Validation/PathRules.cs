using System.Security.Cryptography.X509Certificates;
using TlsPool.Crypto.Certificates;
using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Validation;

/// <summary>What this project asks of a path beyond RFC 5280: strength, and authorities that may vouch for TLS.</summary>
internal static class PathRules
{
    /// <summary>Judges a path whose signatures, dates and constraints are in order.</summary>
    /// <param name="path">The certificates, the peer's first and the anchor last.</param>
    /// <param name="facts">What the first one says.</param>
    /// <param name="usage">The extended key usage that all but the anchor need.</param>
    /// <exception cref="CertificateException">One of them is malformed.</exception>
    internal static PathVerdict Check(IReadOnlyList<X509Certificate2> path, CertificateFacts facts, string usage)
    {
        if (CertificateStrength.Weakness(path) is { } weakness)
            return PathVerdict.Refuse(AlertCode.BadCertificate, $"the chain of \"{facts.Subject}\" has {weakness}");
        foreach (X509Certificate2 authority in path.Take(path.Count - 1))
        {
            if (!CertificateFacts.Read(authority.RawDataMemory.Span).MayBe(usage))
                return PathVerdict.Refuse(AlertCode.BadCertificate, $"an authority in the chain of \"{facts.Subject}\" must not vouch for TLS");
        }
        return PathVerdict.Accept(facts, path.Min(certificate => certificate.NotAfter.ToUniversalTime()));
    }
}
