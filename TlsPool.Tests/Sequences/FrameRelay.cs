using System.Net.Sockets;
using TlsPool.Protocol.IO;
using TlsPool.Protocol.Transport;

namespace TlsPool.Tests.Sequences;

/// <summary>
/// A socket before the pool's that writes down every frame of the programs which use it. The pool sees this process as the application.
/// </summary>
internal sealed class FrameRelay : IDisposable
{
    private readonly EventLoop _loop;
    private readonly string _participant;
    private readonly string _pool;
    private readonly Sequence _sequence;
    private readonly Socket _socket;
    private readonly SocketListener _listener;

    /// <summary>Starts listening beside the pool's socket.</summary>
    internal FrameRelay(EventLoop loop, string poolSocket, string participant, Sequence sequence)
    {
        (_loop, _pool, _participant, _sequence) = (loop, poolSocket, participant, sequence);
        Path = $"{poolSocket}.{participant}";
        _socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _socket.Bind(new UnixDomainSocketEndPoint(Path));
        _socket.Listen(8);
        _sequence.Join(participant);
        _listener = SocketListener.Start(loop, SafeDescriptor.DuplicateOf(_socket), Accept);
    }

    /// <summary>The path of the socket.</summary>
    internal string Path { get; }

    public void Dispose()
    {
        _listener.Close();
        // Takes the path away as well.
        _socket.Dispose();
    }

    private void Accept(SafeDescriptor accepted)
    {
        var program = new Side(this, toPool: true);
        var pool = new Side(this, toPool: false) { Other = FrameConnection.Start(_loop, accepted, program) };
        program.Other = FrameConnection.Connect(_loop, _pool, pool);
    }

    /// <summary>Takes the frames of one direction. All on the loop's thread.</summary>
    private sealed class Side(FrameRelay relay, bool toPool) : IFrameReceiver
    {
        internal FrameConnection Other { get; set; } = null!;

        public void OnFrame(FrameConnection connection, ReadOnlySpan<byte> frame, SafeDescriptor? descriptor, bool surplus)
        {
            relay._sequence.Frame(relay._participant, toPool, frame, descriptor is not null);
            Other.Send(frame, descriptor);
        }

        public void OnClosed(FrameConnection connection, TransportEnd reason)
        {
            if (reason != TransportEnd.ClosedHere)
                relay._sequence.Closed(relay._participant, byPool: !toPool);
            Other.Close();
        }
    }
}
