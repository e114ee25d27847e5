using System.Security.Cryptography;
using Org.BouncyCastle.Tls.Crypto;

namespace TlsPool.Crypto.Handshakes;

/// <summary>
/// The transcript of a TLS 1.3 handshake up to the client's Finished, from which each authentication after the handshake goes on
/// (RFC 8446 section 4.4). Kept only where both sides want such authentication.
/// </summary>
/// <param name="handshake">The hash so far.</param>
/// <param name="name">Its algorithm.</param>
internal sealed class PostHandshakeTranscript(TlsHash handshake, HashAlgorithmName name)
{
    private TlsHash? _hash;

    /// <summary>Begins again behind the handshake.</summary>
    internal void Begin() => _hash = handshake.CloneHash();

    /// <summary>Adds a message, with header.</summary>
    internal void Add(ReadOnlySpan<byte> message) => _hash!.Update(message);

    /// <summary>What a CertificateVerify of the client signs now (RFC 8446 section 4.4.3).</summary>
    internal byte[] SignedContent() =>
        [.. Enumerable.Repeat((byte)0x20, 64), .. "TLS 1.3, client CertificateVerify"u8, 0, .. _hash!.CloneHash().CalculateHash()];

    /// <summary>The verify_data of a Finished now; the end of this authentication.</summary>
    /// <param name="key">The key, which is cleared.</param>
    internal byte[] End(byte[] key)
    {
        byte[] mac = CryptographicOperations.HmacData(name, key, _hash!.CalculateHash());
        CryptographicOperations.ZeroMemory(key);
        _hash = null;
        return mac;
    }
}
