using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Formats.Asn1;

namespace TlsPool.Crypto.Certificates;

/// <summary>Signs certificates by a key that is somewhere else.</summary>
internal sealed class TokenSignatureGenerator(int scheme, byte[] algorithm, Func<int, ReadOnlyMemory<byte>, byte[]> sign) : X509SignatureGenerator
{
    /// <summary>AlgorithmIdentifier of a TLS signature scheme; null for those that certificates do not use.</summary>
    internal static byte[]? AlgorithmOf(int scheme) => scheme switch
    {
        0x0403 => Identifier("1.2.840.10045.4.3.2"),
        0x0503 => Identifier("1.2.840.10045.4.3.3"),
        0x0603 => Identifier("1.2.840.10045.4.3.4"),
        0x0401 => Identifier("1.2.840.113549.1.1.11", withNull: true),
        0x0501 => Identifier("1.2.840.113549.1.1.12", withNull: true),
        0x0601 => Identifier("1.2.840.113549.1.1.13", withNull: true),
        0x0807 => Identifier("1.3.101.112"),
        0x0904 => Identifier("2.16.840.1.101.3.4.3.17"),
        0x0905 => Identifier("2.16.840.1.101.3.4.3.18"),
        0x0906 => Identifier("2.16.840.1.101.3.4.3.19"),
        _ => null,
    };

    public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) => algorithm;

    public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) => sign(scheme, data);

    protected override PublicKey BuildPublicKey() => throw new NotSupportedException("requests bring their own public key");

    private static byte[] Identifier(string algorithm, bool withNull = false)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(algorithm);
            if (withNull)
                writer.WriteNull();
        }
        return writer.Encode();
    }
}
