using System.Security.Cryptography.X509Certificates;

namespace TlsPool.Crypto.Certificates;

/// <summary>Brings certificates that people have in a file into the order that TLS wants: own one first, each followed by its issuer (RFC 8446 section 4.4.2).</summary>
public static class ChainOrder
{
    /// <summary>Orders certificates; what is there twice is taken once.</summary>
    /// <param name="certificates">DER certificates in any order.</param>
    /// <param name="subjectPublicKeyInfo">The key that the own certificate is for.</param>
    /// <exception cref="CertificateException">None is for this key, or one does not belong to the others.</exception>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Arrange(IReadOnlyList<ReadOnlyMemory<byte>> certificates, ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        List<X509Certificate2> left = [];
        List<X509Certificate2> chain = [];
        try
        {
            foreach (ReadOnlyMemory<byte> certificate in certificates)
            {
                X509Certificate2 loaded = CertificateFacts.Load(certificate.Span);
                left.Add(loaded);
            }
            X509Certificate2 own = Find(left, subjectPublicKeyInfo);
            Move(own, left, chain);
            for (int i = 0; i < chain.Count; i++)
            {
                foreach (X509Certificate2 issuer in left.Where(candidate => Issued(candidate, chain[i])).ToList())
                    Move(issuer, left, chain);
            }
            if (left.Find(stray => !chain.Any(known => known.RawDataMemory.Span.SequenceEqual(stray.RawDataMemory.Span))) is { } foreign)
                throw new CertificateException(
                    $"\"{CertificateFacts.Escape(foreign.Subject)}\" has nothing to do with the chain of \"{CertificateFacts.Escape(own.Subject)}\": take it out");
            if (chain.Count > CertificateReader.MaxChain)
                throw new CertificateException($"a chain has at most {CertificateReader.MaxChain} certificates");
            return [.. chain.Select(certificate => (ReadOnlyMemory<byte>)certificate.RawData)];
        }
        finally
        {
            foreach (X509Certificate2 certificate in left.Concat(chain))
                certificate.Dispose();
        }
    }

    private static X509Certificate2 Find(List<X509Certificate2> certificates, ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        foreach (X509Certificate2 certificate in certificates)
        {
            if (certificate.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(subjectPublicKeyInfo))
                return certificate;
        }
        throw new CertificateException($"the certificate of \"{CertificateFacts.Escape(certificates[0].Subject)}\" is for another key");
    }

    private static bool Issued(X509Certificate2 issuer, X509Certificate2 certificate) =>
        issuer.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData)
        && !issuer.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span);

    private static void Move(X509Certificate2 certificate, List<X509Certificate2> from, List<X509Certificate2> to)
    {
        // Copies stay behind and are not taken for strays.
        if (to.Exists(known => known.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span)))
            return;
        from.Remove(certificate);
        to.Add(certificate);
    }
}
