using TlsPool.Crypto.Keys;

namespace TlsPool.Crypto.Handshakes;

/// <summary>What an authentication after the handshake has shown (TLS 1.3).</summary>
/// <param name="Credential">Client: the local credential that was shown, or null.</param>
/// <param name="PeerChain">Server: the client's DER certificates, its own first; empty if it showed none.</param>
public sealed record PostHandshakeIdentity(Credential? Credential, IReadOnlyList<ReadOnlyMemory<byte>> PeerChain);
