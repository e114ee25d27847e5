namespace TlsPool.Crypto.Tokens;

/// <summary>Algorithms of keys that sign handshakes.</summary>
public enum KeyAlgorithm
{
    /// <summary>RSA (rsaEncryption), 2048 to 8192 bits.</summary>
    Rsa,

    /// <summary>ECDSA on NIST P-256.</summary>
    EcdsaP256,

    /// <summary>ECDSA on NIST P-384.</summary>
    EcdsaP384,

    /// <summary>ECDSA on NIST P-521.</summary>
    EcdsaP521,

    /// <summary>Ed25519 (RFC 8032).</summary>
    Ed25519,

    /// <summary>ML-DSA-44 (FIPS 204).</summary>
    MlDsa44,

    /// <summary>ML-DSA-65 (FIPS 204).</summary>
    MlDsa65,

    /// <summary>ML-DSA-87 (FIPS 204).</summary>
    MlDsa87,
}
