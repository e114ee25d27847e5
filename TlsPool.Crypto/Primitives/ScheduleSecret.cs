using System.Security.Cryptography;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;
using TlsPool.Crypto.Interop;
using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Primitives;

/// <summary>
/// A secret of the key schedule, derived natively (a handshake derives about thirty). It knows whether it comes from a
/// resumption PSK: BouncyCastle takes every PSK for an external one; here the label of the binder key becomes <c>res binder</c> (RFC 8446
/// section 7.1).
/// </summary>
internal sealed class ScheduleSecret(EngineCrypto crypto, byte[] data, bool resumption) : BcTlsSecret(crypto, data)
{
    private static ReadOnlySpan<byte> ExternalBinder => "tls13 ext binder"u8;

    private bool IsResumption => resumption;

    /// <summary>The secret is the salt, and is used up.</summary>
    public override TlsSecret HkdfExtract(int cryptoHashAlgorithm, TlsSecret ikm)
    {
        byte[] salt = Extract();
        byte[] key = crypto.Copy(ikm);
        byte[] extracted = Hmac(cryptoHashAlgorithm, salt, key);
        CryptographicOperations.ZeroMemory(salt);
        CryptographicOperations.ZeroMemory(key);
        return new ScheduleSecret(crypto, extracted, resumption: ikm is ScheduleSecret { IsResumption: true });
    }

    public override TlsSecret HkdfExpand(int cryptoHashAlgorithm, byte[] info, int length) =>
        HkdfExpand(cryptoHashAlgorithm, info.AsSpan(), length);

    public override TlsSecret HkdfExpand(int cryptoHashAlgorithm, ReadOnlySpan<byte> info, int length)
    {
        int label = resumption ? info.IndexOf(ExternalBinder) : -1;
        if (label >= 0)
        {
            byte[] renamed = info.ToArray();
            "res"u8.CopyTo(renamed.AsSpan(label + "tls13 ".Length));
            info = renamed;
        }
        byte[] expanded = new byte[length];
        lock (this)
        {
            CheckAlive();
            HkdfExpansion.Expand(HashOf(cryptoHashAlgorithm), m_data, info, expanded);
        }
        return new ScheduleSecret(crypto, expanded, resumption: false);
    }

    public override byte[] CalculateHmac(int cryptoHashAlgorithm, byte[] buf, int off, int len)
    {
        lock (this)
        {
            CheckAlive();
            return Hmac(cryptoHashAlgorithm, m_data, buf.AsSpan(off, len));
        }
    }

    /// <summary>A copy of the bytes.</summary>
    internal byte[] Copy()
    {
        lock (this)
        {
            CheckAlive();
            return m_data.AsSpan().ToArray();
        }
    }

    private static byte[] Hmac(int cryptoHashAlgorithm, byte[] key, ReadOnlySpan<byte> data)
    {
        byte[] result = new byte[TlsCryptoUtilities.GetHashOutputSize(cryptoHashAlgorithm)];
        NativeHmac.Compute(HashOf(cryptoHashAlgorithm), key, data, result);
        return result;
    }

    private static HashAlgorithmName HashOf(int cryptoHashAlgorithm) => cryptoHashAlgorithm switch
    {
        CryptoHashAlgorithm.sha256 => HashAlgorithmName.SHA256,
        CryptoHashAlgorithm.sha384 => HashAlgorithmName.SHA384,
        _ => throw new TlsFatalAlert(AlertDescription.internal_error),
    };
}
