namespace TlsPool.Crypto.Handshakes.Peers;

/// <summary>What the other side's first bytes lead to.</summary>
/// <param name="Machine">The machine that goes on; null if that is open, or the handshake fails.</param>
/// <param name="MustStart">True if it has not been started.</param>
/// <param name="Dropped">Bytes of the input that nobody gets.</param>
/// <param name="Fault">Why the handshake fails; null if it does not.</param>
internal readonly record struct PeerDecision(HandshakeMachine? Machine, bool MustStart, int Dropped, HandshakeFault? Fault)
{
    /// <summary>More is needed.</summary>
    internal static PeerDecision Open => default;

    internal static PeerDecision Fail(HandshakeFault fault) => new(Machine: null, MustStart: false, Dropped: 0, fault);
}
