namespace TlsPool.Crypto.Handshakes.Signing;

/// <summary>What is signed in handshakes.</summary>
public enum HandshakeContentKind
{
    /// <summary>CertificateVerify of a TLS 1.3 server (RFC 8446 section 4.4.3).</summary>
    ServerVerify13,

    /// <summary>CertificateVerify of a TLS 1.3 client, in the handshake or after it (RFC 8446 sections 4.4.3 and 4.6.2).</summary>
    ClientVerify13,

    /// <summary>ServerKeyExchange of a TLS 1.2 server with ECDHE (RFC 8422 section 5.4).</summary>
    ServerKeyExchange12,

    /// <summary>CertificateVerify of a TLS 1.2 client (RFC 5246 section 7.4.8), in a renegotiation too.</summary>
    ClientVerify12,
}
