using System.Net.Sockets;
using System.Runtime.InteropServices;
using TlsPool.Actors.Interop;

namespace TlsPool.Actors.Hosting.Succession;

/// <summary>Who made or connected the other end of a UNIX socket (SO_PEERCRED).</summary>
internal readonly record struct SocketOwner(uint UserId)
{
    /// <summary>True for root and for the daemon's own user: whoever could send it signals.</summary>
    internal bool MayHandOver => UserId == 0 || UserId == Libc.geteuid();

    /// <summary>The other end of a socket; null if the kernel does not say.</summary>
    internal static SocketOwner? Of(Socket socket)
    {
        Span<int> credentials = stackalloc int[3];
        return socket.GetRawSocketOption(Libc.SOL_SOCKET, Libc.SO_PEERCRED, MemoryMarshal.AsBytes(credentials)) == credentials.Length * sizeof(int)
            ? new SocketOwner((uint)credentials[1])
            : null;
    }
}
