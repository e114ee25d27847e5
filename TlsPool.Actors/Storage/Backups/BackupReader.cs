using System.Buffers;
using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text.Json;

namespace TlsPool.Actors.Storage.Backups;

/// <summary>Takes a backup apart and checks it against its manifest. What is in it may be anything.</summary>
internal static class BackupReader
{
    private const int MaxManifest = 64 << 10;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    internal static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Writes the databases of a backup into a directory, whole and as they were.</summary>
    /// <param name="input">The backup.</param>
    /// <param name="directory">The directory, which is empty.</param>
    /// <exception cref="StorageException">It is no backup, or is damaged.</exception>
    /// <exception cref="IOException">It cannot be read, or the databases cannot be written.</exception>
    internal static BackupManifest Unpack(Stream input, string directory)
    {
        try
        {
            using var tar = new TarReader(input, leaveOpen: true);
            BackupManifest manifest = ReadManifest(Next(tar, BackupManifest.FileName));
            foreach (BackupDatabase database in manifest.Databases)
                Write(Next(tar, database.Name), database, Path.Combine(directory, database.Name));
            return tar.GetNextEntry() is null ? manifest : throw Damaged("it has more than its manifest says");
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException or JsonException or FormatException or NotSupportedException)
        {
            throw new StorageException($"this is no backup of a pool, or it is damaged ({exception.Message})", exception);
        }
    }

    private static TarEntry Next(TarReader tar, string name)
    {
        TarEntry entry = tar.GetNextEntry() ?? throw Damaged($"it ends where {name} should be");
        return entry is { EntryType: TarEntryType.RegularFile, DataStream: not null } && entry.Name == name
            ? entry
            : throw Damaged($"it does not have {name} where it should be");
    }

    private static BackupManifest ReadManifest(TarEntry entry)
    {
        if (entry.Length > MaxManifest)
            throw Damaged("its manifest is too long");
        BackupManifest? manifest = JsonSerializer.Deserialize<BackupManifest>(entry.DataStream!, Json);
        if (manifest is { Format: > BackupManifest.CurrentFormat })
            throw new StorageException("this backup was made by a later version of the pool: upgrade this one");
        string[] names = [.. manifest?.Databases?.Select(database => database?.Name ?? "") ?? []];
        return manifest is { Format: BackupManifest.CurrentFormat }
            && names.Contains(PoolDatabase.FileName)
            && names.Distinct().Count() == names.Length
            && names.All(name => DatabaseKind.All.Any(kind => kind.Name == name))
            ? manifest
            : throw Damaged("its manifest does not name a pool's databases");
    }

    private static void Write(TarEntry entry, BackupDatabase database, string path)
    {
        if (entry.Length != database.Size)
            throw Damaged($"{database.Name} is not as long as it was");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly });
        byte[] buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        while (entry.DataStream!.Read(buffer) is > 0 and var count)
        {
            hash.AppendData(buffer, 0, count);
            file.Write(buffer, 0, count);
        }
        ArrayPool<byte>.Shared.Return(buffer);
        file.Flush(flushToDisk: true);
        if (!string.Equals(Convert.ToHexStringLower(hash.GetHashAndReset()), database.Sha256, StringComparison.OrdinalIgnoreCase))
            throw Damaged($"the checksum of {database.Name} is wrong");
    }

    private static StorageException Damaged(string how) => new($"this is no backup of a pool, or it is damaged: {how}");
}
