namespace TlsPool.Crypto.Handshakes;

/// <summary>Where a <see cref="HandshakeMachine"/> stands.</summary>
public enum HandshakeStatus
{
    /// <summary>More bytes of the peer are needed. Output may be waiting.</summary>
    NeedInput,

    /// <summary>A question is open; input is not consumed until it is answered. Output may be waiting.</summary>
    Asking,

    /// <summary>Complete; the outcome is there. Output may be waiting.</summary>
    Done,

    /// <summary>Failed; the fault is there, and its alert is in the output.</summary>
    Failed,
}
