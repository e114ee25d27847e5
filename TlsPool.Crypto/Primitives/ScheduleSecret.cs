using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace TlsPool.Crypto.Primitives;

/// <summary>
/// A secret of the TLS 1.3 key schedule that knows whether it comes from a resumption PSK. BouncyCastle takes every PSK for an external
/// one; here the label of the binder key becomes <c>res binder</c> (RFC 8446 section 7.1).
/// </summary>
internal sealed class ScheduleSecret(EngineCrypto crypto, byte[] data, bool resumption) : BcTlsSecret(crypto, data)
{
    private static ReadOnlySpan<byte> ExternalBinder => "tls13 ext binder"u8;

    public override TlsSecret HkdfExtract(int cryptoHashAlgorithm, TlsSecret ikm)
    {
        TlsSecret extracted = base.HkdfExtract(cryptoHashAlgorithm, ikm);
        return ikm is ScheduleSecret { IsResumption: true } && extracted is AbstractTlsSecret
            ? new ScheduleSecret(crypto, extracted.Extract(), resumption: true)
            : extracted;
    }

    public override TlsSecret HkdfExpand(int cryptoHashAlgorithm, byte[] info, int length) =>
        HkdfExpand(cryptoHashAlgorithm, info.AsSpan(), length);

    public override TlsSecret HkdfExpand(int cryptoHashAlgorithm, ReadOnlySpan<byte> info, int length)
    {
        int label = resumption ? info.IndexOf(ExternalBinder) : -1;
        if (label < 0)
            return base.HkdfExpand(cryptoHashAlgorithm, info, length);
        byte[] renamed = info.ToArray();
        "res"u8.CopyTo(renamed.AsSpan(label + "tls13 ".Length));
        return base.HkdfExpand(cryptoHashAlgorithm, renamed.AsSpan(), length);
    }

    private bool IsResumption => resumption;
}
