using System.Globalization;
using TlsPool.Actors.Interop;

namespace TlsPool.Actors.Storage.Backups;

/// <summary>Who has a database open. The kernel knows: SQLite keeps a lock on a range of the file for as long, whether it is damaged or not.</summary>
internal static unsafe class DatabaseUse
{
    // PENDING_BYTE, RESERVED_BYTE and the shared range of SQLite's file format.
    private const long FirstByte = 0x40000000;
    private const long Bytes = 512;

    /// <summary>Fails if a program has one of the databases of a directory open.</summary>
    /// <exception cref="StorageException">One has; the message says which.</exception>
    internal static void Refuse(string directory)
    {
        foreach (string file in DatabaseKind.All.Select(kind => Path.Combine(directory, kind.Name)).Where(File.Exists))
            if (User(file) is { } process)
                throw new StorageException(string.Create(
                    CultureInfo.InvariantCulture, $"process {process} uses {file}: end the daemon first (systemctl stop tlspool.socket tlspool)"));
    }

    private static int? User(string file)
    {
        using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        var wanted = new Libc.FileLock { Type = Libc.F_WRLCK, Start = FirstByte, Length = Bytes };
        if (Libc.fcntl_lock((int)handle.DangerousGetHandle(), Libc.F_GETLK, &wanted) != 0)
            throw new StorageException($"{file}: its locks cannot be read: {Libc.LastErrorText}");
        return wanted.Type == Libc.F_UNLCK ? null : wanted.Process;
    }
}
