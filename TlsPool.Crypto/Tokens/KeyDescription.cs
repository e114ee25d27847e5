using TlsPool.Crypto.Keys;

namespace TlsPool.Crypto.Tokens;

/// <summary>What is known about a private key without holding it. Immutable.</summary>
/// <param name="Key">Where it is.</param>
/// <param name="Algorithm">Its algorithm.</param>
/// <param name="SubjectPublicKeyInfo">DER of the public half (RFC 5280 section 4.1.2.7); empty if the token does not give it.</param>
/// <param name="SignatureSchemes">IANA SignatureScheme numbers the token can make with it, best first.</param>
public sealed record KeyDescription(
    KeyReference Key,
    KeyAlgorithm Algorithm,
    ReadOnlyMemory<byte> SubjectPublicKeyInfo,
    IReadOnlyList<int> SignatureSchemes)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Algorithm} key {Key}";
}
