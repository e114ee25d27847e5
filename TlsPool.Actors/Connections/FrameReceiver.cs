using Akka.Actor;
using TlsPool.Actors.Sessions;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.IO;
using TlsPool.Protocol.Transport;

namespace TlsPool.Actors.Connections;

/// <summary>
/// Turns what a connection's loop reads into messages to its actor, a limited number ahead of it: the rest stays in the kernel, where it
/// holds up the application that sends too fast, and nobody else.
/// </summary>
internal sealed class FrameReceiver(IActorRef connection) : IFrameReceiver
{
    /// <summary>Frames that may wait for their actor.</summary>
    internal const int MaxWaiting = 256;

    private const int FewWaiting = MaxWaiting / 2;

    private FrameConnection? _transport;
    private int _waiting;
    private bool _isPaused;

    public void OnFrame(FrameConnection transport, ReadOnlySpan<byte> frame, SafeDescriptor? descriptor, bool surplus)
    {
        _transport = transport;
        if (Interlocked.Increment(ref _waiting) >= MaxWaiting)
        {
            _isPaused = true;
            transport.SetReading(false);
        }
        FrameDecoding decoding = FrameCodec.Decode(frame);
        if (decoding.Frame is { } decoded)
        {
            connection.Tell(new ConnectionProtocol.FrameArrived(decoded, descriptor, surplus), ActorRefs.NoSender);
            return;
        }
        descriptor?.Dispose();
        connection.Tell(
            new ConnectionProtocol.FrameRejected(decoding.RequestId, decoding.CallbackId, new PoolFault(decoding.Error, decoding.Reason)),
            ActorRefs.NoSender);
    }

    public void OnClosed(FrameConnection transport, TransportEnd reason) =>
        connection.Tell(new ConnectionProtocol.TransportEnded(reason), ActorRefs.NoSender);

    /// <summary>True if every frame that has come is done.</summary>
    internal bool IsDone => Volatile.Read(ref _waiting) == 0;

    /// <summary>What the frame at hand asks for is done by somebody else: one more <see cref="Handled"/> will follow.</summary>
    internal void Retain() => Interlocked.Increment(ref _waiting);

    /// <summary>A frame, or what somebody else was asked for its sake, is done.</summary>
    internal void Handled()
    {
        if (Interlocked.Decrement(ref _waiting) == FewWaiting)
            _transport!.Loop.Post(_ => Resume(), _transport);
    }

    private void Resume()
    {
        if (!_isPaused || Volatile.Read(ref _waiting) > FewWaiting)
            return;
        _isPaused = false;
        _transport!.SetReading(true);
    }
}
