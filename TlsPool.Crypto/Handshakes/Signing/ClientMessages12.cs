namespace TlsPool.Crypto.Handshakes.Signing;

/// <summary>
/// What a TLS 1.2 client signs in its CertificateVerify (RFC 5246 section 7.4.8): all messages of the handshake so far, with their headers. Only
/// a handshake with ECDHE in which both sides show certificates gets there; a renegotiation begins with a ClientHello of its own.
/// </summary>
internal static class ClientMessages12
{
    private const byte ServerHello = 2;
    private const byte ServerKeyExchange = 12;
    private const byte ServerHelloDone = 14;
    private const byte ClientKeyExchange = 16;
    private const byte CertificateStatus = 22;
    private const int Version12 = 0x0303;
    private const int RandomSize = 32;
    private const int MaxSessionId = 32;

    /// <summary>True for those messages in their order, each of them whole, and nothing after the last.</summary>
    internal static bool AreWhole(ReadOnlySpan<byte> content)
    {
        var messages = new ContentReader(content);
        if (!IsClientHello(Take(ref messages, HandshakeTypes.ClientHello))
            || !IsServerHello(Take(ref messages, ServerHello))
            || !IsCertificate(Take(ref messages, HandshakeTypes.Certificate)))
            return false;
        // Only from a server that was asked for it (RFC 6066 section 8).
        if (messages.Next == CertificateStatus && !IsCertificateStatus(Take(ref messages, CertificateStatus)))
            return false;
        int point = ReadServerKeyExchange(Take(ref messages, ServerKeyExchange));
        return point > 0
            && IsCertificateRequest(Take(ref messages, HandshakeTypes.CertificateRequest))
            && IsEmpty(ref messages, ServerHelloDone)
            && IsCertificate(Take(ref messages, HandshakeTypes.Certificate))
            && IsClientKeyExchange(Take(ref messages, ClientKeyExchange), point)
            && messages.IsDone;
    }

    /// <summary>The body of the next message, with its length of 3 bytes before it; nothing if it is of another type.</summary>
    private static ReadOnlySpan<byte> Take(ref ContentReader messages, byte type) => messages.Number(1) == type ? messages.Vector(3) : [];

    private static bool IsEmpty(ref ContentReader messages, byte type) => messages.Number(1) == type && messages.Number(3) == 0;

    /// <summary>RFC 5246 section 7.4.1.2.</summary>
    private static bool IsClientHello(ReadOnlySpan<byte> body)
    {
        var reader = new ContentReader(body);
        bool right = ReadStart(ref reader);
        right &= reader.FilledVector(2).Length % 2 == 0;
        reader.FilledVector(1);
        return right && ReadExtensions(ref reader);
    }

    /// <summary>RFC 5246 section 7.4.1.3.</summary>
    private static bool IsServerHello(ReadOnlySpan<byte> body)
    {
        var reader = new ContentReader(body);
        bool right = ReadStart(ref reader);
        reader.Number(2);
        right &= reader.Number(1) == 0;
        return right && ReadExtensions(ref reader);
    }

    private static bool ReadStart(ref ContentReader reader)
    {
        bool right = reader.Number(2) == Version12;
        reader.Bytes(RandomSize);
        return right && reader.Vector(1).Length <= MaxSessionId;
    }

    /// <summary>RFC 5246 section 7.4.1.4: there may be none, and nothing comes after them.</summary>
    private static bool ReadExtensions(ref ContentReader reader)
    {
        if (!reader.HasMore)
            return reader.IsDone;
        var extensions = new ContentReader(reader.Vector(2));
        while (extensions.HasMore)
        {
            extensions.Number(2);
            extensions.Vector(2);
        }
        return extensions.IsDone && reader.IsDone;
    }

    /// <summary>RFC 5246 section 7.4.2; a side without a certificate signs nothing.</summary>
    private static bool IsCertificate(ReadOnlySpan<byte> body)
    {
        var reader = new ContentReader(body);
        return AreVectors(reader.FilledVector(3), lengthBytes: 3) && reader.IsDone;
    }

    /// <summary>RFC 6066 section 8.</summary>
    private static bool IsCertificateStatus(ReadOnlySpan<byte> body)
    {
        var reader = new ContentReader(body);
        reader.Number(1);
        reader.FilledVector(3);
        return reader.IsDone;
    }

    /// <summary>RFC 8422 section 5.4: parameters, scheme (2) and signature.</summary>
    private static int ReadServerKeyExchange(ReadOnlySpan<byte> body)
    {
        var reader = new ContentReader(body);
        int point = EcdheCurve.ReadParameters(ref reader);
        reader.Number(2);
        reader.FilledVector(2);
        return reader.IsDone ? point : 0;
    }

    /// <summary>RFC 5246 section 7.4.4: types of certificates, schemes, and names of authorities.</summary>
    private static bool IsCertificateRequest(ReadOnlySpan<byte> body)
    {
        var reader = new ContentReader(body);
        reader.FilledVector(1);
        bool right = reader.FilledVector(2).Length % 2 == 0;
        return AreVectors(reader.Vector(2), lengthBytes: 2) && right && reader.IsDone;
    }

    /// <summary>RFC 8422 section 5.7: a point of the curve that the server has chosen.</summary>
    private static bool IsClientKeyExchange(ReadOnlySpan<byte> body, int point)
    {
        var reader = new ContentReader(body);
        return EcdheCurve.IsPoint(reader.Vector(1), point) && reader.IsDone;
    }

    private static bool AreVectors(ReadOnlySpan<byte> list, int lengthBytes)
    {
        var reader = new ContentReader(list);
        while (reader.HasMore)
            reader.FilledVector(lengthBytes);
        return reader.IsDone;
    }
}
