using System.Globalization;
using Microsoft.Data.Sqlite;
using TlsPool.Actors.Interop;
using TlsPool.Actors.Storage.Replication;

namespace TlsPool.Actors.Storage.Backups;

/// <summary>
/// Puts the databases of a backup in place of those of a pool that does not run. Nothing changes before all of it was checked. Each database
/// is exchanged by one rename, so there is the old one or the new one at every moment, and what was there is kept beside it.
/// </summary>
public static class PoolRestore
{
    private const UnixFileMode OwnerDirectory = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Restores.</summary>
    /// <param name="directory">Directory of the databases, which is there.</param>
    /// <param name="backup">The backup.</param>
    /// <param name="node">Name of this host in its cluster, whose other hosts then compare their policy with this one; null outside of one.</param>
    /// <param name="now">The time.</param>
    /// <returns>What it was, and the directory where that is what it replaced; empty if there was nothing.</returns>
    /// <exception cref="StorageException">The backup is damaged, or a program uses the databases.</exception>
    /// <exception cref="IOException">Something cannot be read or written.</exception>
    public static (BackupManifest Manifest, string Replaced) Restore(string directory, Stream backup, string? node, DateTimeOffset now)
    {
        DatabaseUse.Refuse(directory);
        using var staging = new StagingDirectory(directory, "restore");
        BackupManifest manifest = BackupReader.Unpack(backup, staging.Path);
        DatabaseKind[] kinds = [.. DatabaseKind.All.Where(kind => manifest.Databases.Any(database => database.Name == kind.Name))];
        foreach (DatabaseKind kind in kinds)
            Check(staging.Path, kind);
        if (node is not null)
        {
            using PoolDatabase database = PoolDatabase.Open(staging.Path);
            ReplicaStore.Open(database, node).BeginIncarnation();
        }
        DatabaseUse.Refuse(directory);
        string kept = Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"replaced-{now.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}"));
        foreach (DatabaseKind kind in kinds)
            Exchange(Path.Combine(directory, kind.Name), staging.File(kind.Name), kept);
        return (manifest, Directory.Exists(kept) ? kept : "");
    }

    /// <summary>Reads all of a database, and brings its schema up to date.</summary>
    private static void Check(string directory, DatabaseKind kind)
    {
        try
        {
            PoolDatabase.Open(directory, kind.Name, kind.Schema, isChecked: true).Dispose();
        }
        catch (StorageException exception)
        {
            throw new StorageException($"the backup cannot be used: {exception.Message}", exception);
        }
    }

    private static void Exchange(string live, string restored, string kept)
    {
        if (File.Exists(live))
        {
            Fold(live);
            Directory.CreateDirectory(kept, OwnerDirectory);
            foreach (string file in new[] { live, live + "-wal" }.Where(File.Exists))
                if (Libc.link(file, Path.Combine(kept, Path.GetFileName(file))) != 0)
                    throw new IOException($"{file} cannot be kept in {kept}: {Libc.LastErrorText}");
        }
        // A log of changes that is left behind would be taken for one of the new database.
        File.Delete(live + "-wal");
        File.Delete(live + "-shm");
        File.Move(restored, live, overwrite: true);
    }

    /// <summary>Brings the changes that a killed daemon has left in its log into the database. One that is damaged stays as it is.</summary>
    private static void Fold(string live)
    {
        if (!File.Exists(live + "-wal"))
            return;
        try
        {
            using var connection = new SqliteConnection(
                new SqliteConnectionStringBuilder { DataSource = live, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ConnectionString);
            connection.Open();
            PoolDatabase.Execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
        }
        catch (SqliteException)
        {
            // It is kept as it is, with its log.
        }
    }
}
