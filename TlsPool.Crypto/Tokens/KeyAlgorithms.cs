using System.Formats.Asn1;

namespace TlsPool.Crypto.Tokens;

/// <summary>Algorithms of public keys, and the signatures that belong to them.</summary>
public static class KeyAlgorithms
{
    private const string Rsa = "1.2.840.113549.1.1.1";
    private const string EllipticCurve = "1.2.840.10045.2.1";
    private const int MinRsaBytes = 256;
    private const int MaxRsaBytes = 1024;

    /// <summary>IANA SignatureScheme numbers of an algorithm, best first (RFC 8446 section 4.2.3).</summary>
    public static IReadOnlyList<int> SignatureSchemes(this KeyAlgorithm algorithm) => algorithm switch
    {
        KeyAlgorithm.Rsa => [0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601],
        KeyAlgorithm.EcdsaP256 => [0x0403],
        KeyAlgorithm.EcdsaP384 => [0x0503],
        KeyAlgorithm.EcdsaP521 => [0x0603],
        KeyAlgorithm.Ed25519 => [0x0807],
        KeyAlgorithm.MlDsa44 => [0x0904],
        KeyAlgorithm.MlDsa65 => [0x0905],
        _ => [0x0906],
    };

    /// <summary>The algorithm of a public key.</summary>
    /// <param name="subjectPublicKeyInfo">Its DER form (RFC 5280 section 4.1.2.7).</param>
    /// <returns>The algorithm; null if it is none that signs handshakes, or too small.</returns>
    public static KeyAlgorithm? Of(ReadOnlyMemory<byte> subjectPublicKeyInfo)
    {
        try
        {
            AsnReader info = new AsnReader(subjectPublicKeyInfo, AsnEncodingRules.DER).ReadSequence();
            AsnReader algorithm = info.ReadSequence();
            string identifier = algorithm.ReadObjectIdentifier();
            return identifier switch
            {
                Rsa => OfRsa(info.ReadBitString(out _)),
                EllipticCurve => algorithm.ReadObjectIdentifier() switch
                {
                    "1.2.840.10045.3.1.7" => KeyAlgorithm.EcdsaP256,
                    "1.3.132.0.34" => KeyAlgorithm.EcdsaP384,
                    "1.3.132.0.35" => KeyAlgorithm.EcdsaP521,
                    _ => null,
                },
                "1.3.101.112" => KeyAlgorithm.Ed25519,
                "2.16.840.1.101.3.4.3.17" => KeyAlgorithm.MlDsa44,
                "2.16.840.1.101.3.4.3.18" => KeyAlgorithm.MlDsa65,
                "2.16.840.1.101.3.4.3.19" => KeyAlgorithm.MlDsa87,
                _ => null,
            };
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    private static KeyAlgorithm? OfRsa(byte[] key)
    {
        ReadOnlySpan<byte> modulus = new AsnReader(key, AsnEncodingRules.DER).ReadSequence().ReadIntegerBytes().Span.TrimStart((byte)0);
        return modulus.Length is >= MinRsaBytes and <= MaxRsaBytes ? KeyAlgorithm.Rsa : null;
    }
}
