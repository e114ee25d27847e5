using System.Security.Cryptography;
using Org.BouncyCastle.Asn1.Pkcs;
using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Pkcs;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.X509;

namespace TlsPool.Crypto.Tokens;

/// <summary>Private keys as bytes: made, encrypted, opened.</summary>
public static class PrivateKeys
{
    /// <summary>Makes a key.</summary>
    /// <returns>PKCS #8 in DER form; to be cleared by the caller.</returns>
    internal static byte[] Generate(KeyParameters parameters)
    {
        switch (parameters.Algorithm)
        {
            case KeyAlgorithm.Rsa:
                using (var rsa = RSA.Create(parameters.RsaBits))
                    return rsa.ExportPkcs8PrivateKey();
            case KeyAlgorithm.EcdsaP256:
                return GenerateEc(ECCurve.NamedCurves.nistP256);
            case KeyAlgorithm.EcdsaP384:
                return GenerateEc(ECCurve.NamedCurves.nistP384);
            case KeyAlgorithm.EcdsaP521:
                return GenerateEc(ECCurve.NamedCurves.nistP521);
            case KeyAlgorithm.Ed25519:
                var ed25519 = new Ed25519KeyPairGenerator();
                ed25519.Init(new Ed25519KeyGenerationParameters(new SecureRandom()));
                return Export(ed25519.GenerateKeyPair());
            default:
                var mldsa = new MLDsaKeyPairGenerator();
                mldsa.Init(new MLDsaKeyGenerationParameters(new SecureRandom(), parameters.Algorithm switch
                {
                    KeyAlgorithm.MlDsa44 => MLDsaParameters.ml_dsa_44,
                    KeyAlgorithm.MlDsa65 => MLDsaParameters.ml_dsa_65,
                    _ => MLDsaParameters.ml_dsa_87,
                }));
                return Export(mldsa.GenerateKeyPair());
        }
    }

    /// <summary>The public half.</summary>
    /// <param name="pkcs8">PKCS #8 in DER form, not encrypted.</param>
    /// <returns>SubjectPublicKeyInfo in DER form.</returns>
    /// <exception cref="TokenException">The bytes are no key that can be used.</exception>
    public static byte[] PublicKey(byte[] pkcs8)
    {
        try
        {
            AsymmetricKeyParameter key = PrivateKeyFactory.CreateKey(pkcs8);
            AsymmetricKeyParameter publicKey = key switch
            {
                RsaPrivateCrtKeyParameters rsa => new RsaKeyParameters(isPrivate: false, rsa.Modulus, rsa.PublicExponent),
                ECPrivateKeyParameters ec => new ECPublicKeyParameters(
                    ec.AlgorithmName, ec.Parameters.G.Multiply(ec.D), ec.PublicKeyParamSet ?? throw new ArgumentException("the curve has no name")),
                Ed25519PrivateKeyParameters ed25519 => ed25519.GeneratePublicKey(),
                MLDsaPrivateKeyParameters mldsa => mldsa.GetPublicKey(),
                _ => throw new ArgumentException("the algorithm is not one of TLS"),
            };
            return SubjectPublicKeyInfoFactory.CreateSubjectPublicKeyInfo(publicKey).GetDerEncoded();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            throw new TokenException(TokenFault.Failed, $"this is no private key that the pool can use: {string.Join(", ", KeyParameters.Names)} are", exception);
        }
    }

    /// <summary>Encrypts a key.</summary>
    internal static byte[] Encrypt(byte[] pkcs8, Passphrase passphrase) => Pbes2.Encrypt(pkcs8, passphrase.Text);

    /// <summary>Decrypts a key of the built-in store.</summary>
    /// <exception cref="TokenException">The passphrase is another one, or the bytes are damaged.</exception>
    internal static byte[] Decrypt(ReadOnlyMemory<byte> encrypted, Passphrase passphrase, string name) => Decrypt(
        encrypted,
        passphrase.Text,
        $"key {name} cannot be decrypted: the passphrase is another one than when it was made, or the database is damaged");

    /// <summary>Decrypts a key that was made elsewhere.</summary>
    /// <param name="encrypted">EncryptedPrivateKeyInfo of PKCS #8 in DER form.</param>
    /// <param name="passphrase">Its passphrase.</param>
    /// <returns>PKCS #8 in DER form; to be cleared by the caller.</returns>
    /// <exception cref="TokenException">The passphrase is another one, or the bytes are damaged.</exception>
    public static byte[] Decrypt(ReadOnlyMemory<byte> encrypted, char[] passphrase) =>
        Decrypt(encrypted, passphrase, "the private key cannot be decrypted: its passphrase is another one, or it is damaged");

    private static byte[] Decrypt(ReadOnlyMemory<byte> encrypted, char[] passphrase, string failure)
    {
        try
        {
            var info = EncryptedPrivateKeyInfo.GetInstance(encrypted.ToArray());
            if (!Pbes2.TryRead(info.EncryptionAlgorithm, out Pbes2? scheme))
                return PrivateKeyInfoFactory.CreatePrivateKeyInfo(passphrase, info).GetDerEncoded();
            byte[] pkcs8 = scheme.Decrypt(info.GetEncryptedData(), passphrase);
            // A wrong passphrase may leave padding that looks right by chance.
            _ = PrivateKeyInfo.GetInstance(pkcs8);
            return pkcs8;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Damaged bytes make the libraries throw many kinds.
            throw new TokenException(TokenFault.WrongPin, failure, exception);
        }
    }

    private static byte[] GenerateEc(ECCurve curve)
    {
        using var key = ECDsa.Create(curve);
        return key.ExportPkcs8PrivateKey();
    }

    private static byte[] Export(AsymmetricCipherKeyPair pair) => PrivateKeyInfoFactory.CreatePrivateKeyInfo(pair.Private).GetDerEncoded();
}
