using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;

namespace TlsPool.Crypto.Certificates;

/// <summary>Reads certificates from what people have: DER, PEM, bundles of PEM.</summary>
public static class CertificateReader
{
    /// <summary>Most bytes of one certificate: far more than any that works in TLS.</summary>
    public const int MaxCertificate = 64 * 1024;

    /// <summary>Most certificates of one chain.</summary>
    internal const int MaxChain = 16;

    /// <summary>Reads a file's content: one DER certificate, or any number in PEM; other PEM objects are skipped.</summary>
    /// <param name="content">The content.</param>
    /// <returns>DER of each, at least one, in the file's order.</returns>
    /// <exception cref="CertificateException">There is none, or one is malformed.</exception>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Read(ReadOnlySpan<byte> content)
    {
        if (!content.IsEmpty && content[0] == 0x30)
            return [Check(content.ToArray())];
        string text = Encoding.Latin1.GetString(content);
        var found = new List<ReadOnlyMemory<byte>>();
        ReadOnlySpan<char> rest = text;
        while (PemEncoding.TryFind(rest, out PemFields fields))
        {
            if (rest[fields.Label] is "CERTIFICATE" or "X509 CERTIFICATE" or "TRUSTED CERTIFICATE")
                found.Add(Check(Convert.FromBase64String(rest[fields.Base64Data].ToString())));
            rest = rest[fields.Location.End..];
        }
        return found.Count > 0 ? found : throw new CertificateException("there is no certificate in it: DER, or PEM with BEGIN CERTIFICATE, is expected");
    }

    /// <summary>One after the other: DER says itself where each ends.</summary>
    public static byte[] Join(IReadOnlyList<ReadOnlyMemory<byte>> chain)
    {
        byte[] joined = new byte[chain.Sum(certificate => certificate.Length)];
        int at = 0;
        foreach (ReadOnlyMemory<byte> certificate in chain)
        {
            certificate.CopyTo(joined.AsMemory(at));
            at += certificate.Length;
        }
        return joined;
    }

    /// <summary>Takes apart what <see cref="Join"/> made.</summary>
    /// <exception cref="CertificateException">It is something else.</exception>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> joined)
    {
        var chain = new List<ReadOnlyMemory<byte>>();
        try
        {
            while (!joined.IsEmpty && chain.Count < MaxChain)
            {
                AsnDecoder.ReadEncodedValue(joined.Span, AsnEncodingRules.DER, out _, out _, out int length);
                chain.Add(joined[..length]);
                joined = joined[length..];
            }
        }
        catch (AsnContentException exception)
        {
            throw new CertificateException("it is no chain of certificates", exception);
        }
        return chain.Count > 0 && joined.IsEmpty ? chain : throw new CertificateException("it is no chain of certificates");
    }

    private static byte[] Check(byte[] der)
    {
        using var _ = CertificateFacts.Load(der);
        return der;
    }
}
