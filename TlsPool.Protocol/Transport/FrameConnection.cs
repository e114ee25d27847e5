using System.Net.Sockets;
using System.Security.Cryptography;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.Interop;
using TlsPool.Protocol.IO;

namespace TlsPool.Protocol.Transport;

/// <summary>
/// Frames and descriptors over one connected UNIX stream socket, on an <see cref="EventLoop"/>. Used by the daemon, the client
/// library and the tunnel alike. Each received descriptor is bound to the frame whose bytes it came with.
/// </summary>
public sealed partial class FrameConnection : DescriptorHandler
{
    /// <summary>Bytes that may wait for a peer that does not read.</summary>
    public const int OutputLimit = 4 << 20;

    /// <summary>Frames handled before other descriptors of the loop get their turn.</summary>
    private const int FramesPerRound = 16;

    private const Readiness Interest = Readiness.Readable | Readiness.Writable | Readiness.PeerClosed;
    private static readonly TimeSpan FlushLimit = TimeSpan.FromSeconds(5);

    private readonly Lock _sending = new();
    private readonly SafeDescriptor _socket;
    private readonly IFrameReceiver _receiver;
    // Pinned, as the garbage collector would leave copies of a PIN behind when it moves an array.
    private readonly byte[] _frame = GC.AllocateArray<byte>(Frame.Size, pinned: true);
    private readonly FrameQueue _queue = new(OutputLimit);
    private bool _pausesForOutput;
    private volatile bool _isBlocked;
    private int _received;
    private SafeDescriptor? _descriptor;
    private bool _surplus;
    private bool _reading = true;
    private bool _told;
    private bool _closing;

    private FrameConnection(EventLoop loop, SafeDescriptor socket, IFrameReceiver receiver, bool pausesForOutput)
    {
        Loop = loop;
        _socket = socket;
        _receiver = receiver;
        _pausesForOutput = pausesForOutput;
        Peer = PeerCredentials.OfPeer(socket.Number);
    }

    /// <summary>Who is at the other end.</summary>
    public PeerCredentials Peer { get; }

    /// <summary>The loop that serves this connection.</summary>
    public EventLoop Loop { get; }

    /// <summary>Wraps a connected socket, registers it with the loop and starts reading. Any thread.</summary>
    /// <param name="loop">The loop that will serve it.</param>
    /// <param name="socket">The socket, now owned by the connection.</param>
    /// <param name="receiver">Takes the frames.</param>
    /// <param name="pausesForOutput">
    /// Reads nothing while output waits, so that a peer which only asks and never listens is not worked for. One side of a connection may
    /// do so; if both did, they could wait for each other.
    /// </param>
    public static FrameConnection Start(EventLoop loop, SafeDescriptor socket, IFrameReceiver receiver, bool pausesForOutput = false)
    {
        var connection = new FrameConnection(loop, socket, receiver, pausesForOutput);
        if (!loop.Post(connection.Register, connection))
            connection.Shut();
        return connection;
    }

    /// <summary>Connects to a pool's socket.</summary>
    /// <exception cref="SocketException">Nobody listens there, or access is denied.</exception>
    public static FrameConnection Connect(EventLoop loop, string path, IFrameReceiver receiver)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path));
        // A .NET socket closes its own descriptor, so the connection gets a duplicate.
        int number = Libc.fcntl((int)socket.Handle, Libc.F_DUPFD_CLOEXEC, 0);
        return number < 0
            ? throw new SocketException(Libc.LastError)
            : Start(loop, new SafeDescriptor(number), receiver);
    }

    /// <summary>A second descriptor of the socket: the other end sees no end of the connection before both are closed.</summary>
    /// <exception cref="IOException">Out of descriptors.</exception>
    public SafeDescriptor Duplicate() => _socket.Duplicate();

    /// <summary>
    /// Sends one frame; what the socket does not take is queued, in order, up to <see cref="OutputLimit"/>, which ends the connection.
    /// Any thread. The descriptor is closed here when it has been sent or has become unsendable.
    /// </summary>
    /// <param name="frame">388 bytes; copied if need be.</param>
    /// <param name="descriptor">A descriptor to pass along, or null.</param>
    /// <returns>False if the connection has ended.</returns>
    public bool Send(ReadOnlySpan<byte> frame, SafeDescriptor? descriptor = null)
    {
        TransportEnd end;
        lock (_sending)
        {
            if (_closing)
            {
                descriptor?.Dispose();
                return false;
            }
            int sent = _queue.IsEmpty ? DescriptorMessage.Send(_socket.Number, frame, descriptor) : SocketCalls.WouldBlock;
            if (sent == frame.Length)
            {
                descriptor?.Dispose();
                return true;
            }
            if (sent > 0)
            {
                descriptor?.Dispose();
                descriptor = null;
            }
            if (sent != SocketCalls.Failed && _queue.TryAdd(frame[Math.Max(sent, 0)..], descriptor))
            {
                _isBlocked = true;
                return true;
            }
            descriptor?.Dispose();
            end = sent == SocketCalls.Failed ? TransportEnd.Failed : TransportEnd.OutputLimit;
        }
        Loop.Post(_ => End(end), this);
        return false;
    }

    /// <summary>Stops or restarts reading: back-pressure. Any thread.</summary>
    public void SetReading(bool enabled)
    {
        if (Loop.IsCurrent)
            SetReadingNow(enabled);
        else
            Loop.Post(_ => SetReadingNow(enabled), this);
    }

    /// <summary>
    /// Closes the socket once what is queued has been sent, at most 5 s later. <see cref="IFrameReceiver.OnClosed"/> follows on the loop
    /// unless it came before. Any thread.
    /// </summary>
    public void Close()
    {
        if (!Loop.Post(_ => CloseWhenFlushed(), this))
            Shut();
    }

    /// <inheritdoc/>
    protected internal override void OnReady(EventLoop loop, int descriptor, Readiness ready)
    {
        // A peer that is gone takes no output: what it sent before is read, and then its end.
        if ((ready & (Readiness.HangUp | Readiness.Error)) != 0)
            _pausesForOutput = false;
        if (ready.HasFlag(Readiness.Writable))
            Flush();
        if ((ready & ~Readiness.Writable) != 0 || _pausesForOutput)
            Read();
    }

    /// <inheritdoc/>
    protected internal override void OnFault(EventLoop loop, Exception exception) => End(TransportEnd.Failed);

    private void Register(EventLoop loop)
    {
        if (!_socket.IsClosed)
            loop.Register(_socket.Number, this, Interest);
    }

    private void SetReadingNow(bool enabled)
    {
        _reading = enabled;
        if (enabled)
            Read();
    }

    private void Read()
    {
        for (int frames = 0; frames < FramesPerRound;)
        {
            if (!_reading || _held || _told || _socket.IsClosed || (_pausesForOutput && _isBlocked))
                return;
            // Never past the frame at hand: so a descriptor can only belong to it.
            DescriptorMessage.Received received = DescriptorMessage.Receive(_socket.Number, _frame.AsSpan(_received));
            Keep(received);
            if (received.Truncated)
            {
                End(TransportEnd.DescriptorsTruncated);
                return;
            }
            switch (received.Bytes)
            {
                case SocketCalls.WouldBlock:
                    return;
                case SocketCalls.Failed:
                    End(TransportEnd.Failed);
                    return;
                case 0:
                    Tell(_received == 0 ? TransportEnd.ClosedByPeer : TransportEnd.TruncatedFrame);
                    return;
            }
            _received += received.Bytes;
            if (_received < Frame.Size)
                continue;
            Deliver();
            frames++;
        }
        Loop.Post(_ => Read(), this);
    }

    private void Keep(DescriptorMessage.Received received)
    {
        _surplus |= received.Surplus;
        if (received.Descriptor is null)
            return;
        if (_descriptor is null)
        {
            _descriptor = received.Descriptor;
            return;
        }
        _surplus = true;
        received.Descriptor.Dispose();
    }

    private void Deliver()
    {
        (SafeDescriptor? descriptor, bool surplus) = (_descriptor, _surplus);
        (_received, _descriptor, _surplus) = (0, null, false);
        try
        {
            _receiver.OnFrame(this, _frame, descriptor, surplus);
        }
        finally
        {
            // It may have held a PIN.
            CryptographicOperations.ZeroMemory(_frame);
        }
    }

    private void Flush()
    {
        bool failed;
        bool done;
        lock (_sending)
        {
            failed = !_socket.IsClosed && !_queue.Flush(_socket.Number);
            _isBlocked = !_queue.IsEmpty;
            done = _closing && _queue.IsEmpty;
        }
        if (failed)
            End(TransportEnd.Failed);
        else if (done)
            Shut();
    }

    private void CloseWhenFlushed()
    {
        bool empty;
        lock (_sending)
        {
            _closing = true;
            empty = _queue.IsEmpty;
        }
        Tell(TransportEnd.ClosedHere);
        if (empty)
            Shut();
        else
            Loop.Schedule(FlushLimit, _ => Shut(), this);
    }

    private void End(TransportEnd reason)
    {
        Shut();
        Tell(reason);
    }

    private void Tell(TransportEnd reason)
    {
        if (_told)
            return;
        _told = true;
        _descriptor?.Dispose();
        _descriptor = null;
        _receiver.OnClosed(this, reason);
    }

    private void Shut()
    {
        lock (_sending)
        {
            _closing = true;
            _queue.Clear();
            if (_socket.IsClosed)
                return;
            if (Loop.IsCurrent)
                Loop.Unregister(_socket.Number);
            _socket.Dispose();
        }
        _descriptor?.Dispose();
        _descriptor = null;
    }
}
