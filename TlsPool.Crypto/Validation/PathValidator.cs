using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Org.BouncyCastle.Pkix;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Security.Certificates;
using Org.BouncyCastle.Utilities.Collections;
using Org.BouncyCastle.X509.Store;
using TlsPool.Crypto.Certificates;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;
using CertificateException = TlsPool.Crypto.Certificates.CertificateException;

namespace TlsPool.Crypto.Validation;

/// <summary>
/// Path validation (RFC 5280 section 6) against trust anchors, without revocation and without fetching anything. The platform does it where
/// it knows the signature algorithms, BouncyCastle for the others.
/// </summary>
internal static class PathValidator
{
    private const int MaxChain = 16;
    private const string MlDsaAndSlhDsa = "2.16.840.1.101.3.4.3.";

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
            return PathVerdict.Accept(facts);
        if (anchors.Count == 0)
            return PathVerdict.Refuse(AlertCode.UnknownCa, "nobody is trusted yet: see 'tlspool trust add'");
        var certificates = new X509Certificate2Collection();
        try
        {
            foreach (ReadOnlyMemory<byte> certificate in chain)
                certificates.Add(CertificateFacts.Load(certificate.Span));
            return certificates.Any(certificate => IsUnknownToPlatform(certificate.SignatureAlgorithm))
                ? ByPkix(chain, facts, anchors, time)
                : ByPlatform(certificates, facts, peerRole, anchors, time);
        }
        catch (CertificateException exception)
        {
            return PathVerdict.Refuse(AlertCode.BadCertificate, $"a certificate of the chain cannot be used: {exception.Message}");
        }
        finally
        {
            foreach (X509Certificate2 certificate in certificates)
                certificate.Dispose();
        }
    }

    private static PathVerdict ByPlatform(
        X509Certificate2Collection certificates, CertificateFacts facts, TlsRole peerRole, AnchorSet anchors, DateTimeOffset time)
    {
        PathVerdict verdict = ByPlatform(certificates, facts, peerRole, anchors, anchors.ForPlatform, time);
        if (verdict.Facts is not null)
            return verdict;
        // Authorities may share a name and differ in key, as after a change of keys; the platform settles on the first one.
        foreach (X509Certificate2 namesake in anchors.Namesakes(certificates))
        {
            PathVerdict other = ByPlatform(certificates, facts, peerRole, anchors, [namesake], time);
            if (other.Facts is not null)
                return other;
        }
        return verdict;
    }

    private static PathVerdict ByPlatform(
        X509Certificate2Collection certificates, CertificateFacts facts, TlsRole peerRole, AnchorSet anchors, X509Certificate2Collection store, DateTimeOffset time)
    {
        using var builder = new X509Chain();
        X509ChainPolicy policy = builder.ChainPolicy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(store);
        policy.ExtraStore.AddRange(certificates);
        policy.RevocationMode = X509RevocationMode.NoCheck;
        policy.DisableCertificateDownloads = true;
        policy.VerificationTime = time.LocalDateTime;
        policy.VerificationTimeIgnored = false;
        policy.ApplicationPolicy.Add(new Oid(Usage(peerRole)));
        bool valid = builder.Build(certificates[0]);
        X509ChainStatusFlags status = builder.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        // An intermediate authority may be an anchor too; the platform wants a root above it.
        bool endsAtAnchor = builder.ChainElements.Count > 1 && anchors.Contains(builder.ChainElements[^1].Certificate.RawDataMemory.Span);
        foreach (X509ChainElement element in builder.ChainElements)
            element.Certificate.Dispose();
        if (valid || ((status & ~X509ChainStatusFlags.PartialChain) == 0 && endsAtAnchor))
            return PathVerdict.Accept(facts);
        return Explain(status, facts);
    }

    private static PathVerdict Explain(X509ChainStatusFlags status, CertificateFacts facts)
    {
        const X509ChainStatusFlags unknown = X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot;
        if (status.HasFlag(X509ChainStatusFlags.NotSignatureValid))
            return PathVerdict.Refuse(AlertCode.DecryptError, $"a signature in the chain of \"{facts.Subject}\" is wrong");
        if (status.HasFlag(X509ChainStatusFlags.NotTimeValid))
            return PathVerdict.Refuse(AlertCode.CertificateExpired, $"an authority's certificate in the chain of \"{facts.Subject}\" has expired");
        if ((status & unknown) != 0)
            return PathVerdict.Refuse(
                AlertCode.UnknownCa, $"\"{facts.Subject}\" is vouched for by nobody who is trusted: see 'tlspool trust add'");
        return PathVerdict.Refuse(AlertCode.BadCertificate, $"the chain of \"{facts.Subject}\" breaks a rule: {status}");
    }

    private static PathVerdict ByPkix(
        IReadOnlyList<ReadOnlyMemory<byte>> chain, CertificateFacts facts, AnchorSet anchors, DateTimeOffset time)
    {
        try
        {
            var parser = new Org.BouncyCastle.X509.X509CertificateParser();
            var certificates = chain.Select(certificate => parser.ReadCertificate(certificate.ToArray())).ToList();
            var parameters = new PkixBuilderParameters(anchors.ForPkix, new X509CertStoreSelector { Certificate = certificates[0] })
            {
                IsRevocationEnabled = false,
                Date = time.UtcDateTime,
                MaxPathLength = MaxChain,
            };
            parameters.AddStoreCert(CollectionUtilities.CreateStore(certificates));
            new PkixCertPathBuilder().Build(parameters);
            return PathVerdict.Accept(facts);
        }
        catch (PkixCertPathBuilderException)
        {
            return PathVerdict.Refuse(
                AlertCode.UnknownCa, $"\"{facts.Subject}\" is vouched for by nobody who is trusted: see 'tlspool trust add'");
        }
        catch (Exception exception) when (exception is GeneralSecurityException or ArgumentException or InvalidOperationException or IOException)
        {
            return PathVerdict.Refuse(AlertCode.BadCertificate, $"the chain of \"{facts.Subject}\" cannot be checked");
        }
    }

    private static bool IsUnknownToPlatform(Oid algorithm) => algorithm.Value?.StartsWith(MlDsaAndSlhDsa, StringComparison.Ordinal) == true;

    private static string Usage(TlsRole role) => role == TlsRole.Server ? CertificateRole.Server : CertificateRole.Client;
}
