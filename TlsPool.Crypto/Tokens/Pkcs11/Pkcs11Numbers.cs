namespace TlsPool.Crypto.Tokens.Pkcs11;

/// <summary>Numbers of PKCS #11 3.0 that Pkcs11Interop has no names for, and parameters of curves.</summary>
internal static class Pkcs11Numbers
{
    /// <summary>CKK_EC_EDWARDS.</summary>
    internal const ulong EdwardsKey = 0x40;

    /// <summary>CKM_EC_EDWARDS_KEY_PAIR_GEN.</summary>
    internal const ulong EdwardsKeyPairGeneration = 0x1055;

    /// <summary>CKM_EDDSA.</summary>
    internal const ulong EdDsa = 0x1057;

    /// <summary>CKA_EC_PARAMS of Ed25519 as PKCS #11 3.0 section 2.3.3 has it: PrintableString "edwards25519".</summary>
    internal static byte[] Edwards25519 { get; } = [0x13, 0x0c, .. "edwards25519"u8];

    /// <summary>What modules say for it.</summary>
    internal static IReadOnlyList<byte[]> Edwards25519Names { get; } =
        [Edwards25519, Convert.FromHexString("06032B6570"), Convert.FromHexString("06092B06010401DA470F01")];

    /// <summary>CKA_EC_PARAMS of the curves: object identifiers in DER.</summary>
    internal static IReadOnlyList<(KeyAlgorithm Algorithm, byte[] Curve)> Curves { get; } =
    [
        (KeyAlgorithm.EcdsaP256, Convert.FromHexString("06082A8648CE3D030107")),
        (KeyAlgorithm.EcdsaP384, Convert.FromHexString("06052B81040022")),
        (KeyAlgorithm.EcdsaP521, Convert.FromHexString("06052B81040023")),
    ];
}
