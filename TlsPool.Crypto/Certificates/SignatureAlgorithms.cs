using System.Formats.Asn1;
using System.Security.Cryptography;

namespace TlsPool.Crypto.Certificates;

/// <summary>Parameters of certificate signatures that the platform does not tell.</summary>
internal static class SignatureAlgorithms
{
    private const string Sha256 = "2.16.840.1.101.3.4.2.1";
    private const string Sha384 = "2.16.840.1.101.3.4.2.2";
    private const string Sha512 = "2.16.840.1.101.3.4.2.3";
    private static readonly Asn1Tag HashField = new(TagClass.ContextSpecific, 0, isConstructed: true);

    /// <summary>Hash of an RSASSA-PSS signature (RFC 4055 section 3.1); null if it is none of SHA-1, SHA-256, SHA-384, SHA-512.</summary>
    /// <param name="certificate">DER of a certificate with such a signature.</param>
    internal static HashAlgorithmName? PssHash(ReadOnlyMemory<byte> certificate)
    {
        try
        {
            AsnReader outer = new AsnReader(certificate, AsnEncodingRules.DER).ReadSequence();
            outer.ReadEncodedValue();
            AsnReader algorithm = outer.ReadSequence();
            algorithm.ReadObjectIdentifier();
            AsnReader parameters = algorithm.ReadSequence();
            if (!parameters.HasData || !parameters.PeekTag().HasSameClassAndValue(HashField))
                return HashAlgorithmName.SHA1;
            return parameters.ReadSequence(HashField).ReadSequence().ReadObjectIdentifier() switch
            {
                Sha256 => HashAlgorithmName.SHA256,
                Sha384 => HashAlgorithmName.SHA384,
                Sha512 => HashAlgorithmName.SHA512,
                "1.3.14.3.2.26" => HashAlgorithmName.SHA1,
                _ => null,
            };
        }
        catch (AsnContentException)
        {
            return null;
        }
    }
}
