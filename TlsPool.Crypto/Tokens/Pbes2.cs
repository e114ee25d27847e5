using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Asn1.Nist;
using Org.BouncyCastle.Asn1.Pkcs;
using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.Math;

namespace TlsPool.Crypto.Tokens;

/// <summary>
/// PBES2 of RFC 8018 with PBKDF2 and AES-CBC, by the system's library: a key is derived ten times as fast there. Private keys are bytes here, as the
/// runtime's own PKCS #8 does not take those that have their public half with them (RFC 5958).
/// </summary>
internal sealed class Pbes2
{
    private const int Iterations = 100_000;

    /// <summary>A damaged row must not keep a processor busy for hours.</summary>
    private const int MaxIterations = 10_000_000;
    private const int SaltSize = 16, BlockSize = 16;

    private static readonly Dictionary<DerObjectIdentifier, HashAlgorithmName> Hashes = new()
    {
        [PkcsObjectIdentifiers.IdHmacWithSha1] = HashAlgorithmName.SHA1,
        [PkcsObjectIdentifiers.IdHmacWithSha256] = HashAlgorithmName.SHA256,
        [PkcsObjectIdentifiers.IdHmacWithSha384] = HashAlgorithmName.SHA384,
        [PkcsObjectIdentifiers.IdHmacWithSha512] = HashAlgorithmName.SHA512,
    };

    private static readonly Dictionary<DerObjectIdentifier, int> KeySizes = new()
    {
        [NistObjectIdentifiers.IdAes128Cbc] = 16,
        [NistObjectIdentifiers.IdAes192Cbc] = 24,
        [NistObjectIdentifiers.IdAes256Cbc] = 32,
    };

    private readonly byte[] _salt;
    private readonly int _iterations;
    private readonly HashAlgorithmName _hash;
    private readonly int _keySize;
    private readonly byte[] _iv;

    private Pbes2(byte[] salt, int iterations, HashAlgorithmName hash, int keySize, byte[] iv) =>
        (_salt, _iterations, _hash, _keySize, _iv) = (salt, iterations, hash, keySize, iv);

    /// <summary>Encrypts a private key: HMAC with SHA-256, AES-256.</summary>
    /// <param name="pkcs8">PKCS #8 in DER form.</param>
    /// <param name="passphrase">Characters, which count as UTF-8.</param>
    /// <returns>EncryptedPrivateKeyInfo in DER form.</returns>
    internal static byte[] Encrypt(ReadOnlySpan<byte> pkcs8, ReadOnlySpan<char> passphrase)
    {
        var scheme = new Pbes2(RandomNumberGenerator.GetBytes(SaltSize), Iterations, HashAlgorithmName.SHA256, 32, RandomNumberGenerator.GetBytes(BlockSize));
        using Aes aes = scheme.Derive(passphrase);
        var derivation = new Pbkdf2Params(scheme._salt, Iterations, new AlgorithmIdentifier(PkcsObjectIdentifiers.IdHmacWithSha256, DerNull.Instance));
        var parameters = new PbeS2Parameters(
            new KeyDerivationFunc(PkcsObjectIdentifiers.IdPbkdf2, derivation),
            new EncryptionScheme(NistObjectIdentifiers.IdAes256Cbc, new DerOctetString(scheme._iv)));
        return new EncryptedPrivateKeyInfo(new AlgorithmIdentifier(PkcsObjectIdentifiers.IdPbeS2, parameters), aes.EncryptCbc(pkcs8, scheme._iv)).GetDerEncoded();
    }

    /// <summary>Reads how something is encrypted.</summary>
    /// <param name="algorithm">As an EncryptedPrivateKeyInfo says.</param>
    /// <param name="scheme">The way; null if PBKDF2 or a cipher of another kind is used than those here.</param>
    /// <exception cref="ArgumentException">It is not PBES2 with PBKDF2, or would take too long.</exception>
    internal static bool TryRead(AlgorithmIdentifier algorithm, [NotNullWhen(true)] out Pbes2? scheme)
    {
        if (!algorithm.Algorithm.Equals(PkcsObjectIdentifiers.IdPbeS2))
            throw new ArgumentException("not PBES2");
        var parameters = PbeS2Parameters.GetInstance(algorithm.Parameters);
        if (!parameters.KeyDerivationFunc.Algorithm.Equals(PkcsObjectIdentifiers.IdPbkdf2))
            throw new ArgumentException("not PBKDF2");
        var derivation = Pbkdf2Params.GetInstance(parameters.KeyDerivationFunc.Parameters);
        if (derivation.IterationCount.CompareTo(BigInteger.ValueOf(MaxIterations)) > 0)
            throw new ArgumentException("too many iterations");
        scheme = Hashes.TryGetValue(derivation.Prf.Algorithm, out HashAlgorithmName hash) && KeySizes.TryGetValue(parameters.EncryptionScheme.Algorithm, out int size)
            ? new Pbes2(derivation.GetSalt(), derivation.IterationCount.IntValueExact, hash, size, Asn1OctetString.GetInstance(parameters.EncryptionScheme.Parameters).GetOctets())
            : null;
        return scheme is not null;
    }

    /// <summary>Decrypts.</summary>
    /// <exception cref="CryptographicException">The passphrase is another one, or the bytes are damaged.</exception>
    internal byte[] Decrypt(ReadOnlySpan<byte> encrypted, ReadOnlySpan<char> passphrase)
    {
        using Aes aes = Derive(passphrase);
        return aes.DecryptCbc(encrypted, _iv);
    }

    private Aes Derive(ReadOnlySpan<char> passphrase)
    {
        byte[] key = Rfc2898DeriveBytes.Pbkdf2(passphrase, _salt, _iterations, _hash, _keySize);
        var aes = Aes.Create();
        aes.Key = key;
        CryptographicOperations.ZeroMemory(key);
        return aes;
    }
}
