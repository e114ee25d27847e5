using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Asn1.Pkcs;
using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace TlsPool.Crypto.Primitives;

/// <summary>
/// A certificate whose RSA and ECDSA signatures are checked by the platform. BouncyCastle never gets to parse an RSA key: it tests the
/// modulus for primality each time, which costs milliseconds that a hostile peer could ask for.
/// </summary>
internal sealed class NativeCertificate : BcTlsCertificate
{
    private readonly byte[] _encoding;

    internal NativeCertificate(EngineCrypto crypto, byte[] encoding)
        : base(crypto, encoding) => _encoding = encoding;

    private DerObjectIdentifier Algorithm => m_keyInfo.Algorithm.Algorithm;

    private bool IsRsa => Algorithm.Equals(PkcsObjectIdentifiers.RsaEncryption);

    private bool IsEc => Algorithm.Equals(X9ObjectIdentifiers.IdECPublicKey);

    public override byte[] GetEncoded() => _encoding;

    public override RsaKeyParameters GetPubKeyRsa() => throw new TlsFatalAlert(AlertDescription.unsupported_certificate);

    public override short GetLegacySignatureAlgorithm() =>
        IsRsa ? SignatureAlgorithm.rsa : IsEc ? SignatureAlgorithm.ecdsa : base.GetLegacySignatureAlgorithm();

    public override Tls13Verifier CreateVerifier(int signatureScheme)
    {
        bool fits = signatureScheme switch
        {
            SignatureScheme.ecdsa_secp256r1_sha256 or SignatureScheme.ecdsa_secp384r1_sha384 or SignatureScheme.ecdsa_secp521r1_sha512 => IsEc,
            SignatureScheme.rsa_pss_rsae_sha256 or SignatureScheme.rsa_pss_rsae_sha384 or SignatureScheme.rsa_pss_rsae_sha512 => IsRsa,
            _ => false,
        };
        if (!fits)
            return IsRsa || IsEc ? throw new TlsFatalAlert(AlertDescription.illegal_parameter) : base.CreateVerifier(signatureScheme);
        ValidateKeyUsage(KeyUsage.DigitalSignature);
        return new NativeVerifier(m_keyInfo.GetEncoded(), signatureScheme);
    }

    public override TlsVerifier CreateVerifier(short signatureAlgorithm)
    {
        bool fits = signatureAlgorithm switch
        {
            SignatureAlgorithm.ecdsa => IsEc,
            SignatureAlgorithm.rsa or SignatureAlgorithm.rsa_pss_rsae_sha256 or SignatureAlgorithm.rsa_pss_rsae_sha384
                or SignatureAlgorithm.rsa_pss_rsae_sha512 => IsRsa,
            _ => false,
        };
        if (!fits)
            return IsRsa || IsEc ? throw new TlsFatalAlert(AlertDescription.illegal_parameter) : base.CreateVerifier(signatureAlgorithm);
        ValidateKeyUsage(KeyUsage.DigitalSignature);
        return new NativeVerifier(m_keyInfo.GetEncoded(), scheme: 0);
    }

    /// <summary>Checks a signature of either version of TLS by its scheme: a version's own rules are the caller's.</summary>
    /// <exception cref="TlsFatalAlert">The key does not go with the scheme, or may not sign.</exception>
    internal bool Verifies(int scheme, ReadOnlySpan<byte> content, byte[] signature)
    {
        // TLS 1.3 has no PKCS#1 signatures in its handshake, so that the verifier for it takes none.
        bool isPkcs1 = scheme is SignatureScheme.rsa_pkcs1_sha256 or SignatureScheme.rsa_pkcs1_sha384 or SignatureScheme.rsa_pkcs1_sha512;
        Tls13Verifier verifier = isPkcs1 && IsRsa ? new NativeVerifier(m_keyInfo.GetEncoded(), scheme) : CreateVerifier(scheme);
        verifier.Stream.Write(content);
        return verifier.VerifySignature(signature);
    }

    protected override bool SupportsSignatureAlgorithm(short signatureAlgorithm, int keyUsage)
    {
        if (!IsRsa && !IsEc)
            return base.SupportsSignatureAlgorithm(signatureAlgorithm, keyUsage);
        return SupportsKeyUsage(keyUsage) && signatureAlgorithm switch
        {
            SignatureAlgorithm.ecdsa => IsEc,
            SignatureAlgorithm.rsa or SignatureAlgorithm.rsa_pss_rsae_sha256 or SignatureAlgorithm.rsa_pss_rsae_sha384
                or SignatureAlgorithm.rsa_pss_rsae_sha512 => IsRsa,
            _ => false,
        };
    }
}
