using Org.BouncyCastle.Tls;
using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes;

/// <summary>The messages of an authentication after the handshake, as bytes (RFC 8446 sections 4.3.2, 4.4.2, 4.4.3).</summary>
internal static class PostHandshakeMessages
{
    /// <summary>Longest chain that is looked at.</summary>
    private const int MaxChain = 10;

    internal static byte[] Frame(short type, ReadOnlySpan<byte> body) =>
        [(byte)type, (byte)(body.Length >> 16), (byte)(body.Length >> 8), (byte)body.Length, .. body];

    internal static byte[] CertificateRequest(byte[] context, IEnumerable<SignatureAndHashAlgorithm> algorithms)
    {
        var body = new MemoryStream();
        TlsUtilities.WriteOpaque8(context, body);
        byte[] extension = TlsExtensionsUtilities.CreateSignatureAlgorithmsExtension([.. algorithms]);
        TlsUtilities.WriteUint16(4 + extension.Length, body);
        TlsUtilities.WriteUint16(ExtensionType.signature_algorithms, body);
        TlsUtilities.WriteOpaque16(extension, body);
        return Frame(HandshakeType.certificate_request, body.ToArray());
    }

    internal static byte[] Certificate(byte[] context, IReadOnlyList<ReadOnlyMemory<byte>> chain)
    {
        var list = new MemoryStream();
        foreach (ReadOnlyMemory<byte> der in chain)
        {
            TlsUtilities.WriteOpaque24(der.ToArray(), list);
            TlsUtilities.WriteUint16(0, list);
        }
        var body = new MemoryStream();
        TlsUtilities.WriteOpaque8(context, body);
        TlsUtilities.WriteOpaque24(list.ToArray(), body);
        return Frame(HandshakeType.certificate, body.ToArray());
    }

    internal static byte[] CertificateVerify(int scheme, byte[] signature)
    {
        var body = new MemoryStream();
        TlsUtilities.WriteUint16(scheme, body);
        TlsUtilities.WriteOpaque16(signature, body);
        return Frame(HandshakeType.certificate_verify, body.ToArray());
    }

    /// <summary>Takes a CertificateRequest apart.</summary>
    /// <exception cref="RecordException">It is malformed.</exception>
    internal static PostHandshakeRequest ReadRequest(byte[] body) => Read(body, input =>
    {
        byte[] context = TlsUtilities.ReadOpaque8(input);
        byte[] encoded = TlsUtilities.ReadOpaque16(input, 2);
        var extensions = new Dictionary<int, byte[]>();
        for (var rest = new MemoryStream(encoded); rest.Position < rest.Length;)
            if (!extensions.TryAdd(TlsUtilities.ReadUint16(rest), TlsUtilities.ReadOpaque16(rest)))
                throw new TlsFatalAlert(AlertDescription.illegal_parameter);
        if (context.Length == 0)
            throw new TlsFatalAlert(AlertDescription.illegal_parameter);
        IList<SignatureAndHashAlgorithm> algorithms = TlsExtensionsUtilities.GetSignatureAlgorithmsExtension(extensions)
            ?? throw new TlsFatalAlert(AlertDescription.missing_extension);
        return new PostHandshakeRequest(
            context,
            [.. algorithms.Select(SignatureScheme.From)],
            [.. (TlsExtensionsUtilities.GetCertificateAuthoritiesExtension(extensions) ?? []).Select(name => (ReadOnlyMemory<byte>)name.GetEncoded())],
            Frame(HandshakeType.certificate_request, body));
    });

    /// <summary>Takes a Certificate apart.</summary>
    /// <exception cref="RecordException">It is malformed.</exception>
    internal static (byte[] Context, IReadOnlyList<ReadOnlyMemory<byte>> Chain) ReadCertificate(byte[] body) => Read(body, input =>
    {
        byte[] context = TlsUtilities.ReadOpaque8(input);
        var chain = new List<ReadOnlyMemory<byte>>();
        for (var list = new MemoryStream(TlsUtilities.ReadOpaque24(input)); list.Position < list.Length;)
        {
            chain.Add(TlsUtilities.ReadOpaque24(list, 1));
            // None was asked for (RFC 8446 section 4.4.2).
            if (TlsUtilities.ReadOpaque16(list).Length > 0)
                throw new TlsFatalAlert(AlertDescription.unsupported_extension);
            if (chain.Count > MaxChain)
                throw new TlsFatalAlert(AlertDescription.bad_certificate);
        }
        return (context, chain);
    });

    /// <summary>Takes a CertificateVerify apart.</summary>
    /// <exception cref="RecordException">It is malformed.</exception>
    internal static (int Scheme, byte[] Signature) ReadCertificateVerify(byte[] body) =>
        Read(body, input => (TlsUtilities.ReadUint16(input), TlsUtilities.ReadOpaque16(input)));

    private static T Read<T>(byte[] body, Func<MemoryStream, T> read)
    {
        try
        {
            var input = new MemoryStream(body);
            T value = read(input);
            return input.Position == input.Length ? value : throw new TlsFatalAlert(AlertDescription.decode_error);
        }
        catch (TlsFatalAlert fatal)
        {
            throw new RecordException((AlertCode)fatal.AlertDescription, "a message of an authentication after the handshake is malformed");
        }
        catch (Exception exception) when (exception is IOException or ArgumentException)
        {
            throw new RecordException(AlertCode.DecodeError, "a message of an authentication after the handshake is malformed");
        }
    }
}
