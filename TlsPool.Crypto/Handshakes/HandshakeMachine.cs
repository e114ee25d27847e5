namespace TlsPool.Crypto.Handshakes;

/// <summary>
/// One TLS handshake without any I/O: bytes in, bytes out, questions in between. A question that cannot be answered at once suspends
/// the machine without holding a thread. Not thread safe: the session's loop drives it.
/// </summary>
public sealed class HandshakeMachine : IDisposable
{
    /// <summary>Prepares a handshake.</summary>
    /// <param name="settings">Policy of the engine.</param>
    /// <param name="request">What to do.</param>
    /// <param name="answers">Answers what needs no waiting.</param>
    public HandshakeMachine(HandshakeSettings settings, HandshakeRequest request, IHandshakeAnswers answers) =>
        (_, _, _) = (settings, request, answers);

    /// <summary>The open question in state <see cref="HandshakeStatus.Asking"/>.</summary>
    public HandshakeQuestion? Question => throw new NotSupportedException();

    /// <summary>The outcome in state <see cref="HandshakeStatus.Done"/>; the caller owns it.</summary>
    public HandshakeOutcome? Outcome => throw new NotSupportedException();

    /// <summary>The fault in state <see cref="HandshakeStatus.Failed"/>.</summary>
    public HandshakeFault? Fault => throw new NotSupportedException();

    /// <summary>Starts; a client's ClientHello is in the output then. Call once, first.</summary>
    public HandshakeStatus Start() => throw new NotSupportedException();

    /// <summary>Takes ciphertext of the peer, whole records only.</summary>
    /// <param name="input">Any bytes received so far and not consumed.</param>
    /// <param name="consumed">How many were used. What follows the handshake's last record is left for the record opener.</param>
    public HandshakeStatus Offer(ReadOnlySpan<byte> input, out int consumed) => throw new NotSupportedException();

    /// <summary>Answers the open question and goes on.</summary>
    public HandshakeStatus Answer(HandshakeAnswer answer) => throw new NotSupportedException();

    /// <summary>Moves pending output to a buffer.</summary>
    /// <returns>Bytes written; 0 when there is no more.</returns>
    public int ReadOutput(Span<byte> destination) => throw new NotSupportedException();

    /// <summary>Ends the handshake from this side (timeout, closing): leaves the alert in the output.</summary>
    public void Abort(Records.AlertCode alert) => throw new NotSupportedException();

    /// <summary>Drops everything; clears secrets of an unfinished handshake.</summary>
    public void Dispose() => throw new NotSupportedException();
}
