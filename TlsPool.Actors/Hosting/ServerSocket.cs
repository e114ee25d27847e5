using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using TlsPool.Actors.Configuration;
using TlsPool.Actors.Interop;
using TlsPool.Protocol.IO;

namespace TlsPool.Actors.Hosting;

/// <summary>
/// A listening UNIX socket. One that this process makes comes into being under a name that nobody knows, gets its owner and mode, listens,
/// and only then takes its real name: at no time can the wrong program connect, and a stale socket is replaced without a gap.
/// </summary>
public sealed unsafe class ServerSocket
{
    private const int Backlog = 4096;
    private const int PathOffset = 2;

    private static readonly Lock Mask = new();

    private FileIdentity? _made;

    private ServerSocket(string path, SafeDescriptor descriptor, FileIdentity? made) => (Path, Descriptor, _made) = (path, descriptor, made);

    /// <summary>True if the service manager made it.</summary>
    internal bool IsManagers { get; init; }

    /// <summary>Its file name; empty if it has none that is known.</summary>
    public string Path { get; }

    /// <summary>The listening descriptor; whoever takes it owns it.</summary>
    public SafeDescriptor Descriptor { get; }

    /// <summary>Makes a listening socket.</summary>
    /// <exception cref="DaemonException">It cannot be had.</exception>
    public static ServerSocket Create(SocketConfiguration configuration)
    {
        string path = configuration.Path;
        if (FileIdentity.IsOtherThanSocket(path))
            throw new DaemonException($"socket_name {path}: something that is not a socket has this name");
        if (IsServed(path))
            throw new DaemonException($"socket_name {path}: a running program serves it; 'tlspool -k' replaces a running pool");
        string temporary = TemporaryName(path);
        int number = Libc.socket(Libc.AF_UNIX, Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK, 0);
        if (number < 0)
            throw Failed(path, "cannot make a socket");
        var descriptor = new SafeDescriptor(number);
        try
        {
            Bind(descriptor, temporary, configuration);
            Own(temporary, configuration);
            if (Libc.listen(number, Backlog) != 0)
                throw Failed(path, "cannot listen");
            FileIdentity? made = FileIdentity.Of(temporary);
            if (Libc.rename(temporary, path) != 0)
                throw Failed(path, "cannot give the socket its name");
            return new ServerSocket(path, descriptor, made);
        }
        catch (DaemonException)
        {
            descriptor.Dispose();
            _ = Libc.unlink(temporary);
            throw;
        }
    }

    /// <summary>Takes over a listening socket that the service manager made.</summary>
    /// <exception cref="DaemonException">The descriptor is not what it has to be.</exception>
    internal static ServerSocket Adopt(int number)
    {
        if (!IsListening(number))
            throw new DaemonException(string.Create(
                CultureInfo.InvariantCulture,
                $"descriptor {number} of the service manager is not a listening UNIX stream socket: use ListenStream=/path in the socket unit"));
        _ = Libc.fcntl(number, Libc.F_SETFD, Libc.FD_CLOEXEC);
        using var handle = new SafeSocketHandle(number, ownsHandle: false);
        using var socket = new Socket(handle);
        return new ServerSocket((socket.LocalEndPoint as UnixDomainSocketEndPoint)?.ToString() ?? "", new SafeDescriptor(number), made: null) { IsManagers = true };
    }

    /// <summary>Takes over a listening socket of the daemon before this one, to which its file still belongs.</summary>
    /// <param name="path">Its file name.</param>
    /// <param name="descriptor">The socket, handed over.</param>
    /// <param name="isManagers">True if the service manager made it.</param>
    /// <exception cref="DaemonException">The descriptor is not what it has to be.</exception>
    internal static ServerSocket Inherit(string path, SafeDescriptor descriptor, bool isManagers)
    {
        if (IsListening(descriptor.Number))
            return new ServerSocket(path, descriptor, made: null) { IsManagers = isManagers };
        descriptor.Dispose();
        throw new DaemonException($"socket_name {path}: what the running daemon hands over is not a listening UNIX stream socket");
    }

    /// <summary>True if this process made the socket, or has been left it, and it still has its name.</summary>
    internal bool IsOurs => _made is { } made && FileIdentity.Of(Path) == made;

    /// <summary>From now on the file is this process's.</summary>
    internal void Own() => _made = FileIdentity.Of(Path);

    /// <summary>From now on the file is a successor's.</summary>
    internal void Leave() => _made = null;

    /// <summary>Removes the file, unless it belongs to the service manager or a successor has taken the name.</summary>
    public void RemoveFile()
    {
        if (IsOurs)
            _ = Libc.unlink(Path);
    }

    private static bool IsListening(int number) => Option(number, Libc.SO_DOMAIN) == Libc.AF_UNIX
        && Option(number, Libc.SO_TYPE) == Libc.SOCK_STREAM
        && Option(number, Libc.SO_ACCEPTCONN) == 1;

    private static bool IsServed(string path)
    {
        if (FileIdentity.Of(path) is null)
            return false;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException exception)
        {
            // A full queue belongs to somebody who is alive. Without permission nothing can be said: better not to replace it.
            return exception.SocketErrorCode is SocketError.WouldBlock or SocketError.AccessDenied;
        }
    }

    private static string TemporaryName(string path)
    {
        string directory = System.IO.Path.GetDirectoryName(path)!;
        string name = System.IO.Path.Combine(directory, ".tlspool-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)));
        return Encoding.UTF8.GetByteCount(name) <= SocketConfiguration.MaxPathBytes
            ? name
            : throw new DaemonException($"socket_name {path}: its directory's name is too long for a socket; {SocketConfiguration.MaxPathBytes - 26} bytes are possible");
    }

    private static void Bind(SafeDescriptor socket, string temporary, SocketConfiguration configuration)
    {
        Span<byte> address = stackalloc byte[PathOffset + SocketConfiguration.MaxPathBytes + 1];
        address.Clear();
        BitConverter.TryWriteBytes(address, (ushort)Libc.AF_UNIX);
        int length = Encoding.UTF8.GetBytes(temporary, address[PathOffset..]);
        string path = configuration.Path;
        if (TryBind(socket, address[..(PathOffset + length + 1)], configuration.Mode))
            return;
        throw Libc.LastError switch
        {
            Libc.ENOENT => new DaemonException($"socket_name {path}: its directory does not exist"),
            Libc.EACCES => new DaemonException($"socket_name {path}: no permission to make files in its directory"),
            _ => Failed(path, "cannot bind"),
        };
    }

    /// <summary>
    /// The mask, and no change of mode later: that would follow whatever has the name by then. It counts for the whole process: of two threads
    /// without the lock, one would put back for good what the other has set for a moment.
    /// </summary>
    private static bool TryBind(SafeDescriptor socket, ReadOnlySpan<byte> address, UnixFileMode mode)
    {
        lock (Mask)
        {
            uint before = Libc.umask(0x1FF & ~(uint)mode);
            int result;
            fixed (byte* bytes = address)
                result = Libc.bind(socket.Number, bytes, (uint)address.Length);
            _ = Libc.umask(before);
            return result == 0;
        }
    }

    private static void Own(string temporary, SocketConfiguration configuration)
    {
        uint user = configuration.User.Length == 0 ? uint.MaxValue : Accounts.User(configuration.User).User;
        uint group = configuration.Group.Length == 0 ? uint.MaxValue : Accounts.Group(configuration.Group);
        if ((user != uint.MaxValue || group != uint.MaxValue) && Libc.lchown(temporary, user, group) != 0)
            throw Failed(configuration.Path, "cannot change its owner (socket_user, socket_group)");
    }

    private static int Option(int number, int option)
    {
        int value = -1;
        uint length = sizeof(int);
        return Libc.getsockopt(number, Libc.SOL_SOCKET, option, &value, &length) == 0 ? value : -1;
    }

    private static DaemonException Failed(string path, string what) => new($"socket_name {path}: {what}: {Libc.LastErrorText}");
}
