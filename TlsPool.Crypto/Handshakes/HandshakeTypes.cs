namespace TlsPool.Crypto.Handshakes;

/// <summary>Types of handshake messages that this engine reads itself (RFC 5246 section 7.4, RFC 8446 section 4).</summary>
internal static class HandshakeTypes
{
    internal const byte HelloRequest = 0;
    internal const byte ClientHello = 1;
    internal const byte NewSessionTicket = 4;
    internal const byte Certificate = 11;
    internal const byte CertificateRequest = 13;
    internal const byte CertificateVerify = 15;
    internal const byte Finished = 20;
    internal const byte KeyUpdate = 24;
}
