using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes;

/// <summary>Policy of the engine, shared by all handshakes until the next reload. Lists are in order of preference (IANA numbers).</summary>
public sealed record HandshakeSettings
{
    /// <summary>Lowest version spoken.</summary>
    public TlsVersion MinVersion { get; init; } = TlsVersion.Tls12;

    /// <summary>Highest version spoken.</summary>
    public TlsVersion MaxVersion { get; init; } = TlsVersion.Tls13;

    /// <summary>Cipher suites of TLS 1.3 and 1.2 together; null for the engine's default: forward-secret AEAD only.</summary>
    public IReadOnlyList<int>? CipherSuites { get; init; }

    /// <summary>Groups; null for X25519MLKEM768, x25519, P-256, P-384.</summary>
    public IReadOnlyList<int>? Groups { get; init; }

    /// <summary>Signature schemes accepted from the peer; null for ECDSA, Ed25519, RSA-PSS, ML-DSA, and RSA PKCS#1 in 1.2.</summary>
    public IReadOnlyList<int>? SignatureSchemes { get; init; }

    /// <summary>Keys that protect session tickets of servers; null issues and accepts none.</summary>
    public ITicketProtector? Tickets { get; init; }

    /// <summary>Where clients keep sessions to resume; null keeps none.</summary>
    public IClientSessionStore? ClientSessions { get; init; }

    /// <summary>Key log (SSLKEYLOGFILE format); null unless the operator asked for it.</summary>
    public IKeyLog? KeyLog { get; init; }
}
