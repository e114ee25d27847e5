using Microsoft.Data.Sqlite;
using TlsPool.Crypto.Tokens;

namespace TlsPool.Actors.Storage;

/// <summary>Keys of the built-in store, in the database.</summary>
public sealed class EncryptedKeyStore(PoolDatabase database) : IEncryptedKeyRepository
{
    /// <summary>Opens the store with its passphrase, which is made if there is none and no key needs it.</summary>
    /// <param name="passphraseFile">File with the passphrase.</param>
    /// <exception cref="TokenException">The passphrase cannot be had.</exception>
    public BuiltInKeyStore Open(string passphraseFile) => new(this, Passphrase.LoadOrCreate(passphraseFile, mayCreate: List().Count == 0));

    /// <inheritdoc/>
    public bool TryAdd(EncryptedKey key) => database.Write(connection => PoolDatabase.Execute(
        connection,
        "INSERT INTO key (name, public_key, encrypted_key) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        key.Name,
        key.SubjectPublicKeyInfo.ToArray(),
        key.EncryptedPrivateKeyInfo.ToArray())) == 1;

    /// <inheritdoc/>
    public EncryptedKey? Get(string name) => database.Read(connection =>
    {
        using SqliteCommand command = PoolDatabase.Command(connection, "SELECT public_key, encrypted_key FROM key WHERE name = $1", name);
        using SqliteDataReader reader = command.ExecuteReader();
        return reader.Read() ? new EncryptedKey(name, reader.GetFieldValue<byte[]>(0), reader.GetFieldValue<byte[]>(1)) : null;
    });

    /// <inheritdoc/>
    public IReadOnlyList<string> List() => database.Read(connection =>
    {
        using SqliteCommand command = PoolDatabase.Command(connection, "SELECT name FROM key ORDER BY name");
        using SqliteDataReader reader = command.ExecuteReader();
        var names = new List<string>();
        while (reader.Read())
            names.Add(reader.GetString(0));
        return names;
    });

    /// <inheritdoc/>
    public bool Remove(string name) =>
        database.Write(connection => PoolDatabase.Execute(connection, "DELETE FROM key WHERE name = $1", name)) == 1;
}
