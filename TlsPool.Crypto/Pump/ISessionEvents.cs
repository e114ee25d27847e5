using TlsPool.Crypto.Handshakes;

namespace TlsPool.Crypto.Pump;

/// <summary>What a <see cref="SessionPump"/> tells its session. Calls come on the loop's thread and must not block.</summary>
public interface ISessionEvents
{
    /// <summary>The handshake needs an answer: <see cref="SessionPump.Answer"/>.</summary>
    void OnQuestion(SessionPump pump, HandshakeQuestion question);

    /// <summary>The handshake is complete: the pump waits for <see cref="SessionPump.Attach"/>.</summary>
    void OnHandshakeDone(SessionPump pump, HandshakeOutcome outcome);

    /// <summary>The handshake failed; its alert was sent and the descriptor closed. The last call.</summary>
    void OnHandshakeFailed(SessionPump pump, HandshakeFault fault);

    /// <summary>The session ended after its handshake; descriptors are closed. The last call.</summary>
    void OnEnded(SessionPump pump, SessionEnd end);
}
