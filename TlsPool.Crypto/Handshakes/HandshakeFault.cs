using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes;

/// <summary>Why a handshake failed.</summary>
/// <param name="Alert">The alert that was sent or received.</param>
/// <param name="FromPeer">True if the peer sent it.</param>
/// <param name="Reason">For the log and the application; no secret, no bytes of the peer.</param>
public sealed record HandshakeFault(AlertCode Alert, bool FromPeer, string Reason);
