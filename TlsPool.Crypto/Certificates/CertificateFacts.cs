using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace TlsPool.Crypto.Certificates;

/// <summary>What a certificate says that matters here. Immutable; holds nothing native.</summary>
public sealed class CertificateFacts
{
    private const string SubjectAltName = "2.5.29.17";
    private const string CommonNameOid = "2.5.4.3";
    private const int MaxNames = 1024;

    private CertificateFacts(X509Certificate2 certificate, ReadOnlySpan<byte> der)
    {
        Fingerprint = SHA256.HashData(der);
        Subject = Escape(certificate.Subject);
        NotBefore = certificate.NotBefore.ToUniversalTime();
        NotAfter = certificate.NotAfter.ToUniversalTime();
        SubjectPublicKeyInfo = certificate.PublicKey.ExportSubjectPublicKeyInfo();
        CommonName = ReadCommonName(certificate.SubjectName);
        foreach (X509Extension extension in certificate.Extensions)
            Take(extension);
    }

    /// <summary>SHA-256 of the DER form.</summary>
    public ReadOnlyMemory<byte> Fingerprint { get; }

    /// <summary>The subject for people, escaped.</summary>
    public string Subject { get; }

    /// <summary>The first common name of the subject; null without.</summary>
    public string? CommonName { get; }

    /// <summary>Start of its validity, UTC.</summary>
    public DateTimeOffset NotBefore { get; }

    /// <summary>End of its validity, UTC.</summary>
    public DateTimeOffset NotAfter { get; }

    /// <summary>DER of its public key (RFC 5280 section 4.1.2.7).</summary>
    public ReadOnlyMemory<byte> SubjectPublicKeyInfo { get; }

    /// <summary>dNSName entries of subjectAltName, as they are.</summary>
    public IReadOnlyList<string> DnsNames { get; private set; } = [];

    /// <summary>rfc822Name entries of subjectAltName, as they are.</summary>
    public IReadOnlyList<string> MailNames { get; private set; } = [];

    /// <summary>iPAddress entries of subjectAltName.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; private set; } = [];

    /// <summary>True if there is a subjectAltName.</summary>
    public bool HasAltName { get; private set; }

    /// <summary>True if its key may sign handshakes: keyUsage is absent or has digitalSignature.</summary>
    public bool MaySign { get; private set; } = true;

    /// <summary>True for a certification authority.</summary>
    public bool IsAuthority { get; private set; }

    /// <summary>Object identifiers of extendedKeyUsage; null if it is absent, which allows everything.</summary>
    public IReadOnlyList<string>? ExtendedUsages { get; private set; }

    /// <summary>Reads a certificate.</summary>
    /// <exception cref="CertificateException">It is malformed.</exception>
    public static CertificateFacts Read(ReadOnlySpan<byte> der)
    {
        using X509Certificate2 certificate = Load(der);
        try
        {
            return new CertificateFacts(certificate, der);
        }
        catch (Exception exception) when (exception is CryptographicException or AsnContentException or ArgumentException)
        {
            throw new CertificateException("it has a malformed extension, name or key", exception);
        }
    }

    /// <summary>True if it may be used for a purpose: extendedKeyUsage is absent, or has it, or has anyExtendedKeyUsage.</summary>
    public bool MayBe(string usage)
    {
        const string any = "2.5.29.37.0";
        return ExtendedUsages is null || ExtendedUsages.Contains(usage) || ExtendedUsages.Contains(any);
    }

    /// <summary>Loads a certificate into the platform.</summary>
    /// <exception cref="CertificateException">It is malformed.</exception>
    internal static X509Certificate2 Load(ReadOnlySpan<byte> der)
    {
        if (der.Length is 0 or > CertificateReader.MaxCertificate)
            throw new CertificateException("it is empty, or too long for a certificate");
        try
        {
            X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(der);
            if (certificate.RawDataMemory.Length == der.Length)
                return certificate;
            certificate.Dispose();
            throw new CertificateException("it is no certificate: something follows it");
        }
        catch (CryptographicException exception)
        {
            throw new CertificateException("it is no certificate", exception);
        }
    }

    /// <summary>Printable text of what a certificate's maker chose.</summary>
    internal static string Escape(string text)
    {
        const int max = 256;
        var escaped = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (escaped.Length > max)
                return escaped.Append("...").ToString();
            if (Rune.IsControl(rune) || rune.Value is '"' or '\\' or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069))
                escaped.Append('?');
            else
                escaped.Append(rune);
        }
        return escaped.ToString();
    }

    private void Take(X509Extension extension)
    {
        switch (extension)
        {
            case X509KeyUsageExtension usage:
                MaySign = usage.KeyUsages.HasFlag(X509KeyUsageFlags.DigitalSignature);
                break;
            case X509EnhancedKeyUsageExtension extended:
                ExtendedUsages = [.. extended.EnhancedKeyUsages.Cast<Oid>().Select(usage => usage.Value ?? "")];
                break;
            case X509BasicConstraintsExtension constraints:
                IsAuthority = constraints.CertificateAuthority;
                break;
            case { Oid.Value: SubjectAltName }:
                ReadAltName(extension.RawData);
                break;
        }
    }

    private void ReadAltName(byte[] encoded)
    {
        const int mail = 1, dns = 2, address = 7;
        List<string> dnsNames = [], mailNames = [];
        List<IPAddress> addresses = [];
        var names = new AsnReader(encoded, AsnEncodingRules.DER).ReadSequence();
        for (int count = 0; names.HasData; count++)
        {
            if (count == MaxNames)
                throw new AsnContentException("too many names");
            Asn1Tag tag = names.PeekTag();
            if (tag.TagClass != TagClass.ContextSpecific)
                throw new AsnContentException("not a general name");
            switch (tag.TagValue)
            {
                case mail:
                    mailNames.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, tag));
                    break;
                case dns:
                    dnsNames.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, tag));
                    break;
                case address when names.ReadOctetString(tag) is { Length: 4 or 16 } bytes:
                    addresses.Add(new IPAddress(bytes));
                    break;
                case address:
                    throw new AsnContentException("not an address");
                default:
                    names.ReadEncodedValue();
                    break;
            }
        }
        (HasAltName, DnsNames, MailNames, Addresses) = (true, dnsNames, mailNames, addresses);
    }

    private static string? ReadCommonName(X500DistinguishedName name)
    {
        foreach (X500RelativeDistinguishedName part in name.EnumerateRelativeDistinguishedNames())
        {
            if (!part.HasMultipleElements && part.GetSingleElementType().Value == CommonNameOid)
                return part.GetSingleElementValue();
        }
        return null;
    }
}
