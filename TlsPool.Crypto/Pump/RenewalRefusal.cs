namespace TlsPool.Crypto.Pump;

/// <summary>Why a session is not renewed, but goes on.</summary>
public enum RenewalRefusal
{
    /// <summary>It is not in a state to be renewed: not established yet, closing, or being renewed.</summary>
    NotNow,

    /// <summary>The peer answered no_renegotiation.</summary>
    ByPeer,

    /// <summary>The client has not offered to authenticate after the handshake (TLS 1.3).</summary>
    NotOffered,

    /// <summary>It was given up before the peer had answered.</summary>
    GivenUp,
}
