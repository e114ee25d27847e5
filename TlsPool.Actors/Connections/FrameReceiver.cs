using Akka.Actor;
using TlsPool.Actors.Sessions;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.IO;
using TlsPool.Protocol.Transport;

namespace TlsPool.Actors.Connections;

/// <summary>Turns what a connection's loop reads into messages to its actor.</summary>
internal sealed class FrameReceiver(IActorRef connection) : IFrameReceiver
{
    public void OnFrame(FrameConnection transport, ReadOnlySpan<byte> frame, SafeDescriptor? descriptor, bool surplus)
    {
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
}
