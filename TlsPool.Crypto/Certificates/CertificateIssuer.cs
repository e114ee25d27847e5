using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TlsPool.Protocol.Identities;

namespace TlsPool.Crypto.Certificates;

/// <summary>Makes self-signed certificates and signing requests for keys that stay where they are.</summary>
/// <param name="publicKey">DER of the key's public half (RFC 5280 section 4.1.2.7).</param>
/// <param name="signatureSchemes">IANA SignatureScheme numbers that the key can make.</param>
/// <param name="sign">Signs content under a scheme; ECDSA in DER form.</param>
public sealed class CertificateIssuer(
    ReadOnlyMemory<byte> publicKey, IReadOnlyList<int> signatureSchemes, Func<int, ReadOnlyMemory<byte>, byte[]> sign)
{
    private const int SerialSize = 16;

    /// <summary>Makes a self-signed certificate.</summary>
    /// <param name="identity">Whom it names: a domain as dNSName, a user as rfc822Name.</param>
    /// <param name="roles">Extended key usages (<see cref="CertificateRole"/>).</param>
    /// <param name="notBefore">Start of its validity.</param>
    /// <param name="notAfter">End of its validity.</param>
    /// <returns>Its DER form.</returns>
    /// <exception cref="CertificateException">The key cannot sign certificates.</exception>
    public byte[] SelfSign(DoNai identity, IReadOnlyList<string> roles, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        CertificateRequest request = Request(publicKey.Span, identity, roles);
        using X509Certificate2 certificate = request.Create(request.SubjectName, Generator(), notBefore, notAfter, NewSerial());
        return certificate.RawData;
    }

    /// <summary>Makes a PKCS #10 request for an authority to sign.</summary>
    /// <returns>Its DER form.</returns>
    /// <exception cref="CertificateException">The key cannot sign requests.</exception>
    public byte[] SigningRequest(DoNai identity, IReadOnlyList<string> roles) => Request(publicKey.Span, identity, roles).CreateSigningRequest(Generator());

    /// <summary>A serial number that nobody can foresee: positive, and of the same length each time (RFC 5280 section 4.1.2.2).</summary>
    public static byte[] NewSerial()
    {
        byte[] serial = RandomNumberGenerator.GetBytes(SerialSize);
        serial[0] = (byte)((serial[0] & 0x7F) | 0x40);
        return serial;
    }

    /// <summary>A certificate to be: whom it names, and what it is good for.</summary>
    internal static CertificateRequest Request(ReadOnlySpan<byte> publicKey, DoNai identity, IReadOnlyList<string> roles)
    {
        var subject = new X500DistinguishedNameBuilder();
        const int maxCommonName = 64;
        string name = identity.ToString();
        subject.AddCommonName(name.Length <= maxCommonName ? name : name[..maxCommonName]);
        var key = PublicKey.CreateFromSubjectPublicKeyInfo(publicKey, out _);
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (identity.User is null)
            names.AddDnsName(identity.Domain);
        else
            names.AddEmailAddress(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(SHA256.HashData(publicKey).AsSpan(0, 20), critical: false));
        var usages = new OidCollection();
        foreach (string role in roles)
            usages.Add(new Oid(role));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(usages, critical: false));
        return request;
    }

    private TokenSignatureGenerator Generator()
    {
        foreach (int scheme in signatureSchemes)
        {
            if (TokenSignatureGenerator.AlgorithmOf(scheme) is { } algorithm)
                return new TokenSignatureGenerator(scheme, algorithm, sign);
        }
        throw new CertificateException("the key makes no signature that certificates can carry");
    }
}
