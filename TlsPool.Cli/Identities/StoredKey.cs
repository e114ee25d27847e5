using TlsPool.Actors.Storage;
using TlsPool.Cli.Stores;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Tokens;
using TlsPool.Protocol.Identities;

namespace TlsPool.Cli.Identities;

/// <summary>A key that is there, whether an identity uses it or not.</summary>
/// <param name="Reference">How identities refer to it.</param>
/// <param name="Uri">All that is known of one in a token; null for the built-in store.</param>
internal sealed record StoredKey(KeyReference Reference, Pkcs11Uri? Uri)
{
    internal static StoredKey BuiltIn(string name) => new(new KeyReference(KeyReference.BuiltInScheme + name), null);

    internal static StoredKey InToken(Pkcs11Uri uri) => new(uri.ToKeyReference(), uri);

    /// <summary>The identities that use it.</summary>
    internal IEnumerable<DoNai> UsersIn(PoolStoreAccess access) =>
        access.Identities.List().Where(IsOf).Select(identity => identity.Identity).Distinct();

    private bool IsOf(StoredIdentity identity) => Uri is null || identity.Key.IsBuiltIn
        ? identity.Key == Reference
        : IsMeantBy(Pkcs11Uri.Parse(identity.Key.Uri), Uri);

    // A reference may leave out anything that is not needed to tell keys apart.
    private static bool IsMeantBy(Pkcs11Uri reference, Pkcs11Uri key) =>
        Agree(reference.Token, key.Token) && Agree(reference.Manufacturer, key.Manufacturer) && Agree(reference.Model, key.Model) && Agree(reference.Serial, key.Serial)
        && reference.Matches(key.Object ?? "", key.Id is { } id ? id.Span : default, Pkcs11ObjectType.PrivateKey);

    private static bool Agree(string? reference, string? key) => reference is null || reference == key;
}
