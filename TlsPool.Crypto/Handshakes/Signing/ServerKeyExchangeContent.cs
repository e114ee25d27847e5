namespace TlsPool.Crypto.Handshakes.Signing;

/// <summary>
/// What a TLS 1.2 server signs in its ServerKeyExchange with ECDHE (RFC 8422 section 5.4): client_random (32), server_random (32), and the
/// parameters of the key exchange.
/// </summary>
internal static class ServerKeyExchangeContent
{
    private const int Randoms = 64;

    /// <summary>True for that and nothing after it.</summary>
    internal static bool IsWhole(ReadOnlySpan<byte> content)
    {
        var reader = new ContentReader(content);
        reader.Bytes(Randoms);
        return EcdheCurve.ReadParameters(ref reader) > 0 && reader.IsDone && !IsDer(content);
    }

    /// <summary>
    /// True if it is a DER structure as well (X.690 section 8.1), such as a certificate to be: whoever asks may choose both random numbers, and a
    /// field of its own choice at the end. Random numbers of a handshake look like this less than once in ten million.
    /// </summary>
    private static bool IsDer(ReadOnlySpan<byte> content)
    {
        const byte sequence = 0x30, set = 0x31;
        ReadOnlySpan<byte> rest = content;
        if (content[0] is not (sequence or set) || !TakeElement(ref rest, out ReadOnlySpan<byte> inside) || !rest.IsEmpty)
            return false;
        // What structures that are signed begin with: a number, a sequence, an identifier, or an optional field.
        if (inside.IsEmpty || inside[0] is not (0x02 or 0x06 or sequence or 0xa0 or 0xa1 or 0xa2))
            return false;
        while (!inside.IsEmpty)
        {
            if (!TakeElement(ref inside, out _))
                return false;
        }
        return true;
    }

    private static bool TakeElement(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> value)
    {
        const int longForm = 0x80;
        value = default;
        if (rest.Length < 2)
            return false;
        int length = rest[1], header = 2;
        if (length >= longForm)
        {
            int bytes = length - longForm;
            // Contents of this kind are far shorter than 64 KiB.
            if (bytes is 0 or > 2 || rest.Length < header + bytes)
                return false;
            length = bytes == 1 ? rest[2] : (rest[2] << 8) | rest[3];
            header += bytes;
        }
        if (rest.Length < header + length)
            return false;
        value = rest.Slice(header, length);
        rest = rest[(header + length)..];
        return true;
    }
}
