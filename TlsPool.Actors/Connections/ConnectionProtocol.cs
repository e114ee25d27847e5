using System.Threading.Channels;
using Akka.Actor;
using TlsPool.Actors.Sessions;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.IO;
using TlsPool.Protocol.Transport;

namespace TlsPool.Actors.Connections;

/// <summary>Messages to and from a <see cref="ConnectionActor"/>.</summary>
public static class ConnectionProtocol
{
    /// <summary>Ask the application something in the course of a request. Answered by <see cref="CallbackAnswered"/> or <see cref="CallbackRefused"/>.</summary>
    /// <param name="RequestId">The request it belongs to.</param>
    /// <param name="Command">What is asked; the answer has to carry the same command.</param>
    /// <param name="Body">The question.</param>
    /// <param name="Asker">Who gets the answer.</param>
    public sealed record SendCallback(ushort RequestId, Command Command, Message Body, IActorRef Asker);

    /// <summary>The application's answer.</summary>
    /// <param name="Body">Its body.</param>
    /// <param name="Descriptor">The descriptor that came with it, handed over; or null.</param>
    public sealed record CallbackAnswered(Message Body, SafeDescriptor? Descriptor) : ICarriesDescriptor;

    /// <summary>The application refused, answered nonsense or is gone.</summary>
    public sealed record CallbackRefused(PoolFault Fault);

    /// <summary>Whoever asked does not wait any more: an answer that still comes is swallowed.</summary>
    public sealed record WithdrawCallback(IActorRef Asker);

    /// <summary>Go on in another process, if there is nothing to stay for. It is asked again and again, as that may be later.</summary>
    /// <param name="To">Takes connections there.</param>
    internal sealed record Leave(ChannelWriter<MovingConnection> To);

    internal sealed record FrameArrived(Frame Frame, SafeDescriptor? Descriptor, bool Surplus) : ICarriesDescriptor;

    internal sealed record FrameRejected(ushort RequestId, ushort CallbackId, PoolFault Fault);

    internal sealed record TransportEnded(TransportEnd Reason);
}
