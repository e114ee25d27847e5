using System.IO.Pipes;
using System.Net;
using System.Net.Sockets;
using TlsPool.Protocol.Interop;
using TlsPool.Protocol.IO;

namespace TlsPool.Tests.Scenarios;

/// <summary>One descriptor of every kind that an application might pass by mistake or on purpose.</summary>
internal sealed class PassedDescriptors : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    /// <summary>Kinds that are no connected stream socket.</summary>
    internal static IReadOnlyList<string> Unusable { get; } =
    [
        "file", "directory", "device", "pipe", "epoll", "event", "listening", "listening-unix", "datagram", "datagram-unix", "packets", "unconnected",
    ];

    internal int Make(string kind, string unixPath) => kind switch
    {
        "file" => Own(File.OpenHandle("/etc/passwd")),
        "directory" => Own(new SafeDescriptor(Libc.open("/tmp", Libc.O_CLOEXEC, 0))),
        "device" => Own(File.OpenHandle("/dev/zero")),
        "pipe" => Own(new AnonymousPipeServerStream(PipeDirection.Out).SafePipeHandle),
        "epoll" => Own(new SafeDescriptor(Libc.epoll_create1(Libc.EPOLL_CLOEXEC))),
        "event" => Own(new SafeDescriptor(Libc.eventfd(0, Libc.EFD_CLOEXEC))),
        "listening" => Own(Bound(AddressFamily.InterNetwork, SocketType.Stream, new IPEndPoint(IPAddress.Loopback, 0), listen: true)),
        "listening-unix" => Own(Bound(AddressFamily.Unix, SocketType.Stream, new UnixDomainSocketEndPoint(unixPath), listen: true)),
        "datagram" => Own(Bound(AddressFamily.InterNetwork, SocketType.Dgram, new IPEndPoint(IPAddress.Loopback, 0), listen: false)),
        "datagram-unix" => Own(new SafeDescriptor(UnixPair(type: 2))),
        "packets" => Own(new SafeDescriptor(UnixPair(type: 5))),
        "unconnected" => Own(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    public void Dispose() => _owned.ForEach(one => one.Dispose());

    private static Socket Bound(AddressFamily family, SocketType type, EndPoint address, bool listen)
    {
        var socket = new Socket(family, type, ProtocolType.Unspecified);
        socket.Bind(address);
        if (listen)
            socket.Listen();
        return socket;
    }

    private unsafe int UnixPair(int type)
    {
        int* pair = stackalloc int[2];
        if (Libc.socketpair(Libc.AF_UNIX, type | Libc.SOCK_CLOEXEC, 0, pair) != 0)
            throw new SocketException(Libc.LastError);
        Own(new SafeDescriptor(pair[1]));
        return pair[0];
    }

    private int Own(System.Runtime.InteropServices.SafeHandle handle)
    {
        _owned.Add(handle);
        return (int)handle.DangerousGetHandle();
    }

    private int Own(Socket socket)
    {
        _owned.Add(socket);
        return (int)socket.Handle;
    }
}
