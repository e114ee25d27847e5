using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;
using Net.Pkcs11Interop.HighLevelAPI.MechanismParams;

namespace TlsPool.Crypto.Tokens.Pkcs11;

/// <summary>
/// Signatures of TLS with the mechanisms that a module offers: raw ones over a digest that is made here, which is quicker and moves
/// fewer bytes, or such that hash where there is nothing else.
/// </summary>
internal static class Pkcs11Signing
{
    private const int Pss = 8;

    /// <summary>IANA SignatureScheme numbers that a key can make with these mechanisms, best first.</summary>
    internal static IReadOnlyList<int> SchemesOf(KeyAlgorithm algorithm, HashSet<ulong> mechanisms) =>
        [.. algorithm.SignatureSchemes().Where(scheme => Choose(algorithm, scheme, mechanisms) is not null)];

    /// <summary>Signs.</summary>
    /// <returns>The signature in TLS form.</returns>
    internal static byte[] Sign(ISession session, Pkcs11Token token, FoundKey key, int scheme, ReadOnlyMemory<byte> content)
    {
        if (!key.Algorithm.SignatureSchemes().Contains(scheme) || Choose(key.Algorithm, scheme, token.Mechanisms) is not { } chosen)
            throw new TokenException(TokenFault.MechanismMissing, $"{token.Description} makes no signature of scheme {scheme:x4} with a key of {key.Algorithm}");
        byte[] data = chosen.IsRaw ? Digest(key.Algorithm, scheme, content.Span) : content.ToArray();
        using IMechanism mechanism = Mechanism(token.Module.Factories, chosen.Mechanism, scheme);
        byte[] signature = session.Sign(mechanism, key.Handle, data);
        return key.Algorithm is KeyAlgorithm.EcdsaP256 or KeyAlgorithm.EcdsaP384 or KeyAlgorithm.EcdsaP521 ? Der(signature) : signature;
    }

    private static (ulong Mechanism, bool IsRaw)? Choose(KeyAlgorithm algorithm, int scheme, HashSet<ulong> offered)
    {
        (ulong raw, ulong hashing) = algorithm switch
        {
            KeyAlgorithm.Rsa when scheme >> 8 == Pss => ((ulong)CKM.CKM_RSA_PKCS_PSS, (ulong)PssWithHash(scheme & 0xff)),
            KeyAlgorithm.Rsa => ((ulong)CKM.CKM_RSA_PKCS, (ulong)Pkcs1WithHash(scheme >> 8)),
            KeyAlgorithm.Ed25519 => (Pkcs11Numbers.EdDsa, Pkcs11Numbers.EdDsa),
            KeyAlgorithm.EcdsaP256 or KeyAlgorithm.EcdsaP384 or KeyAlgorithm.EcdsaP521 => ((ulong)CKM.CKM_ECDSA, (ulong)EcdsaWithHash(scheme >> 8)),
            _ => (ulong.MaxValue, ulong.MaxValue),
        };
        return offered.Contains(raw) ? (raw, algorithm != KeyAlgorithm.Ed25519)
            : offered.Contains(hashing) ? (hashing, false)
            : null;
    }

    private static CKM PssWithHash(int hash) => hash switch
    {
        4 => CKM.CKM_SHA256_RSA_PKCS_PSS,
        5 => CKM.CKM_SHA384_RSA_PKCS_PSS,
        _ => CKM.CKM_SHA512_RSA_PKCS_PSS,
    };

    private static CKM Pkcs1WithHash(int hash) => hash switch
    {
        4 => CKM.CKM_SHA256_RSA_PKCS,
        5 => CKM.CKM_SHA384_RSA_PKCS,
        _ => CKM.CKM_SHA512_RSA_PKCS,
    };

    private static CKM EcdsaWithHash(int hash) => hash switch
    {
        4 => CKM.CKM_ECDSA_SHA256,
        5 => CKM.CKM_ECDSA_SHA384,
        _ => CKM.CKM_ECDSA_SHA512,
    };

    private static IMechanism Mechanism(Pkcs11InteropFactories factories, ulong mechanism, int scheme)
    {
        if (scheme >> 8 != Pss || mechanism == Pkcs11Numbers.EdDsa)
            return factories.MechanismFactory.Create(mechanism);
        (CKM hash, CKG mask, ulong salt) = (scheme & 0xff) switch
        {
            4 => (CKM.CKM_SHA256, CKG.CKG_MGF1_SHA256, 32ul),
            5 => (CKM.CKM_SHA384, CKG.CKG_MGF1_SHA384, 48ul),
            _ => (CKM.CKM_SHA512, CKG.CKG_MGF1_SHA512, 64ul),
        };
        ICkRsaPkcsPssParams parameters = factories.MechanismParamsFactory.CreateCkRsaPkcsPssParams((ulong)hash, (ulong)mask, salt);
        return factories.MechanismFactory.Create(mechanism, parameters);
    }

    private static byte[] Digest(KeyAlgorithm algorithm, int scheme, ReadOnlySpan<byte> content)
    {
        bool pss = algorithm == KeyAlgorithm.Rsa && scheme >> 8 == Pss;
        (byte[] digest, string identifier) = (pss ? scheme & 0xff : scheme >> 8) switch
        {
            4 => (SHA256.HashData(content), "2.16.840.1.101.3.4.2.1"),
            5 => (SHA384.HashData(content), "2.16.840.1.101.3.4.2.2"),
            _ => (SHA512.HashData(content), "2.16.840.1.101.3.4.2.3"),
        };
        return algorithm == KeyAlgorithm.Rsa && !pss ? DigestInfo(identifier, digest) : digest;
    }

    /// <summary>DigestInfo of RFC 8017 section 9.2, step 2.</summary>
    private static byte[] DigestInfo(string identifier, byte[] digest)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(identifier);
                writer.WriteNull();
            }
            writer.WriteOctetString(digest);
        }
        return writer.Encode();
    }

    /// <summary>Ecdsa-Sig-Value (RFC 3279 section 2.2.3) from r and s of the same length.</summary>
    private static byte[] Der(byte[] signature)
    {
        if (signature.Length == 0 || signature.Length % 2 != 0)
            throw new TokenException(TokenFault.Failed, "the token made an ECDSA signature of a wrong length");
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            int half = signature.Length / 2;
            writer.WriteInteger(new BigInteger(signature.AsSpan(0, half), isUnsigned: true, isBigEndian: true));
            writer.WriteInteger(new BigInteger(signature.AsSpan(half), isUnsigned: true, isBigEndian: true));
        }
        return writer.Encode();
    }
}
