using System.Buffers.Binary;

namespace TlsPool.Crypto.Records;

/// <summary>Seals AEAD records of TLS 1.2 (RFC 5246 section 6.2.3.3; AES-GCM RFC 5288, ChaCha20 RFC 7905).</summary>
internal sealed class Tls12AeadSealer(Aead aead, bool explicitNonce, ulong sequence) : RecordSealer
{
    private ulong _sequence = sequence;
    private long _blocks;

    public override int PrefixSize => explicitNonce ? 8 : 0;

    public override int SuffixSize => Aead.TagSize;

    // ChaCha20 has no limit that a sequence number could reach.
    public override bool IsExhausted => explicitNonce && _blocks >= BlocksPerKey12;

    public override int Seal(Span<byte> record, int contentLength, ContentType type)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(contentLength, MaxContent);
        _blocks += Blocks(contentLength);
        int prefix = PrefixSize;
        RecordHeader.Write(record, type, prefix + contentLength + Aead.TagSize);
        Span<byte> nonce = stackalloc byte[Aead.NonceSize];
        if (explicitNonce)
        {
            BinaryPrimitives.WriteUInt64BigEndian(record[HeaderSize..], _sequence);
            aead.ExplicitNonce(nonce, record.Slice(HeaderSize, 8));
        }
        else
        {
            aead.XorNonce(nonce, _sequence);
        }
        Span<byte> additional = stackalloc byte[Tls12AdditionalData.Size];
        Tls12AdditionalData.Write(additional, _sequence++, type, contentLength);
        Span<byte> content = record.Slice(HeaderSize + prefix, contentLength);
        aead.Encrypt(nonce, content, record.Slice(HeaderSize + prefix + contentLength, Aead.TagSize), additional);
        return HeaderSize + prefix + contentLength + Aead.TagSize;
    }

    public override void UpdateKeys() => throw new InvalidOperationException("TLS 1.2 has no key update");

    public override void Dispose() => aead.Dispose();
}

/// <summary>Opens AEAD records of TLS 1.2.</summary>
internal sealed class Tls12AeadOpener(Aead aead, bool explicitNonce, ulong sequence) : RecordOpener
{
    private ulong _sequence = sequence;

    public override OpenedRecord Open(Span<byte> record)
    {
        int prefix = explicitNonce ? 8 : 0;
        Span<byte> body = record[RecordHeader.Size..];
        if (body.Length > RecordHeader.MaxBody12)
            throw new RecordException(AlertCode.RecordOverflow, "a record is too long");
        int length = body.Length - prefix - Aead.TagSize;
        if (length < 0)
            throw new RecordException(AlertCode.DecodeError, "a record is too short");
        if (length > RecordSealer.MaxContent)
            throw new RecordException(AlertCode.RecordOverflow, "a record has too much content");
        Span<byte> nonce = stackalloc byte[Aead.NonceSize];
        if (explicitNonce)
            aead.ExplicitNonce(nonce, body[..8]);
        else
            aead.XorNonce(nonce, _sequence);
        ContentType type = RecordHeader.Type(record);
        Span<byte> additional = stackalloc byte[Tls12AdditionalData.Size];
        Tls12AdditionalData.Write(additional, _sequence++, type, length);
        aead.Decrypt(nonce, body.Slice(prefix, length), body[^Aead.TagSize..], additional);
        return new OpenedRecord(type, RecordHeader.Size + prefix, length);
    }

    public override void UpdateKeys() => throw new InvalidOperationException("TLS 1.2 has no key update");

    public override void Dispose() => aead.Dispose();
}

/// <summary>Sequence number, type, version and length, as TLS 1.2 authenticates them (RFC 5246 section 6.2.3.3).</summary>
internal static class Tls12AdditionalData
{
    internal const int Size = 13;

    internal static void Write(Span<byte> destination, ulong sequence, ContentType type, int length)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, sequence);
        RecordHeader.Write(destination[8..], type, length);
    }
}
