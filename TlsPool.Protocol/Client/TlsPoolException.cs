using TlsPool.Protocol.Frames;

namespace TlsPool.Protocol.Client;

/// <summary>The pool refused a request, or could not be asked.</summary>
public sealed class TlsPoolException : IOException
{
    /// <summary>An error without a text of its own.</summary>
    public TlsPoolException()
        : this(PoolError.ClientDisconnect)
    {
    }

    /// <summary>A lost connection, in other words.</summary>
    /// <param name="message">What happened.</param>
    public TlsPoolException(string message)
        : this(PoolError.ClientDisconnect, message)
    {
    }

    /// <summary>A lost connection, in other words.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">Why.</param>
    public TlsPoolException(string message, Exception innerException)
        : this(PoolError.ClientDisconnect, message, innerException)
    {
    }

    /// <summary>An error of the pool.</summary>
    /// <param name="error">Its number.</param>
    /// <param name="message">The pool's text; null for the standard one.</param>
    /// <param name="innerException">What caused it on this side, for example an exception from a callback.</param>
    public TlsPoolException(PoolError error, string? message = null, Exception? innerException = null)
        : base(string.IsNullOrEmpty(message) ? PoolErrorText.Describe(error) : message, innerException) => Error = error;

    /// <summary>
    /// The protocol's number (wire-format.md, "Error codes"). <see cref="PoolError.ClientDisconnect"/> means that the connection to
    /// the pool was lost or could not be made: the request may be made again.
    /// </summary>
    public PoolError Error { get; }
}
