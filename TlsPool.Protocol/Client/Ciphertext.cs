using System.Net.Sockets;
using TlsPool.Protocol.Interop;
using TlsPool.Protocol.IO;

namespace TlsPool.Protocol.Client;

/// <summary>The network side of a session on its way to the pool.</summary>
internal static class Ciphertext
{
    /// <summary>Takes over a .NET socket, which is disposed: it would go on changing the mode of the shared description.</summary>
    internal static SafeDescriptor Take(Socket socket)
    {
        using (socket)
            return SafeDescriptor.DuplicateOf(socket);
    }

    /// <summary>Ends a connection that the pool has its own descriptor of: its handshake fails at once.</summary>
    internal static void Abort(SafeDescriptor descriptor)
    {
        _ = Libc.shutdown(descriptor.Number, Libc.SHUT_RDWR);
        descriptor.Dispose();
    }
}
