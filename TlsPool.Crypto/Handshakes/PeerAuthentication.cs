namespace TlsPool.Crypto.Handshakes;

/// <summary>What is asked of the peer's credential (behaviour.md, STARTTLS step 3).</summary>
public enum PeerAuthentication
{
    /// <summary>It has to be shown and to be valid: the default.</summary>
    Demand,

    /// <summary>It is asked for; none is accepted, a bad one is not (REQUEST_REMOTEID).</summary>
    Request,

    /// <summary>It is not asked for, and not judged when it comes all the same (IGNORE_REMOTEID).</summary>
    Ignore,
}
