using System.Security.Cryptography;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Security;

namespace TlsPool.Tests.Crypto.Tokens;

/// <summary>Checks signatures as a TLS peer would.</summary>
internal static class Signatures
{
    internal static bool Verify(ReadOnlyMemory<byte> publicKey, int scheme, byte[] content, byte[] signature)
    {
        if (scheme is 0x0807 or 0x0904 or 0x0905 or 0x0906)
        {
            ISigner verifier = SignerUtilities.GetSigner(scheme switch { 0x0807 => "Ed25519", 0x0904 => "ML-DSA-44", 0x0905 => "ML-DSA-65", _ => "ML-DSA-87" });
            verifier.Init(forSigning: false, PublicKeyFactory.CreateKey(publicKey.ToArray()));
            verifier.BlockUpdate(content, 0, content.Length);
            return verifier.VerifySignature(signature);
        }
        bool pss = scheme >> 8 == 8;
        HashAlgorithmName hash = (pss ? scheme & 0xff : scheme >> 8) switch
        {
            4 => HashAlgorithmName.SHA256,
            5 => HashAlgorithmName.SHA384,
            _ => HashAlgorithmName.SHA512,
        };
        if ((scheme & 0xff) == 3)
        {
            using var ecdsa = ECDsa.Create();
            ecdsa.ImportSubjectPublicKeyInfo(publicKey.Span, out _);
            return ecdsa.VerifyData(content, signature, hash, DSASignatureFormat.Rfc3279DerSequence);
        }
        using var rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(publicKey.Span, out _);
        return rsa.VerifyData(content, signature, hash, pss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
    }
}
