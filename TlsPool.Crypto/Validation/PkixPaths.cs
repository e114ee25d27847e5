using System.Security.Cryptography.X509Certificates;
using Org.BouncyCastle.Pkix;
using Org.BouncyCastle.Security;
using TlsPool.Crypto.Certificates;
using TlsPool.Crypto.Records;
using BcCertificate = Org.BouncyCastle.X509.X509Certificate;
using CertificateException = TlsPool.Crypto.Certificates.CertificateException;

namespace TlsPool.Crypto.Validation;

/// <summary>Path validation by BouncyCastle, for signatures that the platform may not know.</summary>
internal static class PkixPaths
{
    /// <summary>Paths that are tried: cross-signed authorities give a few.</summary>
    private const int MaxPaths = 8;

    /// <summary>Judges a chain.</summary>
    /// <param name="chain">DER certificates, the peer's first.</param>
    /// <param name="facts">What the first one says.</param>
    /// <param name="usage">The extended key usage that it and its authorities need.</param>
    /// <param name="anchors">Whom to trust; at least one.</param>
    /// <param name="time">When.</param>
    internal static PathVerdict Validate(
        IReadOnlyList<ReadOnlyMemory<byte>> chain, CertificateFacts facts, string usage, AnchorSet anchors, DateTimeOffset time)
    {
        PathVerdict verdict = PathVerdict.Refuse(
            AlertCode.UnknownCa, $"\"{facts.Subject}\" is vouched for by nobody who is trusted: see 'tlspool trust add'");
        try
        {
            var parser = new Org.BouncyCastle.X509.X509CertificateParser();
            var builder = new PathBuilder([.. chain.Select(certificate => parser.ReadCertificate(certificate.ToArray()))], anchors.ForPkix);
            foreach ((IReadOnlyList<BcCertificate> path, TrustAnchor anchor) in builder.Paths().Take(MaxPaths))
            {
                verdict = Validate(path, anchor, facts, usage, time);
                if (verdict.Facts is not null)
                    return verdict;
            }
            return verdict;
        }
        catch (Exception exception) when (IsAboutCertificates(exception))
        {
            return PathVerdict.Refuse(AlertCode.BadCertificate, $"the chain of \"{facts.Subject}\" cannot be checked");
        }
    }

    private static PathVerdict Validate(
        IReadOnlyList<BcCertificate> path, TrustAnchor anchor, CertificateFacts facts, string usage, DateTimeOffset time)
    {
        List<X509Certificate2> whole = [.. path.Append(anchor.TrustedCert).Select(certificate => CertificateFacts.Load(certificate.GetEncoded()))];
        try
        {
            if (whole.Exists(certificate => time < certificate.NotBefore || time > certificate.NotAfter))
                return PathVerdict.Refuse(AlertCode.CertificateExpired, $"an authority's certificate in the chain of \"{facts.Subject}\" has expired");
            PathVerdict verdict = PathRules.Check(whole, facts, usage);
            if (verdict.Facts is null)
                return verdict;
            new PkixCertPathValidator().Validate(
                new PkixCertPath([.. path]),
                new PkixParameters(new HashSet<TrustAnchor> { anchor }) { IsRevocationEnabled = false, Date = time.UtcDateTime });
            return verdict;
        }
        catch (Exception exception) when (IsAboutCertificates(exception))
        {
            return PathVerdict.Refuse(AlertCode.BadCertificate, $"the chain of \"{facts.Subject}\" breaks a rule");
        }
        finally
        {
            foreach (X509Certificate2 certificate in whole)
                certificate.Dispose();
        }
    }

    // BouncyCastle has no closed set of exceptions for malformed certificates.
    private static bool IsAboutCertificates(Exception exception) => exception is not OutOfMemoryException;
}
