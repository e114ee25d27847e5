using TlsPool.Protocol.Frames;

namespace TlsPool.Protocol.Client;

/// <summary>A request whose final response is outstanding. All calls come on the connection's loop thread and must not block.</summary>
internal abstract class PendingRequest
{
    /// <summary>The pool asks something within this request.</summary>
    internal abstract void OnCallback(ClientConnection connection, Frame callback);

    /// <summary>The final response; the request is off the connection's table already.</summary>
    internal abstract void OnFinal(Frame response);

    /// <summary>There will be no response; may come from any thread, and after the final response.</summary>
    internal abstract void OnLost(TlsPoolException reason);

    /// <summary>What a final response says that is not the one hoped for.</summary>
    internal static TlsPoolException Fault(Frame response, Exception? cause = null) => response.Body is ErrorMessage error
        ? new TlsPoolException(error.Code, error.Text, cause)
        : new TlsPoolException(PoolError.CommandNotImplemented, $"the pool sent an unexpected {response.Command} in answer", cause);
}
