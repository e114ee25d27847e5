using System.Security.Cryptography;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;

namespace TlsPool.Crypto.Primitives;

/// <summary>Checks RSA and ECDSA signatures with the platform's cryptography.</summary>
/// <param name="publicKey">SubjectPublicKeyInfo, DER.</param>
/// <param name="scheme">IANA scheme of TLS 1.3; unused in TLS 1.2, where the message names it.</param>
#pragma warning disable CA1001 // a MemoryStream holds nothing to dispose of, and BouncyCastle never disposes a verifier
internal sealed class NativeVerifier(byte[] publicKey, int scheme) : Tls13Verifier, TlsVerifier
#pragma warning restore CA1001
{
    private const int MinRsaBits = 2048;
    private const int MaxRsaBits = 16384;

    private readonly MemoryStream _content = new(256);

    public Stream Stream => _content;

    public bool VerifySignature(byte[] signature) =>
        // BouncyCastle has disposed of the stream by now, which leaves only the copy.
        Verify(scheme, HashOf(scheme), signature, CryptographicOperations.HashData(HashOf(scheme), _content.ToArray()));

    public TlsStreamVerifier? GetStreamVerifier(DigitallySigned digitallySigned) => null;

    public bool VerifyRawSignature(DigitallySigned digitallySigned, byte[] hash)
    {
        int named = SignatureScheme.From(digitallySigned.Algorithm);
        return Verify(named, HashOf(named), digitallySigned.Signature, hash);
    }

    private bool Verify(int named, HashAlgorithmName hash, byte[] signature, byte[] digest)
    {
        try
        {
            if (named is SignatureScheme.ecdsa_secp256r1_sha256 or SignatureScheme.ecdsa_secp384r1_sha384 or SignatureScheme.ecdsa_secp521r1_sha512)
            {
                using var ecdsa = ECDsa.Create();
                ecdsa.ImportSubjectPublicKeyInfo(publicKey, out _);
                return ecdsa.VerifyHash(digest, signature, DSASignatureFormat.Rfc3279DerSequence);
            }
            using var rsa = RSA.Create();
            rsa.ImportSubjectPublicKeyInfo(publicKey, out _);
            return rsa.KeySize is >= MinRsaBits and <= MaxRsaBits
                && rsa.VerifyHash(digest, signature, hash, SignatureScheme.IsRsaPss(named) ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
        }
        catch (CryptographicException)
        {
            // A key or signature that does not even parse verifies nothing.
            return false;
        }
    }

    private static HashAlgorithmName HashOf(int named) => SignatureScheme.GetCryptoHashAlgorithm(named) switch
    {
        CryptoHashAlgorithm.sha256 => HashAlgorithmName.SHA256,
        CryptoHashAlgorithm.sha384 => HashAlgorithmName.SHA384,
        CryptoHashAlgorithm.sha512 => HashAlgorithmName.SHA512,
        _ => throw new TlsFatalAlert(AlertDescription.illegal_parameter),
    };
}
