using System.Net;
using System.Net.Sockets;
using TlsPool.Protocol.IO;

namespace TlsPool.Tests.Protocol.Client;

/// <summary>Real descriptors for tests.</summary>
internal static class Descriptors
{
    /// <summary>A connected pair of TCP sockets on the loopback interface.</summary>
    internal static async Task<(Socket Near, Socket Far)> ConnectedAsync()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        var near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await near.ConnectAsync(listener.LocalEndPoint!);
        return (near, await listener.AcceptAsync());
    }

    /// <summary>A .NET socket that owns a descriptor.</summary>
    internal static Socket ToSocket(SafeDescriptor descriptor) => new(new SafeSocketHandle(descriptor.Detach(), ownsHandle: true));
}
