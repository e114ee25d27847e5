using TlsPool.Protocol.Interop;

namespace TlsPool.Protocol.IO;

/// <summary>Connected UNIX stream sockets.</summary>
public static class SocketPair
{
    /// <summary>Makes a pair.</summary>
    /// <exception cref="IOException">Out of descriptors.</exception>
    public static unsafe (SafeDescriptor First, SafeDescriptor Second) Create()
    {
        int* pair = stackalloc int[2];
        if (Libc.socketpair(Libc.AF_UNIX, Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC, 0, pair) != 0)
            throw new IOException("no descriptors left for a socket pair: raise the limit of open files");
        return (new SafeDescriptor(pair[0]), new SafeDescriptor(pair[1]));
    }
}
