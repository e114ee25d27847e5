using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using TlsPool.Protocol.Interop;

namespace TlsPool.Protocol.IO;

/// <summary>Makes connections without holding a thread and without a .NET socket around them, so that they can be passed to the pool.</summary>
public static class SocketConnector
{
    /// <summary>Connects a stream socket.</summary>
    /// <param name="loop">The loop that waits.</param>
    /// <param name="address">An <see cref="IPEndPoint"/> or <see cref="UnixDomainSocketEndPoint"/>.</param>
    /// <param name="timeout">Above 0.</param>
    /// <returns>The connected socket; Nagle's delay is off.</returns>
    /// <exception cref="SocketException">Nobody listens there, or not in time.</exception>
    public static Task<SafeDescriptor> ConnectAsync(EventLoop loop, EndPoint address, TimeSpan timeout)
    {
        SafeDescriptor socket = Open(address);
        int error = Begin(socket, address);
        if (error == 0)
            return Task.FromResult(Ready(socket));
        if (error == Libc.EINPROGRESS)
        {
            var attempt = new Attempt(socket);
            return attempt.StartAsync(loop, timeout);
        }
        socket.Dispose();
        return Task.FromException<SafeDescriptor>(Failure(error));
    }

    private static SafeDescriptor Open(EndPoint address)
    {
        int family = address.AddressFamily switch
        {
            AddressFamily.InterNetwork => Libc.AF_INET,
            AddressFamily.InterNetworkV6 => Libc.AF_INET6,
            AddressFamily.Unix => Libc.AF_UNIX,
            _ => throw new ArgumentException($"not an address of IP or UNIX sockets: {address}", nameof(address)),
        };
        int number = Libc.socket(family, Libc.SOCK_STREAM | Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC, 0);
        return number >= 0 ? new SafeDescriptor(number) : throw Failure(Libc.LastError);
    }

    /// <summary>0, or the error number.</summary>
    private static unsafe int Begin(SafeDescriptor socket, EndPoint address)
    {
        SocketAddress name = address.Serialize();
        fixed (byte* bytes = name.Buffer.Span)
        {
            while (Libc.connect(socket.Number, bytes, (uint)name.Size) != 0)
            {
                if (Libc.LastError != Libc.EINTR)
                    return Libc.LastError;
            }
        }
        return 0;
    }

    private static SafeDescriptor Ready(SafeDescriptor socket)
    {
        SocketCalls.DisableDelay(socket.Number);
        return socket;
    }

    // SocketError has no numbers for files, so the text is the kernel's.
    private static SocketException Failure(int error) => new(error switch
    {
        Libc.ECONNREFUSED => (int)SocketError.ConnectionRefused,
        Libc.EAGAIN => (int)SocketError.TryAgain,
        Libc.ENOENT => (int)SocketError.AddressNotAvailable,
        Libc.EACCES => (int)SocketError.AccessDenied,
        Libc.ETIMEDOUT => (int)SocketError.TimedOut,
        Libc.EHOSTUNREACH => (int)SocketError.HostUnreachable,
        Libc.ENETUNREACH => (int)SocketError.NetworkUnreachable,
        Libc.EMFILE or Libc.ENFILE => (int)SocketError.TooManyOpenSockets,
        _ => (int)SocketError.SocketError,
    }, Marshal.GetPInvokeErrorMessage(error));

    private sealed class Attempt(SafeDescriptor socket) : DescriptorHandler
    {
        private readonly TaskCompletionSource<SafeDescriptor> _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private IDisposable? _timer;

        internal Task<SafeDescriptor> StartAsync(EventLoop loop, TimeSpan timeout)
        {
            bool running = loop.Post(
                _ =>
                {
                    _timer = loop.Schedule(timeout, _ => End(loop, Libc.ETIMEDOUT), this);
                    loop.Register(socket.Number, this, Readiness.Writable);
                },
                this);
            if (!running)
                OnFault(loop, new ObjectDisposedException(nameof(EventLoop)));
            return _connected.Task;
        }

        protected internal override void OnReady(EventLoop loop, int descriptor, Readiness ready) => End(loop, Result());

        protected internal override void OnFault(EventLoop loop, Exception exception)
        {
            if (_connected.TrySetException(exception))
                socket.Dispose();
        }

        private unsafe int Result()
        {
            int error = 0;
            uint length = sizeof(int);
            return Libc.getsockopt(socket.Number, Libc.SOL_SOCKET, Libc.SO_ERROR, &error, &length) == 0 ? error : Libc.LastError;
        }

        private void End(EventLoop loop, int error)
        {
            if (_connected.Task.IsCompleted)
                return;
            _timer?.Dispose();
            loop.Unregister(socket.Number);
            if (error == 0)
            {
                _connected.SetResult(Ready(socket));
                return;
            }
            socket.Dispose();
            _connected.SetException(Failure(error));
        }
    }
}
