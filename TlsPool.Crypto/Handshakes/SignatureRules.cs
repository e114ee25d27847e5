using Org.BouncyCastle.Tls;

namespace TlsPool.Crypto.Handshakes;

/// <summary>Which signature schemes a version allows in its handshake.</summary>
internal static class SignatureRules
{
    /// <summary>PKCS#1 signatures belong to TLS 1.2 only (RFC 8446 section 4.2.3), ML-DSA to TLS 1.3 only.</summary>
    internal static bool MayUse(int scheme, bool is13) => is13
        ? !EngineProfile.IsPkcs1(scheme)
        : scheme is not (SignatureScheme.mldsa44 or SignatureScheme.mldsa65 or SignatureScheme.mldsa87);

    /// <summary>True if a cipher suite of TLS 1.2 authenticates with keys of a scheme.</summary>
    internal static bool Suits(int cipherSuite, int scheme) => TlsUtilities.GetKeyExchangeAlgorithm(cipherSuite)
        == (SignatureScheme.IsRsaPss(scheme) || EngineProfile.IsPkcs1(scheme) ? KeyExchangeAlgorithm.ECDHE_RSA : KeyExchangeAlgorithm.ECDHE_ECDSA);
}
