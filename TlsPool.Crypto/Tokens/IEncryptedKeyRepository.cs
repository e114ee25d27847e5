namespace TlsPool.Crypto.Tokens;

/// <summary>
/// Where the built-in store keeps its encrypted keys. Thread safe. Calls may block for disk I/O: they come from token workers and commands,
/// never from a loop. Another process may change it meanwhile, so nothing is cached.
/// </summary>
public interface IEncryptedKeyRepository
{
    /// <summary>Adds a key, durably.</summary>
    /// <returns>False if the name is taken; nothing is changed then.</returns>
    bool TryAdd(EncryptedKey key);

    /// <summary>The key of a name, or null.</summary>
    EncryptedKey? Get(string name);

    /// <summary>All names, in any order.</summary>
    IReadOnlyList<string> List();

    /// <summary>Removes a key.</summary>
    /// <returns>False if there was none of that name.</returns>
    bool Remove(string name);
}
