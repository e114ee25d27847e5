using System.Security.Cryptography;
using Org.BouncyCastle.Asn1.X509;
using TlsPool.Crypto.Certificates;

namespace TlsPool.Crypto.Handshakes;

/// <summary>The channel binding tls-server-end-point (RFC 5929 section 4.1).</summary>
internal static class ServerEndPoint
{
    /// <summary>Hash of a DER certificate, with its signature's hash but at least SHA-256; null for no certificate.</summary>
    internal static ReadOnlyMemory<byte>? Of(ReadOnlyMemory<byte> certificate)
    {
        if (certificate.IsEmpty)
            return null;
        const string pss = "1.2.840.113549.1.1.10";
        string algorithm = X509CertificateStructure.GetInstance(certificate.ToArray()).SignatureAlgorithm.Algorithm.Id;
        return algorithm switch
        {
            "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => SHA384.HashData(certificate.Span),
            "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => SHA512.HashData(certificate.Span),
            pss when SignatureAlgorithms.PssHash(certificate) == HashAlgorithmName.SHA384 => SHA384.HashData(certificate.Span),
            pss when SignatureAlgorithms.PssHash(certificate) == HashAlgorithmName.SHA512 => SHA512.HashData(certificate.Span),
            _ => SHA256.HashData(certificate.Span),
        };
    }
}
