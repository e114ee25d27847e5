using TlsPool.Protocol.Interop;

namespace TlsPool.Protocol.IO;

/// <summary>Accepts connections of one listening stream socket on a loop, in batches. Out of descriptors it refuses instead of spinning.</summary>
public sealed unsafe class SocketListener : DescriptorHandler
{
    private const int Batch = 16;
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(100);

    private readonly EventLoop _loop;
    private readonly SafeDescriptor _socket;
    private readonly Action<SafeDescriptor> _accepted;
    private int _spare;
    private bool _paused;
    private bool _retrying;

    private SocketListener(EventLoop loop, SafeDescriptor socket, Action<SafeDescriptor> accepted) =>
        (_loop, _socket, _accepted, _spare) = (loop, socket, accepted, OpenSpare());

    /// <summary>Starts accepting. Any thread.</summary>
    /// <param name="loop">The loop to use.</param>
    /// <param name="socket">A listening stream socket, handed over.</param>
    /// <param name="accepted">Takes each connection, on the loop's thread.</param>
    public static SocketListener Start(EventLoop loop, SafeDescriptor socket, Action<SafeDescriptor> accepted)
    {
        var listener = new SocketListener(loop, socket, accepted);
        int flags = Libc.fcntl(socket.Number, Libc.F_GETFL, 0);
        _ = Libc.fcntl(socket.Number, Libc.F_SETFL, flags | Libc.O_NONBLOCK);
        loop.Post(listener.Register, listener);
        return listener;
    }

    /// <summary>Stops accepting and closes the listening socket. Any thread.</summary>
    public void Close() => _loop.Post(loop =>
    {
        if (_socket.IsClosed)
            return;
        loop.Unregister(_socket.Number);
        _socket.Dispose();
        if (_spare >= 0)
            _ = Libc.close(_spare);
        _spare = -1;
    });

    /// <summary>Leaves new connections in the kernel's queue, or takes them again. Any thread; a pause on the loop's thread counts at once.</summary>
    public void SetAccepting(bool accepting)
    {
        if (!accepting && _loop.IsCurrent)
        {
            _paused = true;
            return;
        }
        _loop.Post(_ =>
        {
            _paused = !accepting;
            if (accepting)
                Accept();
        }, this);
    }

    /// <inheritdoc/>
    protected internal override void OnReady(EventLoop loop, int descriptor, Readiness ready) => Accept();

    /// <inheritdoc/>
    protected internal override void OnFault(EventLoop loop, Exception exception) => Close();

    private void Register(EventLoop loop)
    {
        if (!_socket.IsClosed)
            loop.Register(_socket.Number, this, Readiness.Readable);
    }

    private void Accept()
    {
        for (int i = 0; i < Batch; i++)
        {
            if (_paused || _socket.IsClosed)
                return;
            int connection = Libc.accept4(_socket.Number, null, null, Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC);
            if (connection >= 0)
            {
                _accepted(new SafeDescriptor(connection));
                continue;
            }
            int error = Libc.LastError;
            if (error is Libc.EINTR or Libc.ECONNABORTED)
                continue;
            if (error is Libc.EMFILE or Libc.ENFILE && Refuse())
                continue;
            if (error != Libc.EAGAIN)
                TryLater();
            return;
        }
        _loop.Post(_ => Accept(), this);
    }

    private void TryLater()
    {
        // Connections that come meanwhile must not add timers of their own.
        if (_retrying)
            return;
        _retrying = true;
        _loop.Schedule(
            Retry,
            _ =>
            {
                _retrying = false;
                Accept();
            },
            this);
    }

    /// <summary>Spends the spare descriptor to take one connection off the queue and close it; false if there is none.</summary>
    private bool Refuse()
    {
        if (_spare < 0 && (_spare = OpenSpare()) < 0)
            return false;
        _ = Libc.close(_spare);
        int connection = Libc.accept4(_socket.Number, null, null, Libc.SOCK_CLOEXEC);
        if (connection >= 0)
            _ = Libc.close(connection);
        _spare = OpenSpare();
        return connection >= 0 && _spare >= 0;
    }

    private static int OpenSpare() => Libc.open("/dev/null", Libc.O_CLOEXEC, 0);
}
