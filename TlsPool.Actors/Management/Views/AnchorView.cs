using TlsPool.Actors.Storage;
using TlsPool.Crypto.Certificates;

namespace TlsPool.Actors.Management.Views;

/// <summary>A trust anchor for people and scripts.</summary>
/// <param name="Fingerprint">SHA-256, hexadecimal.</param>
/// <param name="Subject">Its subject, escaped.</param>
/// <param name="NotAfter">End of its validity.</param>
/// <param name="IsAuthority">True for a certification authority.</param>
/// <param name="Source">The file it came from.</param>
public sealed record AnchorView(string Fingerprint, string Subject, DateTimeOffset NotAfter, bool IsAuthority, string Source)
{
    /// <summary>What is shown of it.</summary>
    public static AnchorView Of(TrustAnchor anchor)
    {
        CertificateFacts facts = CertificateFacts.Read(anchor.Certificate.Span);
        return new AnchorView(
            Convert.ToHexStringLower(anchor.Fingerprint.Span), facts.Subject, facts.NotAfter, facts.IsAuthority, anchor.Source);
    }
}
