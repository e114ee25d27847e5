using System.Net;
using TlsPool.Protocol.Interop;

namespace TlsPool.Protocol.IO;

/// <summary>What a descriptor really is.</summary>
/// <param name="IsSocket">False for files, pipes and the like; everything else is false then.</param>
/// <param name="IsStream">SOCK_STREAM.</param>
/// <param name="IsListening">It accepts connections.</param>
/// <param name="IsConnected">It has a peer.</param>
public readonly record struct SocketKind(bool IsSocket, bool IsStream, bool IsListening, bool IsConnected)
{
    private const int MaxAddress = 128;

    /// <summary>Asks the kernel.</summary>
    public static unsafe SocketKind Inspect(SafeDescriptor descriptor)
    {
        int type = Option(descriptor.Number, Libc.SO_TYPE);
        if (type < 0)
            return default;
        byte* address = stackalloc byte[MaxAddress];
        uint length = MaxAddress;
        return new SocketKind(
            IsSocket: true,
            IsStream: type == Libc.SOCK_STREAM,
            IsListening: Option(descriptor.Number, Libc.SO_ACCEPTCONN) > 0,
            IsConnected: Libc.getpeername(descriptor.Number, address, &length) == 0);
    }

    /// <summary>The kernel's number of a socket, which all descriptors of it share; 0 if this is no socket.</summary>
    public static unsafe ulong Cookie(SafeDescriptor descriptor)
    {
        ulong cookie = 0;
        uint length = sizeof(ulong);
        return Libc.getsockopt(descriptor.Number, Libc.SOL_SOCKET, Libc.SO_COOKIE, &cookie, &length) == 0 ? cookie : 0;
    }

    /// <summary>The internet address and port of a socket's peer as text; null for other families.</summary>
    public static string? PeerAddress(SafeDescriptor descriptor) => PeerEndPoint(descriptor)?.ToString();

    /// <summary>The internet address and port of a socket's peer; null for other families.</summary>
    public static unsafe IPEndPoint? PeerEndPoint(SafeDescriptor descriptor)
    {
        byte* address = stackalloc byte[MaxAddress];
        uint length = MaxAddress;
        return Libc.getpeername(descriptor.Number, address, &length) == 0 ? Read(address, length) : null;
    }

    /// <summary>The internet address and port of a socket itself; null for other families.</summary>
    public static unsafe IPEndPoint? LocalEndPoint(SafeDescriptor descriptor)
    {
        byte* address = stackalloc byte[MaxAddress];
        uint length = MaxAddress;
        return Libc.getsockname(descriptor.Number, address, &length) == 0 ? Read(address, length) : null;
    }

    private static unsafe IPEndPoint? Read(byte* address, uint length)
    {
        var bytes = new ReadOnlySpan<byte>(address, (int)Math.Min(length, MaxAddress));
        int port = bytes.Length < 8 ? 0 : (bytes[2] << 8) | bytes[3];
        return bytes.Length < 8 ? null : *(ushort*)address switch
        {
            Libc.AF_INET => new IPEndPoint(new IPAddress(bytes.Slice(4, 4)), port),
            Libc.AF_INET6 when bytes.Length >= 24 => new IPEndPoint(new IPAddress(bytes.Slice(8, 16)), port),
            _ => null,
        };
    }

    private static unsafe int Option(int socket, int name)
    {
        int value = 0;
        uint length = sizeof(int);
        return Libc.getsockopt(socket, Libc.SOL_SOCKET, name, &value, &length) == 0 ? value : -1;
    }
}
