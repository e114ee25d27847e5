using System.Globalization;
using TlsPool.Actors.Storage;

namespace TlsPool.Actors.Management.Views;

/// <summary>An identity's credential for scripts.</summary>
/// <param name="Identity">domain or user@domain.</param>
/// <param name="Roles">server, client or both.</param>
/// <param name="Key">Reference to the private key.</param>
/// <param name="Fingerprint">SHA-256 of the certificate, hexadecimal.</param>
/// <param name="NotBefore">Start of validity.</param>
/// <param name="NotAfter">End of validity.</param>
/// <param name="SignatureSchemes">IANA numbers, hexadecimal.</param>
/// <param name="ChainLength">Number of certificates.</param>
public sealed record IdentityView(
    string Identity,
    string Roles,
    string Key,
    string Fingerprint,
    DateTimeOffset NotBefore,
    DateTimeOffset NotAfter,
    IReadOnlyList<string> SignatureSchemes,
    int ChainLength)
{
    /// <summary>What is shown of it.</summary>
    public static IdentityView Of(StoredIdentity identity) => new(
        identity.Identity.ToString(),
        identity.Roles.Name(),
        identity.Key.Uri,
        Convert.ToHexStringLower(identity.Fingerprint.Span),
        identity.NotBefore,
        identity.NotAfter,
        [.. identity.SignatureSchemes.Select(scheme => scheme.ToString("x4", CultureInfo.InvariantCulture))],
        identity.Chain.Count);
}
