using System.Security.Cryptography;
using TlsPool.Crypto.Records;

namespace TlsPool.Tests.Crypto.Records;

/// <summary>A sealer and the opener of its records, under fresh keys.</summary>
internal sealed class RecordPair : IDisposable
{
    internal static readonly int[] Suites =
    [
        0x1301, 0x1302, 0x1303, 0xc02b, 0xc02c, 0xc02f, 0xc030, 0xcca8, 0xcca9,
        0xc009, 0xc00a, 0xc013, 0xc014, 0xc023, 0xc024, 0xc027, 0xc028,
    ];

    private RecordPair(RecordSealer sealer, RecordOpener opener) => (Sealer, Opener) = (sealer, opener);

    internal RecordSealer Sealer { get; }

    internal RecordOpener Opener { get; }

    internal static RecordPair For(int suite)
    {
        CipherSuiteInfo info = CipherSuiteInfo.For(suite);
        if (CipherSuiteNames.IsTls13(suite))
        {
            byte[] secret = RandomNumberGenerator.GetBytes(info.Hash == HashAlgorithmName.SHA384 ? 48 : 32);
            return new RecordPair(RecordProtection.SealerForTls13(suite, secret), RecordProtection.OpenerForTls13(suite, secret));
        }
        byte[] key = RandomNumberGenerator.GetBytes(info.KeySize);
        byte[] iv = RandomNumberGenerator.GetBytes(info.Cipher switch { BulkCipher.AesGcm => 4, BulkCipher.ChaCha20Poly1305 => 12, _ => 0 });
        byte[] mac = info.Cipher == BulkCipher.AesCbc ? RandomNumberGenerator.GetBytes(20) : [];
        return new RecordPair(
            RecordProtection.SealerForTls12(suite, key, iv, mac, encryptThenMac: true, nextSequence: 1),
            RecordProtection.OpenerForTls12(suite, key, iv, mac, encryptThenMac: true, nextSequence: 1));
    }

    internal byte[] Seal(ReadOnlySpan<byte> content, ContentType type = ContentType.ApplicationData)
    {
        int front = RecordSealer.HeaderSize + Sealer.PrefixSize;
        byte[] record = new byte[front + content.Length + Sealer.SuffixSize];
        content.CopyTo(record.AsSpan(front));
        return record[..Sealer.Seal(record, content.Length, type)];
    }

    /// <summary>Opens a copy.</summary>
    internal (ContentType Type, byte[] Content) Open(byte[] record)
    {
        byte[] copy = [.. record];
        OpenedRecord opened = Opener.Open(copy);
        return (opened.Type, copy[opened.Offset..(opened.Offset + opened.Length)]);
    }

    public void Dispose()
    {
        Sealer.Dispose();
        Opener.Dispose();
    }
}
