namespace TlsPool.Crypto.Keys;

/// <summary>
/// Asks for a handshake signature. An immutable message without descriptors: it may cross to another actor or host. It carries what is
/// signed, not its digest, so that a signer can see that this is a TLS handshake (RFC 8446 section 4.4.3, RFC 5246 section 7.4.3).
/// </summary>
/// <param name="Key">The key.</param>
/// <param name="Scheme">IANA SignatureScheme number.</param>
/// <param name="Content">The bytes to hash and sign.</param>
public sealed record SignatureRequest(KeyReference Key, int Scheme, ReadOnlyMemory<byte> Content)
{
    /// <inheritdoc/>
    public override string ToString() => $"sign with {Key}, scheme {Scheme:x4}, {Content.Length} bytes";
}
