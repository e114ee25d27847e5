using TlsPool.Cli.Stores;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Tokens;

namespace TlsPool.Cli.Identities;

/// <summary>Private keys that come from a file.</summary>
internal static class ImportedKey
{
    /// <summary>Takes a key into the built-in store; one that is there already, as after <c>remove --keep-key</c>, serves again.</summary>
    /// <param name="access">The pool's stores.</param>
    /// <param name="pkcs8">The key; cleared.</param>
    /// <param name="name">Its name.</param>
    internal static KeyDescription Keep(PoolStoreAccess access, byte[] pkcs8, string name)
    {
        if (access.Keys.List().Contains(name))
        {
            KeyDescription known = access.Keys.Describe(new KeyReference(KeyReference.BuiltInScheme + name));
            if (known.SubjectPublicKeyInfo.Span.SequenceEqual(PrivateKeys.PublicKey(pkcs8)))
                return known;
        }
        return access.Keys.Import(pkcs8, name);
    }
}
