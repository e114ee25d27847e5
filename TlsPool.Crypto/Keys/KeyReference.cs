namespace TlsPool.Crypto.Keys;

/// <summary>Names a private key without holding it: a <c>pkcs11:</c> URI (RFC 7512), or <c>builtin:NAME</c> for the pool's own key store.</summary>
/// <param name="Uri">The reference. Never contains a PIN.</param>
public sealed record KeyReference(string Uri)
{
    /// <summary>Scheme of keys in the built-in store.</summary>
    public const string BuiltInScheme = "builtin:";

    /// <summary>True for a key of the built-in store.</summary>
    public bool IsBuiltIn => Uri.StartsWith(BuiltInScheme, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Uri;
}
