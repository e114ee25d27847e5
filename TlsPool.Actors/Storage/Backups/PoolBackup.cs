using System.Formats.Tar;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace TlsPool.Actors.Storage.Backups;

/// <summary>Copies the databases of a pool while it runs. The copies are complete and consistent, each as of one moment.</summary>
public static class PoolBackup
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int BusySeconds = 60;

    /// <summary>Writes all databases as a tar file, after a manifest with their checksums. Needs as much room in the directory meanwhile.</summary>
    /// <param name="directory">Their directory.</param>
    /// <param name="output">Where the file goes.</param>
    /// <param name="program">Version of this program.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="StorageException">A database cannot be read.</exception>
    /// <exception cref="IOException">The backup cannot be written.</exception>
    public static void Write(string directory, Stream output, string program, DateTimeOffset now)
    {
        if (!File.Exists(Path.Combine(directory, PoolDatabase.FileName)))
            throw new StorageException($"{directory} has no {PoolDatabase.FileName}: there is nothing to back up");
        using var staging = new StagingDirectory(directory, "backup");
        BackupDatabase[] databases = [.. DatabaseKind.All
            .Where(kind => File.Exists(Path.Combine(directory, kind.Name)))
            .Select(kind => Copy(Path.Combine(directory, kind.Name), staging.File(kind.Name)))];
        using var tar = new TarWriter(output, TarEntryFormat.Pax, leaveOpen: true);
        var manifest = new BackupManifest(BackupManifest.CurrentFormat, program, now, databases);
        using (var text = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(manifest, BackupReader.Json)))
            Add(tar, BackupManifest.FileName, text, now);
        foreach (BackupDatabase database in databases)
        {
            using FileStream copy = File.OpenRead(staging.File(database.Name));
            Add(tar, database.Name, copy, now);
        }
    }

    private static BackupDatabase Copy(string from, string to)
    {
        // Not by way of PoolDatabase, which would bring an older schema up to date: a daemon that still runs may not know the newer one.
        var settings = new SqliteConnectionStringBuilder { DataSource = from, Mode = SqliteOpenMode.ReadWrite, DefaultTimeout = BusySeconds, Pooling = false };
        long schema;
        try
        {
            using var connection = new SqliteConnection(settings.ConnectionString);
            connection.Open();
            PoolDatabase.Execute(connection, "VACUUM INTO $1", to);
            using SqliteCommand version = PoolDatabase.Command(connection, "PRAGMA user_version");
            schema = Convert.ToInt64(version.ExecuteScalar(), CultureInfo.InvariantCulture);
        }
        catch (SqliteException exception)
        {
            throw PoolDatabase.Failed(from, exception);
        }
        using FileStream copy = File.OpenRead(to);
        return new BackupDatabase(Path.GetFileName(from), schema, copy.Length, Convert.ToHexStringLower(SHA256.HashData(copy)));
    }

    private static void Add(TarWriter tar, string name, Stream content, DateTimeOffset now) => tar.WriteEntry(
        new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = content, Mode = OwnerOnly, ModificationTime = now });
}
