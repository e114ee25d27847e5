namespace TlsPool.Crypto.Handshakes;

/// <summary>A CertificateRequest after the handshake.</summary>
/// <param name="Context">Names it.</param>
/// <param name="Schemes">Signature schemes the server accepts (IANA numbers).</param>
/// <param name="Authorities">DER names of the issuers it accepts; empty if it does not say.</param>
/// <param name="Message">The message as it came, with header.</param>
internal sealed record PostHandshakeRequest(byte[] Context, IReadOnlyList<int> Schemes, IReadOnlyList<ReadOnlyMemory<byte>> Authorities, byte[] Message);
