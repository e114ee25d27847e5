using TlsPool.Actors.Interop;

namespace TlsPool.Actors.Hosting;

/// <summary>What makes a file itself, whatever it is called.</summary>
/// <param name="Device">Where it is.</param>
/// <param name="Inode">Its number there.</param>
public readonly record struct FileIdentity(ulong Device, ulong Inode)
{
    private const ushort TypeMask = 0xF000;
    private const ushort SocketType = 0xC000;
    private const ushort RegularType = 0x8000;

    /// <summary>The device as one number (dev_t).</summary>
    internal ulong DeviceNumber
    {
        get
        {
            ulong major = Device >> 32, minor = Device & uint.MaxValue;
            return (minor & 0xff) | ((major & 0xfff) << 8) | ((minor & ~0xffUL) << 12) | ((major & ~0xfffUL) << 32);
        }
    }

    /// <summary>The file of a name, or null. Symbolic links are not followed.</summary>
    internal static FileIdentity? Of(string path) => Status(path) is { } status ? From(status) : null;

    /// <summary>The file behind a descriptor, or null.</summary>
    internal static FileIdentity? Of(int descriptor) => Status(descriptor, "", Libc.AT_EMPTY_PATH) is { } status ? From(status) : null;

    /// <summary>True if a descriptor is that of a regular file.</summary>
    internal static bool IsRegular(int descriptor) =>
        Status(descriptor, "", Libc.AT_EMPTY_PATH) is { } status && (status.Mode & TypeMask) == RegularType;

    /// <summary>True if something of that name exists and is not a socket. Symbolic links are not followed: they are none.</summary>
    public static bool IsOtherThanSocket(string path) => Status(path) is { } status && (status.Mode & TypeMask) != SocketType;

    /// <summary>Who owns a file, symbolic links followed; null if there is none of that name.</summary>
    internal static (uint User, uint Group)? OwnerOf(string path) =>
        Status(Libc.AT_FDCWD, path, flags: 0) is { } status ? (status.User, status.Group) : null;

    private static FileIdentity From(in Libc.FileStatus status) =>
        new(((ulong)status.DeviceMajor << 32) | status.DeviceMinor, status.Inode);

    private static Libc.FileStatus? Status(string path) => Status(Libc.AT_FDCWD, path, Libc.AT_SYMLINK_NOFOLLOW);

    private static unsafe Libc.FileStatus? Status(int directory, string path, int flags)
    {
        Libc.FileStatus status;
        return Libc.statx(directory, path, flags, Libc.STATX_BASIC_STATS, &status) == 0 ? status : null;
    }
}
