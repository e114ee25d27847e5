namespace TlsPool.Protocol.IO;

/// <summary>
/// A stream socket for a dialogue of a few messages before it is handed on. Reads never take more than was asked for, so whatever follows
/// is left for the next owner. One reader and one writer at a time; they fail once the socket is closed or released.
/// </summary>
public sealed class LoopSocket : DescriptorHandler, IDisposable
{
    private readonly EventLoop _loop;
    private readonly SafeDescriptor _socket;
    private readonly SemaphoreSlim _readable = new(0);
    private readonly SemaphoreSlim _writable = new(0);
    private bool _registered;
    private int _owned = 1;

    /// <summary>Takes over a connected stream socket.</summary>
    /// <param name="loop">The loop that waits.</param>
    /// <param name="socket">The socket, handed over.</param>
    public LoopSocket(EventLoop loop, SafeDescriptor socket)
    {
        (_loop, _socket) = (loop, socket);
        loop.Post(
            _ =>
            {
                if (_socket.IsClosed || Volatile.Read(ref _owned) == 0)
                    return;
                loop.Register(_socket.Number, this, Readiness.Readable | Readiness.Writable | Readiness.PeerClosed);
                _registered = true;
            },
            this);
    }

    /// <summary>The loop that waits.</summary>
    public EventLoop Loop => _loop;

    /// <summary>The socket, for questions about it.</summary>
    public SafeDescriptor Descriptor => _socket;

    /// <summary>Receives at least one byte; 0 at the end of the stream.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    public Task<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellation) =>
        TransferAsync(_readable, () => SocketCalls.Receive(_socket.Number, buffer.Span), cancellation);

    /// <summary>Looks at what is there without taking it: at least one byte; 0 at the end of the stream.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    public Task<int> PeekAsync(Memory<byte> buffer, CancellationToken cancellation) =>
        TransferAsync(_readable, () => SocketCalls.Peek(_socket.Number, buffer.Span), cancellation);

    /// <summary>Fills a buffer.</summary>
    /// <exception cref="EndOfStreamException">The other side closed before.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public async Task ReceiveExactlyAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        while (buffer.Length > 0)
        {
            int got = await ReceiveAsync(buffer, cancellation).ConfigureAwait(false);
            if (got == 0)
                throw new EndOfStreamException("the other side closed the connection");
            buffer = buffer[got..];
        }
    }

    /// <summary>Receives through the first occurrence of a byte, and nothing behind it.</summary>
    /// <param name="end">The byte that ends the message; it is part of the result.</param>
    /// <param name="limit">Most bytes to accept.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="EndOfStreamException">The other side closed before.</exception>
    /// <exception cref="InvalidDataException">The limit was reached.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public async Task<byte[]> ReceiveThroughAsync(byte end, int limit, CancellationToken cancellation)
    {
        byte[] buffer = new byte[limit];
        int have = 0;
        while (have < limit)
        {
            int seen = await PeekAsync(buffer.AsMemory(have), cancellation).ConfigureAwait(false);
            int at = buffer.AsSpan(have, seen).IndexOf(end);
            if (seen == 0)
                throw new EndOfStreamException("the other side closed the connection");
            int take = at < 0 ? seen : at + 1;
            await ReceiveExactlyAsync(buffer.AsMemory(have, take), cancellation).ConfigureAwait(false);
            have += take;
            if (at >= 0)
                return buffer[..have];
        }
        throw new InvalidDataException($"the other side sent a line of more than {limit} bytes");
    }

    /// <summary>Sends all of a buffer.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    public async Task SendAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellation)
    {
        while (buffer.Length > 0)
        {
            ReadOnlyMemory<byte> rest = buffer;
            int sent = await TransferAsync(_writable, () => SocketCalls.Send(_socket.Number, rest.Span), cancellation).ConfigureAwait(false);
            buffer = buffer[sent..];
        }
    }

    /// <summary>Gives the socket on: it is the caller's, and this object is over.</summary>
    public async Task<SafeDescriptor> ReleaseAsync()
    {
        ObjectDisposedException.ThrowIf(Interlocked.Exchange(ref _owned, 0) == 0, this);
        WakeAll();
        var released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_loop.Post(_ => LeaveLoop(released)))
            await released.Task.ConfigureAwait(false);
        return _socket;
    }

    /// <summary>Closes the socket, unless it was released.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _owned, 0) == 0)
            return;
        WakeAll();
        if (!_loop.Post(_ => Close()))
            _socket.Dispose();
    }

    /// <inheritdoc/>
    protected internal override void OnReady(EventLoop loop, int descriptor, Readiness ready) => WakeAll();

    /// <inheritdoc/>
    protected internal override void OnFault(EventLoop loop, Exception exception) => WakeAll();

    /// <summary>Waiters try again and see for themselves.</summary>
    private void WakeAll()
    {
        Signal(_readable);
        Signal(_writable);
    }

    private static void Signal(SemaphoreSlim gate)
    {
        if (gate.CurrentCount == 0)
            gate.Release();
    }

    private async Task<int> TransferAsync(SemaphoreSlim ready, Func<int> transfer, CancellationToken cancellation)
    {
        while (true)
        {
            // The edge is taken before the attempt: one that comes later is not lost.
            await ready.WaitAsync(TimeSpan.Zero, CancellationToken.None).ConfigureAwait(false);
            int count = Attempt(transfer);
            if (count >= 0)
                return count;
            if (count == SocketCalls.Failed)
                throw new IOException("the connection broke");
            await ready.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Keeps the descriptor open for one call: once it is closed, its number may be another connection's.</summary>
    private int Attempt(Func<int> transfer)
    {
        bool held = false;
        try
        {
            _socket.DangerousAddRef(ref held);
            return Volatile.Read(ref _owned) == 0 ? SocketCalls.Failed : transfer();
        }
        catch (ObjectDisposedException)
        {
            return SocketCalls.Failed;
        }
        finally
        {
            if (held)
                _socket.DangerousRelease();
        }
    }

    private void LeaveLoop(TaskCompletionSource left)
    {
        if (_registered)
            _loop.Unregister(_socket.Number);
        left.SetResult();
    }

    private void Close()
    {
        if (_registered)
            _loop.Unregister(_socket.Number);
        _socket.Dispose();
    }
}
