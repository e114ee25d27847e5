using TlsPool.Crypto.Handshakes;

namespace TlsPool.Crypto.Pump;

/// <summary>What a <see cref="SessionPump"/> tells its session. Calls come on the loop's thread and must not block.</summary>
public interface ISessionEvents
{
    /// <summary>Where both sides may have either role: which one is this side's. The first call.</summary>
    void OnRoleDecided(SessionPump pump, TlsRole role)
    {
    }

    /// <summary>The handshake, or a later authentication, needs an answer: <see cref="SessionPump.Answer"/>.</summary>
    void OnQuestion(SessionPump pump, HandshakeQuestion question);

    /// <summary>The handshake is complete: the pump waits for <see cref="SessionPump.Attach"/>.</summary>
    void OnHandshakeDone(SessionPump pump, HandshakeOutcome outcome);

    /// <summary>The handshake failed; its alert was sent and the descriptor closed. The last call.</summary>
    void OnHandshakeFailed(SessionPump pump, HandshakeFault fault);

    /// <summary>The peer asks to renegotiate (TLS 1.2): <see cref="SessionPump.Renegotiate"/> or <see cref="SessionPump.RefuseRenegotiation"/>.</summary>
    void OnRenewalWanted(SessionPump pump);

    /// <summary>A renegotiation is complete: the session goes on with new keys. The taker owns the secrets.</summary>
    void OnRenewed(SessionPump pump, HandshakeOutcome outcome);

    /// <summary>An authentication after the handshake is complete (TLS 1.3): this client has answered, or the peer is known now.</summary>
    void OnAuthenticated(SessionPump pump, PostHandshakeIdentity identity);

    /// <summary>A renegotiation does not take place: the session goes on as it was.</summary>
    /// <param name="pump">The pump.</param>
    /// <param name="refusal">Who did not want it.</param>
    void OnRenewalRefused(SessionPump pump, RenewalRefusal refusal);

    /// <summary>A renegotiation failed; <see cref="OnEnded"/> follows.</summary>
    void OnRenewalFailed(SessionPump pump, HandshakeFault fault);

    /// <summary>The session ended after its handshake; descriptors are closed. The last call.</summary>
    void OnEnded(SessionPump pump, SessionEnd end);
}
