using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Pump;

/// <summary>How a session ended.</summary>
/// <param name="Reason">What happened.</param>
/// <param name="Alert">The alert sent or received, if one was.</param>
/// <param name="BytesToPlaintext">Application bytes opened and passed on.</param>
/// <param name="BytesToCiphertext">Application bytes sealed and passed on.</param>
public sealed record SessionEnd(SessionEndReason Reason, AlertCode? Alert, long BytesToPlaintext, long BytesToCiphertext);

/// <summary>Reasons of <see cref="SessionEnd"/>.</summary>
public enum SessionEndReason
{
    /// <summary>Both directions ended with close_notify or end of data.</summary>
    Finished,

    /// <summary>The peer's stream ended without close_notify; the plaintext side was reset.</summary>
    Truncated,

    /// <summary>The peer sent a fatal alert.</summary>
    AlertReceived,

    /// <summary>The peer broke the protocol; an alert was sent.</summary>
    ProtocolError,

    /// <summary>The plaintext side was reset.</summary>
    PlaintextReset,

    /// <summary>The ciphertext side was reset.</summary>
    CiphertextReset,

    /// <summary>The pool closed the session.</summary>
    ClosedHere,
}
