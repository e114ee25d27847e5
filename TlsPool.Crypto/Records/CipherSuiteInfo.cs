using System.Security.Cryptography;

namespace TlsPool.Crypto.Records;

/// <summary>What a cipher suite means for record protection.</summary>
/// <param name="Cipher">The bulk cipher.</param>
/// <param name="KeySize">Key bytes.</param>
/// <param name="Hash">Hash of the key schedule (TLS 1.3) or of the PRF.</param>
/// <param name="MacHash">Hash of the record MAC of CBC suites; default otherwise.</param>
public readonly record struct CipherSuiteInfo(BulkCipher Cipher, int KeySize, HashAlgorithmName Hash, HashAlgorithmName MacHash)
{
    /// <summary>Looks a suite up by its IANA number.</summary>
    /// <exception cref="NotSupportedException">A suite this engine does not speak.</exception>
    public static CipherSuiteInfo For(int suite) => suite switch
    {
        0x1301 => new(BulkCipher.AesGcm, 16, HashAlgorithmName.SHA256, default),
        0x1302 => new(BulkCipher.AesGcm, 32, HashAlgorithmName.SHA384, default),
        0x1303 => new(BulkCipher.ChaCha20Poly1305, 32, HashAlgorithmName.SHA256, default),
        0xc02b or 0xc02f => new(BulkCipher.AesGcm, 16, HashAlgorithmName.SHA256, default),
        0xc02c or 0xc030 => new(BulkCipher.AesGcm, 32, HashAlgorithmName.SHA384, default),
        0xcca8 or 0xcca9 => new(BulkCipher.ChaCha20Poly1305, 32, HashAlgorithmName.SHA256, default),
        0xc009 or 0xc013 or 0xc018 => new(BulkCipher.AesCbc, 16, HashAlgorithmName.SHA256, HashAlgorithmName.SHA1),
        0xc00a or 0xc014 => new(BulkCipher.AesCbc, 32, HashAlgorithmName.SHA256, HashAlgorithmName.SHA1),
        0xc023 or 0xc027 => new(BulkCipher.AesCbc, 16, HashAlgorithmName.SHA256, HashAlgorithmName.SHA256),
        0xc024 or 0xc028 => new(BulkCipher.AesCbc, 32, HashAlgorithmName.SHA384, HashAlgorithmName.SHA384),
        _ => throw new NotSupportedException($"cipher suite 0x{suite:x4} is not spoken here"),
    };
}

/// <summary>Bulk ciphers.</summary>
public enum BulkCipher
{
    /// <summary>AES in Galois/counter mode.</summary>
    AesGcm,

    /// <summary>ChaCha20-Poly1305 (RFC 8439).</summary>
    ChaCha20Poly1305,

    /// <summary>AES-CBC with HMAC, encrypt-then-MAC only (RFC 7366).</summary>
    AesCbc,
}
