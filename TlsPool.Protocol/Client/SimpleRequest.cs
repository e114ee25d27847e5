using TlsPool.Protocol.Frames;

namespace TlsPool.Protocol.Client;

/// <summary>A request that is answered without callbacks. Cancelled or not, its number stays taken until the answer is there.</summary>
internal sealed class SimpleRequest : PendingRequest
{
    private readonly TaskCompletionSource<Frame> _response = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Sends a request and waits for the body of its positive answer.</summary>
    /// <exception cref="TlsPoolException">The pool refused, or was lost.</exception>
    internal static async Task<TBody> AskAsync<TBody>(
        ClientConnection connection, Command command, Message body, CancellationToken cancellation)
        where TBody : Message
    {
        var request = new SimpleRequest();
        connection.Start(request, command, body);
        Frame response = await request._response.Task.WaitAsync(cancellation).ConfigureAwait(false);
        return response.Body as TBody ?? throw Fault(response);
    }

    internal override void OnCallback(ClientConnection connection, Frame callback) =>
        connection.Refuse(callback.RequestId, callback.CallbackId, "this request has no callbacks");

    internal override void OnFinal(Frame response) => _response.TrySetResult(response);

    internal override void OnLost(TlsPoolException reason)
    {
        _response.TrySetException(reason);
        // A cancelled caller does not look any more.
        _ = _response.Task.Exception;
    }
}
