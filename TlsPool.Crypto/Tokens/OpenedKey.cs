using System.Security.Cryptography;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Security;

namespace TlsPool.Crypto.Tokens;

/// <summary>A private key in memory that signs. Several copies of its native form keep threads out of each other's way.</summary>
internal sealed class OpenedKey : ISigningKey, IDisposable
{
    private const int Pss = 8;

    private readonly Func<int, ReadOnlyMemory<byte>, byte[]>[] _copies;
    private readonly List<IDisposable> _native = [];

    internal OpenedKey(KeyDescription description, byte[] pkcs8)
    {
        Description = description;
        _copies = new Func<int, ReadOnlyMemory<byte>, byte[]>[Environment.ProcessorCount];
        for (int i = 0; i < _copies.Length; i++)
            _copies[i] = Copy(description.Algorithm, pkcs8);
    }

    public KeyDescription Description { get; }

    public byte[] Sign(int scheme, ReadOnlyMemory<byte> content)
    {
        if (!Description.SignatureSchemes.Contains(scheme))
            throw new TokenException(TokenFault.MechanismMissing, $"{Description} makes no signature of scheme {scheme:x4}");
        Func<int, ReadOnlyMemory<byte>, byte[]> copy = _copies[(uint)Environment.CurrentManagedThreadId % (uint)_copies.Length];
        try
        {
            lock (copy)
                return copy(scheme, content);
        }
        catch (Exception exception) when (exception is CryptographicException or CryptoException or ObjectDisposedException)
        {
            throw new TokenException(TokenFault.Failed, $"{Description} could not sign", exception);
        }
    }

    public void Dispose()
    {
        foreach (IDisposable key in _native)
            key.Dispose();
    }

    private Func<int, ReadOnlyMemory<byte>, byte[]> Copy(KeyAlgorithm algorithm, byte[] pkcs8)
    {
        switch (algorithm)
        {
            case KeyAlgorithm.Rsa:
                var rsa = RSA.Create();
                _native.Add(rsa);
                rsa.ImportPkcs8PrivateKey(pkcs8, out _);
                return (scheme, content) => scheme >> 8 == Pss
                    ? rsa.SignData(content.Span, Hash(scheme & 0xFF), RSASignaturePadding.Pss)
                    : rsa.SignData(content.Span, Hash(scheme >> 8), RSASignaturePadding.Pkcs1);
            case KeyAlgorithm.EcdsaP256 or KeyAlgorithm.EcdsaP384 or KeyAlgorithm.EcdsaP521:
                var ec = ECDsa.Create();
                _native.Add(ec);
                ec.ImportPkcs8PrivateKey(pkcs8, out _);
                return (scheme, content) => ec.SignData(content.Span, Hash(scheme >> 8), DSASignatureFormat.Rfc3279DerSequence);
            default:
                AsymmetricKeyParameter key = PrivateKeyFactory.CreateKey(pkcs8);
                string name = algorithm switch
                {
                    KeyAlgorithm.Ed25519 => "Ed25519",
                    KeyAlgorithm.MlDsa44 => "ML-DSA-44",
                    KeyAlgorithm.MlDsa65 => "ML-DSA-65",
                    _ => "ML-DSA-87",
                };
                return (_, content) => SignManaged(name, key, content.Span);
        }
    }

    private static byte[] SignManaged(string algorithm, AsymmetricKeyParameter key, ReadOnlySpan<byte> content)
    {
        ISigner signer = SignerUtilities.GetSigner(algorithm);
        signer.Init(forSigning: true, key);
        signer.BlockUpdate(content);
        return signer.GenerateSignature();
    }

    /// <summary>The hash of a scheme: its low byte for PSS (4, 5, 6), its high byte for the others (4, 5, 6).</summary>
    private static HashAlgorithmName Hash(int number) => number switch
    {
        4 => HashAlgorithmName.SHA256,
        5 => HashAlgorithmName.SHA384,
        6 => HashAlgorithmName.SHA512,
        _ => throw new CryptographicException("the scheme has no hash"),
    };
}
