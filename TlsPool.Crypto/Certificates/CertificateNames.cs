using System.Formats.Asn1;
using System.Text;

namespace TlsPool.Crypto.Certificates;

/// <summary>Names in a certificate as their DER bytes (RFC 5280 section 4.1). Certificates come from peers: any of them may be malformed.</summary>
public static class CertificateNames
{
    private const string SubjectAltName = "2.5.29.17";

    private static readonly Asn1Tag Version = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag Extensions = new(TagClass.ContextSpecific, 3);
    private static readonly Asn1Tag DnsName = new(TagClass.ContextSpecific, 2);

    /// <summary>The subject (Name).</summary>
    /// <exception cref="CertificateException">The certificate is malformed.</exception>
    public static ReadOnlyMemory<byte> Subject(ReadOnlyMemory<byte> certificate) => Guard(() => Read(certificate).Subject);

    /// <summary>The issuer (Name).</summary>
    /// <exception cref="CertificateException">The certificate is malformed.</exception>
    public static ReadOnlyMemory<byte> Issuer(ReadOnlyMemory<byte> certificate) => Guard(() => Read(certificate).Issuer);

    /// <summary>Whether a GeneralName is in subjectAltName: the same bytes, or the same domain name in whatever case.</summary>
    /// <param name="certificate">DER of the certificate.</param>
    /// <param name="generalName">DER of one GeneralName.</param>
    /// <exception cref="CertificateException">The certificate is malformed.</exception>
    public static bool HasAltName(ReadOnlyMemory<byte> certificate, ReadOnlyMemory<byte> generalName) => Guard(() =>
    {
        if (AltNames(Read(certificate).Tail) is not { } names)
            return false;
        while (names.HasData)
        {
            if (IsSame(names.ReadEncodedValue().Span, generalName.Span))
                return true;
        }
        return false;
    });

    private static (ReadOnlyMemory<byte> Issuer, ReadOnlyMemory<byte> Subject, AsnReader Tail) Read(ReadOnlyMemory<byte> certificate)
    {
        AsnReader fields = new AsnReader(certificate, AsnEncodingRules.DER).ReadSequence().ReadSequence();
        if (fields.PeekTag().HasSameClassAndValue(Version))
            fields.ReadEncodedValue();
        fields.ReadEncodedValue();
        fields.ReadEncodedValue();
        ReadOnlyMemory<byte> issuer = fields.ReadEncodedValue();
        fields.ReadEncodedValue();
        return (issuer, fields.ReadEncodedValue(), fields);
    }

    private static AsnReader? AltNames(AsnReader rest)
    {
        while (rest.HasData)
        {
            if (!rest.PeekTag().HasSameClassAndValue(Extensions))
            {
                rest.ReadEncodedValue();
                continue;
            }
            AsnReader extensions = rest.ReadSequence(Extensions).ReadSequence();
            while (extensions.HasData)
            {
                AsnReader extension = extensions.ReadSequence();
                if (extension.ReadObjectIdentifier() != SubjectAltName)
                    continue;
                if (extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean))
                    extension.ReadBoolean();
                return new AsnReader(extension.ReadOctetString(), AsnEncodingRules.DER).ReadSequence();
            }
        }
        return null;
    }

    private static bool IsSame(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        if (one.SequenceEqual(other))
            return true;
        Asn1Tag tag = AsnDecoder.ReadEncodedValue(one, AsnEncodingRules.DER, out int start, out int length, out _);
        return tag.HasSameClassAndValue(DnsName) && one.Length == other.Length && one[..start].SequenceEqual(other[..start])
            && Ascii.EqualsIgnoreCase(one.Slice(start, length), other.Slice(start, length));
    }

    private static T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (AsnContentException exception)
        {
            throw new CertificateException("the certificate is malformed", exception);
        }
    }
}
