using Microsoft.Data.Sqlite;

namespace TlsPool.Actors.Storage;

/// <summary>Trust anchors, in the database.</summary>
public sealed class TrustStore(PoolDatabase database)
{
    /// <summary>Adds anchors.</summary>
    /// <returns>How many of them are new.</returns>
    public int Add(IEnumerable<TrustAnchor> anchors) => database.Write(connection =>
    {
        int added = 0;
        foreach (TrustAnchor anchor in anchors)
            added += PoolDatabase.Execute(
                connection,
                "INSERT INTO anchor (fingerprint, certificate, source) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                anchor.Fingerprint.ToArray(),
                anchor.Certificate.ToArray(),
                anchor.Source);
        return added;
    });

    /// <summary>All anchors.</summary>
    public IReadOnlyList<TrustAnchor> List() => database.Read(connection =>
    {
        using SqliteCommand command = PoolDatabase.Command(connection, "SELECT fingerprint, certificate, source FROM anchor ORDER BY fingerprint");
        using SqliteDataReader reader = command.ExecuteReader();
        var anchors = new List<TrustAnchor>();
        while (reader.Read())
            anchors.Add(new TrustAnchor(reader.GetFieldValue<byte[]>(0), reader.GetFieldValue<byte[]>(1), reader.GetString(2)));
        return anchors;
    });

    /// <summary>Removes anchors.</summary>
    /// <param name="fingerprints">SHA-256 of each.</param>
    /// <returns>How many there were.</returns>
    public int Remove(IEnumerable<ReadOnlyMemory<byte>> fingerprints) => database.Write(connection =>
    {
        int removed = 0;
        foreach (ReadOnlyMemory<byte> fingerprint in fingerprints)
            removed += PoolDatabase.Execute(connection, "DELETE FROM anchor WHERE fingerprint = $1", fingerprint.ToArray());
        return removed;
    });
}
