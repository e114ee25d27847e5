using System.Runtime.CompilerServices;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;

namespace TlsPool.Crypto.Handshakes;

/// <summary>The handshake's transcript, which BouncyCastle keeps to itself but resumption needs (RFC 8446 section 7.1).</summary>
internal static class Transcript
{
    /// <summary>The transcript so far with one more message.</summary>
    internal static TlsHash With(TlsProtocol protocol, byte[] message)
    {
        TlsHash hash = HandshakeHash(protocol).ForkPrfHash();
        hash.Update(message, 0, message.Length);
        return hash;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "m_handshakeHash")]
    private static extern ref TlsHandshakeHash HandshakeHash(TlsProtocol protocol);
}
