using System.Globalization;
using Microsoft.Data.Sqlite;
using TlsPool.Crypto.Certificates;
using TlsPool.Crypto.Keys;
using TlsPool.Protocol.Identities;

namespace TlsPool.Actors.Storage;

/// <summary>Local identities, in the database.</summary>
/// <param name="database">The database.</param>
/// <param name="time">The clock that says when one was added; null for the system's.</param>
public sealed class IdentityStore(PoolDatabase database, TimeProvider? time = null)
{
    // The fingerprint only decides between two that were added on different hosts in the same millisecond: numbers of rows differ there.
    private const string Order = "added, fingerprint";
    private const string Columns = "id, donai, roles, key_uri, schemes, chain, fingerprint, not_before, not_after";

    /// <summary>Adds a credential.</summary>
    /// <returns>False if the identity has this certificate already.</returns>
    public bool TryAdd(StoredIdentity identity) => database.Write(connection => PoolDatabase.Execute(
        connection,
        """
        INSERT INTO identity (donai, roles, key_uri, schemes, chain, fingerprint, not_before, not_after, added)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, max($9, (SELECT coalesce(max(added), 0) + 1 FROM identity WHERE donai = $1)))
        ON CONFLICT DO NOTHING
        """,
        identity.Identity.Key,
        (int)identity.Roles,
        identity.Key.Uri,
        string.Join(',', identity.SignatureSchemes.Select(scheme => scheme.ToString("x4", CultureInfo.InvariantCulture))),
        CertificateReader.Join(identity.Chain),
        identity.Fingerprint.ToArray(),
        identity.NotBefore.ToUnixTimeSeconds(),
        identity.NotAfter.ToUnixTimeSeconds(),
        (time ?? TimeProvider.System).GetUtcNow().ToUnixTimeMilliseconds())) == 1;

    /// <summary>All credentials, by identity and then in the order in which they were added. Damaged ones are left out.</summary>
    public IReadOnlyList<StoredIdentity> List() => List(out _);

    /// <summary>All credentials, by identity and then in the order in which they were added.</summary>
    /// <param name="damaged">Receives those that cannot be read.</param>
    public IReadOnlyList<StoredIdentity> List(out IReadOnlyList<DamagedIdentity> damaged)
    {
        var unreadable = new List<DamagedIdentity>();
        damaged = unreadable;
        return database.Read(connection =>
        {
            using SqliteCommand command = PoolDatabase.Command(connection, $"SELECT {Columns} FROM identity ORDER BY donai, {Order}");
            return ReadAll(command, unreadable);
        });
    }

    /// <summary>Credentials of one identity, in the order in which they were added. Damaged ones are left out.</summary>
    public IReadOnlyList<StoredIdentity> Find(DoNai identity) => database.Read(connection =>
    {
        using SqliteCommand command = PoolDatabase.Command(
            connection, $"SELECT {Columns} FROM identity WHERE donai = $1 ORDER BY {Order}", identity.Key);
        return ReadAll(command, damaged: []);
    });

    /// <summary>Removes credentials.</summary>
    /// <param name="ids">Their numbers.</param>
    /// <returns>How many there were.</returns>
    public int Remove(IEnumerable<long> ids) => database.Write(connection =>
    {
        int removed = 0;
        foreach (long id in ids)
            removed += PoolDatabase.Execute(connection, "DELETE FROM identity WHERE id = $1", id);
        return removed;
    });

    /// <summary>Changes where credentials may be used.</summary>
    /// <param name="ids">Their numbers.</param>
    /// <param name="roles">Where.</param>
    /// <returns>How many there were.</returns>
    public int ChangeRoles(IEnumerable<long> ids, IdentityRoles roles) => database.Write(connection =>
    {
        int changed = 0;
        foreach (long id in ids)
            changed += PoolDatabase.Execute(connection, "UPDATE identity SET roles = $2 WHERE id = $1", id, (int)roles);
        return changed;
    });

    private static List<StoredIdentity> ReadAll(SqliteCommand command, List<DamagedIdentity> damaged)
    {
        using SqliteDataReader reader = command.ExecuteReader();
        var found = new List<StoredIdentity>();
        while (reader.Read())
        {
            try
            {
                found.Add(ReadRow(reader));
            }
            catch (Exception exception) when (exception is FormatException or OverflowException or ArgumentException or InvalidCastException or CertificateException)
            {
                damaged.Add(new DamagedIdentity(reader.GetInt64(0), reader.GetString(1)));
            }
        }
        return found;
    }

    private static StoredIdentity ReadRow(SqliteDataReader reader) => new(
        reader.GetInt64(0),
        DoNai.Parse(reader.GetString(1)),
        (IdentityRoles)reader.GetInt32(2),
        new KeyReference(reader.GetString(3)),
        [.. reader.GetString(4).Split(',').Select(scheme => int.Parse(scheme, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture))],
        CertificateReader.Split(reader.GetFieldValue<byte[]>(5)),
        reader.GetFieldValue<byte[]>(6),
        DateTimeOffset.FromUnixTimeSeconds(reader.GetInt64(7)),
        DateTimeOffset.FromUnixTimeSeconds(reader.GetInt64(8)));
}
