using TlsPool.Actors.Interop;

namespace TlsPool.Actors.Hosting;

/// <summary>What makes a file itself, whatever it is called.</summary>
/// <param name="Device">Where it is.</param>
/// <param name="Inode">Its number there.</param>
public readonly record struct FileIdentity(ulong Device, ulong Inode)
{
    private const ushort TypeMask = 0xF000;
    private const ushort SocketType = 0xC000;

    /// <summary>The file of a name, or null. Symbolic links are not followed.</summary>
    internal static FileIdentity? Of(string path) => Status(path) is { } status ? From(status) : null;

    /// <summary>True if something of that name exists and is not a socket. Symbolic links are not followed: they are none.</summary>
    public static bool IsOtherThanSocket(string path) => Status(path) is { } status && (status.Mode & TypeMask) != SocketType;

    /// <summary>Who owns a file; null if there is none of that name.</summary>
    internal static (uint User, uint Group)? OwnerOf(string path) => Status(path) is { } status ? (status.User, status.Group) : null;

    private static FileIdentity From(in Libc.FileStatus status) =>
        new(((ulong)status.DeviceMajor << 32) | status.DeviceMinor, status.Inode);

    private static unsafe Libc.FileStatus? Status(string path)
    {
        Libc.FileStatus status;
        return Libc.statx(Libc.AT_FDCWD, path, Libc.AT_SYMLINK_NOFOLLOW, Libc.STATX_BASIC_STATS, &status) == 0 ? status : null;
    }
}
