using System.Security.Cryptography;
using TlsPool.Crypto.Handshakes;

namespace TlsPool.Crypto.Keys;

/// <summary>
/// Checks what a signer has answered before it goes to a peer: the signer may be another host, and a wrong one is to be left out, not to spoil
/// the handshake.
/// </summary>
public static class SignatureCheck
{
    /// <summary>Longest signature that is looked at, in bytes; the longest of a known scheme is that of ML-DSA-87 with 4627.</summary>
    public const int MaxSignature = 8192;

    /// <summary>True if a signature is right.</summary>
    /// <param name="request">What was to be signed. Its scheme has to be one of the credential's; its key may have another name elsewhere.</param>
    /// <param name="signature">The answer: DER for ECDSA, else as the scheme has it (RFC 8446 section 4.2.3). Any bytes: none makes this throw.</param>
    /// <param name="credential">Whose signature it should be: its own certificate has the public key.</param>
    public static bool IsValid(SignatureRequest request, ReadOnlySpan<byte> signature, Credential credential)
    {
        if (signature.Length is 0 or > MaxSignature || !credential.SignatureSchemes.Contains(request.Scheme) || !EngineProfile.IsKnownScheme(request.Scheme))
            return false;
        try
        {
            return CertificateChain.Own(credential).Verifies(request.Scheme, request.Content.Span, signature.ToArray());
        }
        catch (Exception exception) when (exception is IOException or CryptographicException or ArgumentException or InvalidOperationException)
        {
            // The key does not go with the scheme, or something does not parse: nobody's peer would take it. BouncyCastle's are IOExceptions.
            return false;
        }
    }
}
