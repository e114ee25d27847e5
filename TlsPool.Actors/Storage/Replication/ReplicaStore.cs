using Microsoft.Data.Sqlite;

namespace TlsPool.Actors.Storage.Replication;

/// <summary>
/// What hosts of a cluster share of their databases: identities without their keys, disclosure, access rules and trust anchors, as
/// <see cref="ReplicatedTables"/> declares. Each host changes its own database as ever, at any time; it hands its records to others that
/// ask, and merges theirs. Hosts that have exchanged everything have the same. Thread safe; calls may wait for the disk.
/// </summary>
public sealed class ReplicaStore
{
    private readonly PoolDatabase _database;
    private readonly IReadOnlyDictionary<string, ReplicatedTable> _tables;

    private ReplicaStore(PoolDatabase database, string node, IReadOnlyDictionary<string, ReplicatedTable> tables)
    {
        _database = database;
        _tables = tables;
        Node = node;
    }

    /// <summary>This host's name.</summary>
    public string Node { get; }

    /// <summary>
    /// Which life of the database numbers the records: another one after the file was copied to a host of another name, and after
    /// <see cref="BeginIncarnation"/>.
    /// </summary>
    /// <exception cref="StorageException">It cannot be read.</exception>
    public string Incarnation => _database.Read(connection => Self(connection).Incarnation);

    /// <summary>
    /// Opens a database for replication. From here on every change of a shared table, by whichever program, is journaled; rows that are there
    /// count as older than any change.
    /// </summary>
    /// <param name="database">The database of identities, keys, trust and rules.</param>
    /// <param name="node">This host's name, which no other host of the cluster has: 1 to 255 printable characters of ASCII without spaces.</param>
    /// <exception cref="ArgumentException">The name is none.</exception>
    /// <exception cref="StorageException">It cannot be written.</exception>
    public static ReplicaStore Open(PoolDatabase database, string node) => Open(database, node, ReplicatedTables.All);

    /// <summary>Opens a database for replication of some tables.</summary>
    internal static ReplicaStore Open(PoolDatabase database, string node, IReadOnlyList<ReplicatedTable> tables)
    {
        if (!ReplicaFormat.IsNode(node))
            throw new ArgumentException("a node has a name of 1 to 255 printable characters of ASCII without spaces", nameof(node));
        var byKind = tables.ToDictionary(table => table.Kind, StringComparer.Ordinal);
        return database.Write(connection =>
        {
            ReplicaInstallation.Install(connection, node, byKind);
            return new ReplicaStore(database, node, byKind);
        });
    }

    /// <summary>The number of the last record that was stored here, whoever made it: grows with every change.</summary>
    /// <exception cref="StorageException">It cannot be read.</exception>
    public long Seq() => _database.Read(connection => Self(connection).Seq);

    /// <summary>Records that were stored here after some number, in that order.</summary>
    /// <param name="seq">0 for all, or <see cref="ReplicaChanges.Next"/> of the answer before. One that this database never gave is 0.</param>
    /// <param name="maxRecords">How many at most; at least 1.</param>
    /// <param name="maxBytes">How many bytes of UTF-8 in their texts at most; one record is given whatever it has.</param>
    /// <exception cref="StorageException">It cannot be read.</exception>
    public ReplicaChanges ChangesSince(long seq, int maxRecords, int maxBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxRecords, 1);
        return _database.Read(connection =>
        {
            (string incarnation, long last) = Self(connection);
            // A number of the future was given before somebody restored a backup.
            long next = seq < 0 || seq > last ? 0 : seq;
            var records = new List<ReplicaRecord>();
            long bytes = 0;
            foreach ((ReplicaRecord record, long number) in ReplicaMerge.ReadAll(connection, "WHERE seq > $1 ORDER BY seq", next))
            {
                bytes += ReplicaFormat.Size(record);
                if (records.Count == maxRecords || (records.Count > 0 && bytes > maxBytes))
                    return new ReplicaChanges(records, incarnation, next, HasMore: true);
                records.Add(record);
                next = number;
            }
            return new ReplicaChanges(records, incarnation, last, HasMore: false);
        });
    }

    /// <summary>
    /// Merges records of another host, all or nothing. The newer version of each row wins; broken records, and those that the tables do not
    /// take, are left out one by one and told. Records of kinds that this version does not know are kept and handed on, and take effect in a
    /// version that knows them.
    /// </summary>
    /// <param name="records">The records, from anywhere and in any order; those that are here already do no harm.</param>
    /// <param name="progress">How far that host's records are here with these, stored with them; null for none.</param>
    /// <exception cref="ArgumentException">The progress is of something that is no host.</exception>
    /// <exception cref="StorageException">The database is locked, full or damaged: nothing has been applied.</exception>
    public ReplicaOutcome Apply(IReadOnlyList<ReplicaRecord> records, PeerProgress? progress = null)
    {
        if (progress is not null && !ReplicaFormat.IsNode(progress.Node))
            throw new ArgumentException("the progress has no good node", nameof(progress));
        return _database.Write(connection =>
        {
            var merge = new ReplicaMerge(connection, _tables);
            merge.Take(records);
            if (progress is not null)
                Keep(connection, progress);
            return merge.Outcome;
        });
    }

    /// <summary>How far the records of another host are here.</summary>
    /// <exception cref="StorageException">It cannot be read.</exception>
    public PeerProgress GetPeer(string node) => _database.Read(connection =>
    {
        using SqliteCommand command = PoolDatabase.Command(connection, "SELECT incarnation, seq FROM replica_peer WHERE node = $1", node);
        using SqliteDataReader reader = command.ExecuteReader();
        return reader.Read() ? new PeerProgress(node, reader.GetString(0), reader.GetInt64(1)) : new PeerProgress(node, "", 0);
    });

    /// <summary>
    /// Forgets removals that are older than some time. A host that was cut off for longer may bring back what was removed.
    /// </summary>
    /// <returns>How many there were.</returns>
    /// <exception cref="StorageException">It cannot be written.</exception>
    public int PruneRemovals(DateTimeOffset before) => _database.Write(connection => PoolDatabase.Execute(
        connection,
        "DELETE FROM replica WHERE value IS NULL AND clock < $1",
        Math.Max(before.ToUnixTimeMilliseconds(), 0) << ReplicaRecord.ClockShift));

    /// <summary>
    /// Has others ask for everything again. To be called after the database was restored from a backup, which cannot always be seen: it
    /// gives numbers to its changes that others have had before.
    /// </summary>
    /// <exception cref="StorageException">It cannot be written.</exception>
    public void BeginIncarnation() => _database.Write(connection =>
        PoolDatabase.Execute(connection, "UPDATE replica_self SET incarnation = $1", ReplicaInstallation.NewIncarnation()));

    // Numbers of another life mean nothing: what they were asked by is not known here, so everything is asked for again.
    private static void Keep(SqliteConnection connection, PeerProgress progress) => PoolDatabase.Execute(
        connection,
        """
        INSERT INTO replica_peer (node, incarnation, seq) VALUES ($1, $2, $3)
        ON CONFLICT (node) DO UPDATE SET
            seq = CASE WHEN incarnation = excluded.incarnation THEN excluded.seq ELSE 0 END, incarnation = excluded.incarnation
        """,
        progress.Node,
        progress.Incarnation,
        progress.Seq);

    private static (string Incarnation, long Seq) Self(SqliteConnection connection)
    {
        using SqliteCommand command = PoolDatabase.Command(connection, "SELECT incarnation, seq FROM replica_self");
        using SqliteDataReader reader = command.ExecuteReader();
        return reader.Read() ? (reader.GetString(0), reader.GetInt64(1)) : throw new StorageException("the database was replaced while it was open");
    }
}
