using System.Threading.Channels;
using TlsPool.Protocol.Frames;

namespace TlsPool.Protocol.Client;

/// <summary>A request that stays open and is answered with one callback after the other: PINENTRY and LIDENTRY_REGISTER.</summary>
internal sealed class CallbackRequest : PendingRequest
{
    /// <summary>The pool asks one thing at a time; more than a few at once are not answered.</summary>
    private const int Capacity = 16;

    private readonly Channel<Frame> _callbacks = Channel.CreateBounded<Frame>(
        new BoundedChannelOptions(Capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    /// <summary>The callbacks; completes with the final response, with an exception if it is an error.</summary>
    internal ChannelReader<Frame> Callbacks => _callbacks.Reader;

    internal override void OnCallback(ClientConnection connection, Frame callback)
    {
        if (!_callbacks.Writer.TryWrite(callback))
            connection.Refuse(callback.RequestId, callback.CallbackId, "one thing at a time, please");
    }

    internal override void OnFinal(Frame response) =>
        _callbacks.Writer.TryComplete(response.Command == Command.Success ? null : Fault(response));

    internal override void OnLost(TlsPoolException reason) => _callbacks.Writer.TryComplete(reason);
}
