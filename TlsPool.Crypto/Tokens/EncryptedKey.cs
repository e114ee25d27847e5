namespace TlsPool.Crypto.Tokens;

/// <summary>A private key at rest in the built-in store.</summary>
/// <param name="Name">Its name, the part after <c>builtin:</c> in a <see cref="Keys.KeyReference"/>; 1 to 200 characters.</param>
/// <param name="SubjectPublicKeyInfo">DER of its public half (RFC 5280 section 4.1.2.7): can be read without the passphrase.</param>
/// <param name="EncryptedPrivateKeyInfo">DER of the encrypted private half (RFC 5958 section 3, PBES2 of RFC 8018).</param>
public sealed record EncryptedKey(
    string Name,
    ReadOnlyMemory<byte> SubjectPublicKeyInfo,
    ReadOnlyMemory<byte> EncryptedPrivateKeyInfo)
{
    /// <inheritdoc/>
    public override string ToString() => $"encrypted key {Name}";
}
