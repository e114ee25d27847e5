namespace TlsPool.Crypto.Records;

/// <summary>Seals records of TLS 1.3 (RFC 8446 section 5.2).</summary>
internal sealed class Tls13Sealer : RecordSealer
{
    /// <summary>Half of the limit that RFC 8446 section 5.5 gives AES-GCM, so that there is time to update.</summary>
    internal const ulong RecordsPerKey = 1 << 23;

    private readonly TrafficSecret _secret;
    private Aead _aead;
    private ulong _sequence;

    internal Tls13Sealer(TrafficSecret secret) => (_secret, _aead) = (secret, secret.MakeKey());

    public override int PrefixSize => 0;

    public override int SuffixSize => 1 + Aead.TagSize;

    public override bool IsExhausted => _sequence >= RecordsPerKey;

    public override int Seal(Span<byte> record, int contentLength, ContentType type)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(contentLength, MaxContent);
        int inner = contentLength + 1;
        RecordHeader.Write(record, ContentType.ApplicationData, inner + Aead.TagSize);
        record[HeaderSize + contentLength] = (byte)type;
        Span<byte> nonce = stackalloc byte[Aead.NonceSize];
        _aead.XorNonce(nonce, _sequence++);
        _aead.Encrypt(nonce, record.Slice(HeaderSize, inner), record.Slice(HeaderSize + inner, Aead.TagSize), record[..HeaderSize]);
        return HeaderSize + inner + Aead.TagSize;
    }

    public override void UpdateKeys()
    {
        _secret.Advance();
        _aead.Dispose();
        _aead = _secret.MakeKey();
        _sequence = 0;
    }

    internal override byte[] FinishedKey() => _secret.FinishedKey();

    public override void Dispose()
    {
        _aead.Dispose();
        _secret.Dispose();
    }
}

/// <summary>Opens records of TLS 1.3 (RFC 8446 section 5.2).</summary>
internal sealed class Tls13Opener : RecordOpener
{
    private readonly TrafficSecret _secret;
    private Aead _aead;
    private ulong _sequence;

    internal Tls13Opener(TrafficSecret secret) => (_secret, _aead) = (secret, secret.MakeKey());

    public override OpenedRecord Open(Span<byte> record)
    {
        Span<byte> body = record[RecordHeader.Size..];
        if (RecordHeader.Type(record) != ContentType.ApplicationData)
            throw new RecordException(AlertCode.UnexpectedMessage, "a record is not protected");
        if (body.Length > RecordHeader.MaxBody13)
            throw new RecordException(AlertCode.RecordOverflow, "a record is too long");
        if (body.Length < 1 + Aead.TagSize)
            throw new RecordException(AlertCode.DecodeError, "a record is too short");
        Span<byte> nonce = stackalloc byte[Aead.NonceSize];
        _aead.XorNonce(nonce, _sequence++);
        Span<byte> inner = body[..^Aead.TagSize];
        _aead.Decrypt(nonce, inner, body[^Aead.TagSize..], record[..RecordHeader.Size]);
        int end = inner.LastIndexOfAnyExcept((byte)0);
        if (end < 0)
            throw new RecordException(AlertCode.UnexpectedMessage, "a record has no content type");
        if (end > RecordSealer.MaxContent)
            throw new RecordException(AlertCode.RecordOverflow, "a record has too much content");
        return new OpenedRecord((ContentType)inner[end], RecordHeader.Size, end);
    }

    public override void UpdateKeys()
    {
        _secret.Advance();
        _aead.Dispose();
        _aead = _secret.MakeKey();
        _sequence = 0;
    }

    internal override byte[] FinishedKey() => _secret.FinishedKey();

    public override void Dispose()
    {
        _aead.Dispose();
        _secret.Dispose();
    }
}
