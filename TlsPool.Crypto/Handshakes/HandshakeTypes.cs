namespace TlsPool.Crypto.Handshakes;

/// <summary>Types of the handshake messages that come after a TLS 1.3 handshake (RFC 8446 section 4).</summary>
internal static class HandshakeTypes
{
    internal const byte NewSessionTicket = 4;
    internal const byte Certificate = 11;
    internal const byte CertificateRequest = 13;
    internal const byte CertificateVerify = 15;
    internal const byte Finished = 20;
    internal const byte KeyUpdate = 24;
}
