using Org.BouncyCastle.Security;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;
using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Primitives;

/// <summary>
/// BouncyCastle's primitives with the slow ones replaced: record ciphers, key agreement and signature checks are native. One per run of a
/// handshake; every random choice goes over the tape.
/// </summary>
internal sealed class EngineCrypto : BcTlsCrypto
{
    private readonly HandshakeTape _tape;
    private readonly TapedRandom _random;

    internal EngineCrypto(HandshakeTape tape)
        : this(tape, new TapedRandom(tape))
    {
    }

    // The base class would seed a generator of its own for each handshake.
    private EngineCrypto(HandshakeTape tape, TapedRandom random)
        : base(random.AsSecureRandom()) => (_tape, _random) = (tape, random);

    /// <summary>Called with each new cipher; the last one protects application data.</summary>
    internal Action<TlsCryptoParameters, HandshakeCipher?>? CipherMade { get; set; }

    /// <summary>The group used last; in TLS 1.2 BouncyCastle does not say which one it was. 0 if none.</summary>
    internal int LastGroup { get; private set; }

    public override TlsNonceGenerator CreateNonceGenerator(byte[] additionalSeedMaterial) => _random;

    public override TlsNonceGenerator CreateNonceGenerator(ReadOnlySpan<byte> additionalSeedMaterial) => _random;

    public override TlsCipher CreateCipher(TlsCryptoParameters cryptoParams, int encryptionAlgorithm, int macAlgorithm)
    {
        HandshakeCipher? native = encryptionAlgorithm switch
        {
            EncryptionAlgorithm.AES_128_GCM => new HandshakeCipher(this, cryptoParams, BulkCipher.AesGcm, 16),
            EncryptionAlgorithm.AES_256_GCM => new HandshakeCipher(this, cryptoParams, BulkCipher.AesGcm, 32),
            EncryptionAlgorithm.CHACHA20_POLY1305 => new HandshakeCipher(this, cryptoParams, BulkCipher.ChaCha20Poly1305, 32),
            _ => null,
        };
        CipherMade?.Invoke(cryptoParams, native);
        return native ?? base.CreateCipher(cryptoParams, encryptionAlgorithm, macAlgorithm);
    }

    public override TlsHash CreateHash(int cryptoHashAlgorithm) => new EngineHash(CreateDigest(cryptoHashAlgorithm));

    public override TlsECDomain CreateECDomain(TlsECConfig ecConfig)
    {
        LastGroup = ecConfig.NamedGroup;
        return new Domain(this, EcFactory(ecConfig));
    }

    public override TlsKemDomain CreateKemDomain(TlsKemConfig kemConfig) => new Domain(this, () => base.CreateKemDomain(kemConfig).CreateKem());

    public override TlsDHDomain CreateDHDomain(TlsDHConfig dhConfig) => new Domain(this, () => base.CreateDHDomain(dhConfig).CreateDH());

    public override TlsCertificate CreateCertificate(short type, byte[] encoding) =>
        type == CertificateType.X509 ? new NativeCertificate(this, encoding) : base.CreateCertificate(type, encoding);

    public override TlsSecret CreateSecret(byte[] data) => new ScheduleSecret(this, data, resumption: false);

    /// <summary>A copy of a secret's bytes; the secret stays as it is.</summary>
    internal byte[] Copy(TlsSecret secret) => secret is ScheduleSecret own ? own.Copy() : AdoptSecret(secret).Extract();

    public override TlsSecret HkdfInit(int cryptoHashAlgorithm) =>
        new ScheduleSecret(this, new byte[TlsCryptoUtilities.GetHashOutputSize(cryptoHashAlgorithm)], resumption: false);

    private Func<TlsAgreement> EcFactory(TlsECConfig config) =>
        EvpAgreement.Serves(config.NamedGroup)
            ? () => new EvpAgreement(this, config.NamedGroup)
            : () => base.CreateECDomain(config).CreateECDH();

    private sealed class Domain(EngineCrypto crypto, Func<TlsAgreement> make) : TlsECDomain, TlsKemDomain, TlsDHDomain
    {
        public TlsAgreement CreateECDH() => crypto._tape.NextAgreement(crypto, make);

        public TlsAgreement CreateKem() => crypto._tape.NextAgreement(crypto, make);

        public TlsAgreement CreateDH() => crypto._tape.NextAgreement(crypto, make);
    }
}
