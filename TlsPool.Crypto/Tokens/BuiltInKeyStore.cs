using System.Collections.Concurrent;
using System.Security.Cryptography;
using TlsPool.Crypto.Keys;

namespace TlsPool.Crypto.Tokens;

/// <summary>
/// Keys of the pool's own: encrypted at rest, in memory once they have been used. For those who have no token; a token keeps keys where
/// nobody who takes over the machine can copy them, this store does not. Thread safe.
/// </summary>
/// <param name="repository">Where encrypted keys are.</param>
/// <param name="passphrase">The passphrase; owned.</param>
public sealed class BuiltInKeyStore(IEncryptedKeyRepository repository, Passphrase passphrase) : IDisposable
{
    private const int MaxName = 200;

    private readonly ConcurrentDictionary<string, OpenedKey> _opened = new(StringComparer.Ordinal);

    /// <summary>Makes a key and keeps it.</summary>
    /// <param name="parameters">What kind.</param>
    /// <param name="name">Its name, 1 to 200 characters, as it follows <c>builtin:</c>.</param>
    /// <exception cref="TokenException">The name is taken or impossible.</exception>
    public KeyDescription Generate(KeyParameters parameters, string name) => Keep(name, PrivateKeys.Generate(parameters));

    /// <summary>Keeps a key that was made elsewhere.</summary>
    /// <param name="pkcs8">PKCS #8 in DER form, not encrypted; cleared.</param>
    /// <param name="name">Its name, 1 to 200 characters, as it follows <c>builtin:</c>.</param>
    /// <exception cref="TokenException">The name is taken or impossible, or the key is of no use.</exception>
    public KeyDescription Import(byte[] pkcs8, string name) => Keep(name, pkcs8);

    /// <summary>What is known about a key, without opening it.</summary>
    /// <exception cref="TokenException">There is no such key.</exception>
    public KeyDescription Describe(KeyReference key) => Describe(Find(key));

    /// <summary>A key if it is open already, else null. Never waits.</summary>
    public ISigningKey? TryGet(KeyReference key) => key.IsBuiltIn ? _opened.GetValueOrDefault(key.Uri) : null;

    /// <summary>Opens a key; takes about a tenth of a second the first time.</summary>
    /// <exception cref="TokenException">There is no such key, or the passphrase is another one.</exception>
    public ISigningKey Open(KeyReference key)
    {
        if (_opened.TryGetValue(key.Uri, out OpenedKey? open))
            return open;
        EncryptedKey stored = Find(key);
        byte[] pkcs8 = PrivateKeys.Decrypt(stored.EncryptedPrivateKeyInfo, passphrase, stored.Name);
        try
        {
            if (!PrivateKeys.PublicKey(pkcs8).AsSpan().SequenceEqual(stored.SubjectPublicKeyInfo.Span))
                throw new TokenException(TokenFault.Failed, $"the halves of key {stored.Name} do not belong together: the database is damaged");
            var opened = new OpenedKey(Describe(stored), pkcs8);
            OpenedKey kept = _opened.GetOrAdd(key.Uri, opened);
            if (!ReferenceEquals(kept, opened))
                opened.Dispose();
            return kept;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pkcs8);
        }
    }

    /// <summary>Forgets opened keys that are no longer in the repository, or are other keys there.</summary>
    public void Refresh()
    {
        foreach (string uri in _opened.Keys)
        {
            // Left to the collector: a loop may be signing with it right now.
            if (_opened.TryGetValue(uri, out OpenedKey? open)
                && repository.Get(Name(new KeyReference(uri)))?.SubjectPublicKeyInfo.Span.SequenceEqual(open.Description.SubjectPublicKeyInfo.Span) != true)
                _opened.TryRemove(uri, out _);
        }
    }

    /// <summary>Names of all keys.</summary>
    public IReadOnlyList<string> List() => repository.List();

    /// <summary>Removes a key for good.</summary>
    /// <returns>False if there is none of that name.</returns>
    public bool Remove(KeyReference key)
    {
        _opened.TryRemove(key.Uri, out _);
        return repository.Remove(Name(key));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (OpenedKey key in _opened.Values)
            key.Dispose();
        _opened.Clear();
        passphrase.Dispose();
    }

    private KeyDescription Keep(string name, byte[] pkcs8)
    {
        try
        {
            if (name.Length is 0 or > MaxName || name.AsSpan().ContainsAnyInRange('\0', ' '))
                throw new TokenException(TokenFault.Failed, $"names of keys have 1 to {MaxName} characters without blanks");
            byte[] publicKey = PrivateKeys.PublicKey(pkcs8);
            var stored = new EncryptedKey(name, publicKey, PrivateKeys.Encrypt(pkcs8, passphrase));
            KeyDescription description = Describe(stored);
            return repository.TryAdd(stored)
                ? description
                : throw new TokenException(TokenFault.Failed, $"there is a key {KeyReference.BuiltInScheme}{name} already");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pkcs8);
        }
    }

    private EncryptedKey Find(KeyReference key) => repository.Get(Name(key))
        ?? throw new TokenException(TokenFault.KeyNotFound, $"there is no key {key} in the built-in store");

    private static KeyDescription Describe(EncryptedKey stored)
    {
        KeyAlgorithm algorithm = KeyAlgorithms.Of(stored.SubjectPublicKeyInfo)
            ?? throw new TokenException(TokenFault.Failed, $"key {stored.Name} has an algorithm that signs no handshakes");
        return new KeyDescription(
            new KeyReference(KeyReference.BuiltInScheme + stored.Name), algorithm, stored.SubjectPublicKeyInfo, algorithm.SignatureSchemes());
    }

    private static string Name(KeyReference key) => key.IsBuiltIn
        ? key.Uri[KeyReference.BuiltInScheme.Length..]
        : throw new TokenException(TokenFault.KeyNotFound, $"{key} is no key of the built-in store");
}
