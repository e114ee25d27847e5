using System.Security.Cryptography;

namespace TlsPool.Crypto.Records;

/// <summary>AES-CBC with HMAC over the ciphertext (RFC 7366), keys of one direction.</summary>
internal sealed class CbcHmac : IDisposable
{
    internal const int BlockSize = 16;

    private readonly Aes _aes = Aes.Create();
    private readonly IncrementalHash _mac;

    internal CbcHmac(HashAlgorithmName hash, ReadOnlySpan<byte> key, ReadOnlySpan<byte> macKey)
    {
        _aes.SetKey(key);
        _mac = IncrementalHash.CreateHMAC(hash, macKey);
    }

    internal int MacSize => _mac.HashLengthInBytes;

    internal void Encrypt(ReadOnlySpan<byte> iv, Span<byte> padded) => _aes.EncryptCbc(padded, iv, padded, PaddingMode.None);

    internal void Decrypt(ReadOnlySpan<byte> iv, Span<byte> padded) => _aes.DecryptCbc(padded, iv, padded, PaddingMode.None);

    /// <summary>MAC over sequence number, header and IV with ciphertext.</summary>
    internal void Mac(ulong sequence, ContentType type, ReadOnlySpan<byte> ivAndCiphertext, Span<byte> mac)
    {
        Span<byte> header = stackalloc byte[Tls12AdditionalData.Size];
        Tls12AdditionalData.Write(header, sequence, type, ivAndCiphertext.Length);
        _mac.AppendData(header);
        _mac.AppendData(ivAndCiphertext);
        _mac.GetHashAndReset(mac);
    }

    public void Dispose()
    {
        _aes.Dispose();
        _mac.Dispose();
    }
}

/// <summary>Seals CBC records of TLS 1.2 with encrypt-then-MAC (RFC 7366 section 3).</summary>
internal sealed class Tls12CbcSealer(CbcHmac keys, ulong sequence) : RecordSealer
{
    private ulong _sequence = sequence;
    private long _blocks;

    public override int PrefixSize => CbcHmac.BlockSize;

    public override int SuffixSize => CbcHmac.BlockSize + keys.MacSize;

    public override bool IsExhausted => _blocks >= BlocksPerKey12;

    public override int Seal(Span<byte> record, int contentLength, ContentType type)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(contentLength, MaxContent);
        _blocks += Blocks(contentLength);
        Span<byte> iv = record.Slice(HeaderSize, CbcHmac.BlockSize);
        RandomNumberGenerator.Fill(iv);
        int padding = CbcHmac.BlockSize - (contentLength % CbcHmac.BlockSize);
        Span<byte> padded = record.Slice(HeaderSize + CbcHmac.BlockSize, contentLength + padding);
        padded[contentLength..].Fill((byte)(padding - 1));
        keys.Encrypt(iv, padded);
        int covered = CbcHmac.BlockSize + padded.Length;
        keys.Mac(_sequence++, type, record.Slice(HeaderSize, covered), record.Slice(HeaderSize + covered, keys.MacSize));
        RecordHeader.Write(record, type, covered + keys.MacSize);
        return HeaderSize + covered + keys.MacSize;
    }

    public override void UpdateKeys() => throw new InvalidOperationException("TLS 1.2 has no key update");

    public override void Dispose() => keys.Dispose();
}

/// <summary>Opens CBC records of TLS 1.2 with encrypt-then-MAC: the MAC comes first, so padding tells an attacker nothing.</summary>
internal sealed class Tls12CbcOpener(CbcHmac keys, ulong sequence) : RecordOpener
{
    private ulong _sequence = sequence;

    public override OpenedRecord Open(Span<byte> record)
    {
        Span<byte> body = record[RecordHeader.Size..];
        if (body.Length > RecordHeader.MaxBody12)
            throw new RecordException(AlertCode.RecordOverflow, "a record is too long");
        int covered = body.Length - keys.MacSize;
        if (covered < 2 * CbcHmac.BlockSize || covered % CbcHmac.BlockSize != 0)
            throw new RecordException(AlertCode.BadRecordMac, "a record has a length that no block cipher makes");
        ContentType type = RecordHeader.Type(record);
        Span<byte> mac = stackalloc byte[keys.MacSize];
        keys.Mac(_sequence++, type, body[..covered], mac);
        if (!CryptographicOperations.FixedTimeEquals(mac, body[covered..]))
            throw new RecordException(AlertCode.BadRecordMac, "a record was damaged or forged on its way");
        Span<byte> padded = body[CbcHmac.BlockSize..covered];
        keys.Decrypt(body[..CbcHmac.BlockSize], padded);
        byte padding = padded[^1];
        if (padding >= padded.Length || padded[^(padding + 1)..].ContainsAnyExcept(padding))
            throw new RecordException(AlertCode.BadRecordMac, "a record has wrong padding");
        int length = padded.Length - padding - 1;
        if (length > RecordSealer.MaxContent)
            throw new RecordException(AlertCode.RecordOverflow, "a record has too much content");
        return new OpenedRecord(type, RecordHeader.Size + CbcHmac.BlockSize, length);
    }

    public override void UpdateKeys() => throw new InvalidOperationException("TLS 1.2 has no key update");

    public override void Dispose() => keys.Dispose();
}
