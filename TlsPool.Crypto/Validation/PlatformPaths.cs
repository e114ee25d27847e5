using System.Security.Cryptography.X509Certificates;
using TlsPool.Crypto.Certificates;
using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Validation;

/// <summary>Path validation by the platform, for signatures that it knows.</summary>
internal static class PlatformPaths
{
    /// <summary>Judges a chain.</summary>
    /// <param name="certificates">The peer's certificates, its own first.</param>
    /// <param name="facts">What the first one says.</param>
    /// <param name="usage">The extended key usage it needs.</param>
    /// <param name="anchors">Whom to trust; at least one.</param>
    /// <param name="time">When.</param>
    internal static PathVerdict Validate(
        X509Certificate2Collection certificates, CertificateFacts facts, string usage, AnchorSet anchors, DateTimeOffset time)
    {
        PathVerdict verdict = Validate(certificates, facts, usage, anchors, anchors.ForPlatform, time);
        if (verdict.Facts is not null)
            return verdict;
        // A root that is not trusted may hide a cross certificate for it, which leads to one that is.
        X509Certificate2Collection withoutRoots = [.. certificates.Where((certificate, i) => i == 0 || !IsSelfIssued(certificate))];
        if (withoutRoots.Count < certificates.Count)
        {
            PathVerdict other = Validate(withoutRoots, facts, usage, anchors, anchors.ForPlatform, time);
            if (other.Facts is not null)
                return other;
        }
        // Authorities may share a name and differ in key, as after a change of keys; the platform settles on the first one.
        foreach (X509Certificate2 namesake in anchors.Namesakes(certificates))
        {
            PathVerdict other = Validate(certificates, facts, usage, anchors, [namesake], time);
            if (other.Facts is not null)
                return other;
        }
        return verdict;
    }

    private static PathVerdict Validate(
        X509Certificate2Collection certificates, CertificateFacts facts, string usage, AnchorSet anchors, X509Certificate2Collection store, DateTimeOffset time)
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
        bool valid = builder.Build(certificates[0]);
        List<X509Certificate2> path = [.. builder.ChainElements.Select(element => element.Certificate)];
        try
        {
            X509ChainStatusFlags status = builder.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
            // An intermediate authority may be an anchor too; the platform wants a root above it.
            bool endsAtAnchor = path.Count > 1 && anchors.Contains(path[^1].RawDataMemory.Span);
            if (!valid && ((status & ~X509ChainStatusFlags.PartialChain) != 0 || !endsAtAnchor))
                return Explain(status, facts);
            return PathRules.Check(path, facts, usage);
        }
        finally
        {
            foreach (X509Certificate2 certificate in path)
                certificate.Dispose();
        }
    }

    private static bool IsSelfIssued(X509Certificate2 certificate) =>
        certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);

    private static PathVerdict Explain(X509ChainStatusFlags status, CertificateFacts facts)
    {
        const X509ChainStatusFlags unknown = X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot;
        if (status.HasFlag(X509ChainStatusFlags.NotSignatureValid))
            return PathVerdict.Refuse(AlertCode.BadCertificate, $"a signature in the chain of \"{facts.Subject}\" is wrong");
        if (status.HasFlag(X509ChainStatusFlags.NotTimeValid))
            return PathVerdict.Refuse(AlertCode.CertificateExpired, $"an authority's certificate in the chain of \"{facts.Subject}\" has expired");
        if ((status & unknown) != 0)
            return PathVerdict.Refuse(
                AlertCode.UnknownCa, $"\"{facts.Subject}\" is vouched for by nobody who is trusted: see 'tlspool trust add'");
        return PathVerdict.Refuse(AlertCode.BadCertificate, $"the chain of \"{facts.Subject}\" breaks a rule: {status}");
    }
}
