using Akka.Actor;
using Akka.Event;
using TlsPool.Actors.Entry;
using TlsPool.Protocol.Frames;

namespace TlsPool.Actors.Connections;

/// <summary>Closes descriptors, and overwrites PINs, in messages whose receiver was gone or did not want them.</summary>
public sealed class StrayDescriptorActor : UntypedActor
{
    /// <inheritdoc/>
    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe<DeadLetter>(Self);
        Context.System.EventStream.Subscribe<UnhandledMessage>(Self);
    }

    /// <inheritdoc/>
    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        object? stray = message switch
        {
            DeadLetter letter => letter.Message,
            UnhandledMessage unhandled => unhandled.Message,
            _ => null,
        };
        (stray as ICarriesDescriptor)?.Descriptor?.Dispose();
        switch (stray)
        {
            case ConnectionProtocol.FrameArrived { Frame.Body: PinEntryMessage frame }:
                frame.ClearPin();
                break;
            case PinProtocol.Answer answer:
                answer.Clear();
                break;
            case PinProtocol.Entered entered:
                entered.Clear();
                break;
        }
    }
}
