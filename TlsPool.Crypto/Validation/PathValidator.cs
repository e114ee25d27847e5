using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TlsPool.Crypto.Certificates;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Validation;

/// <summary>
/// Path validation (RFC 5280 section 6) against trust anchors, without revocation and without fetching anything. The platform does it where
/// it knows the signature algorithms, BouncyCastle for the others.
/// </summary>
internal static class PathValidator
{
    private const int MaxChain = 16;

    /// <summary>Judges a peer's chain.</summary>
    /// <param name="chain">DER certificates, own one first.</param>
    /// <param name="peerRole">The peer's role.</param>
    /// <param name="anchors">Whom to trust.</param>
    /// <param name="time">When.</param>
    internal static PathVerdict Validate(
        IReadOnlyList<ReadOnlyMemory<byte>> chain, TlsRole peerRole, AnchorSet anchors, DateTimeOffset time)
    {
        if (chain.Count is 0 or > MaxChain)
            return PathVerdict.Refuse(AlertCode.BadCertificate, "the chain is empty or too long");
        CertificateFacts facts;
        try
        {
            facts = CertificateFacts.Read(chain[0].Span);
        }
        catch (CertificateException exception)
        {
            return PathVerdict.Refuse(AlertCode.BadCertificate, $"the peer's certificate cannot be used: {exception.Message}");
        }
        return CheckLeaf(facts, peerRole, time) ?? CheckPath(chain, facts, peerRole, anchors, time);
    }

    private static PathVerdict? CheckLeaf(CertificateFacts facts, TlsRole peerRole, DateTimeOffset time)
    {
        if (time < facts.NotBefore)
            return PathVerdict.Refuse(AlertCode.CertificateExpired, $"the certificate of \"{facts.Subject}\" is not valid before {facts.NotBefore:u}");
        if (time > facts.NotAfter)
            return PathVerdict.Refuse(AlertCode.CertificateExpired, $"the certificate of \"{facts.Subject}\" expired at {facts.NotAfter:u}");
        if (!facts.MaySign)
            return PathVerdict.Refuse(AlertCode.UnsupportedCertificate, "the certificate's keyUsage lacks digitalSignature");
        if (!facts.MayBe(Usage(peerRole)))
            return PathVerdict.Refuse(
                AlertCode.UnsupportedCertificate,
                $"the certificate's extendedKeyUsage does not allow a TLS {(peerRole == TlsRole.Server ? "server" : "client")}");
        return null;
    }

    private static PathVerdict CheckPath(
        IReadOnlyList<ReadOnlyMemory<byte>> chain, CertificateFacts facts, TlsRole peerRole, AnchorSet anchors, DateTimeOffset time)
    {
        // A certificate that was made an anchor is trusted as it is.
        if (anchors.Contains(chain[0].Span))
            return PathVerdict.Accept(facts, facts.NotAfter);
        if (anchors.Count == 0)
            return PathVerdict.Refuse(AlertCode.UnknownCa, "nobody is trusted yet: see 'tlspool trust add'");
        var certificates = new X509Certificate2Collection();
        try
        {
            foreach (ReadOnlyMemory<byte> certificate in chain)
                certificates.Add(CertificateFacts.Load(certificate.Span));
            return certificates.Any(certificate => CertificateStrength.IsPostQuantum(certificate.SignatureAlgorithm.Value))
                ? PkixPaths.Validate(chain, facts, Usage(peerRole), anchors, time)
                : PlatformPaths.Validate(certificates, facts, Usage(peerRole), anchors, time);
        }
        catch (CertificateException exception)
        {
            return PathVerdict.Refuse(AlertCode.BadCertificate, $"a certificate of the chain cannot be used: {exception.Message}");
        }
        catch (CryptographicException)
        {
            // What loads may still turn out to be malformed: keys and algorithms are looked at late.
            return PathVerdict.Refuse(AlertCode.BadCertificate, $"the chain of \"{facts.Subject}\" cannot be checked");
        }
        finally
        {
            foreach (X509Certificate2 certificate in certificates)
                certificate.Dispose();
        }
    }

    private static string Usage(TlsRole role) => role == TlsRole.Server ? CertificateRole.Server : CertificateRole.Client;
}
