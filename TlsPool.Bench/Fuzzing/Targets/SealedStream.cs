using TlsPool.Crypto.Records;

namespace TlsPool.Bench.Fuzzing.Targets;

/// <summary>
/// Record protection with fixed keys, one suite of each kind, so that inputs can say what is inside a record and not only what it looks like.
/// </summary>
internal sealed class SealedStream(int suite)
{
    private const int Suite13 = 0x13;

    private static readonly int[] Suites = [0x1301, 0x1302, 0x1303, 0xc02b, 0xc030, 0xcca9, 0xc009, 0xc014, 0xc027, 0xc028];

    internal static int SuiteCount => Suites.Length;

    internal int Suite { get; } = Suites[suite % Suites.Length];

    internal bool Is13 => Suite >> 8 == Suite13;

    /// <summary>Size of the suite's hash.</summary>
    internal int HashSize => Info.Hash.Name == "SHA384" ? 48 : 32;

    internal RecordSealer Sealer() => Is13
        ? RecordProtection.SealerForTls13(Suite, Secret(HashSize))
        : RecordProtection.SealerForTls12(Suite, Secret(Info.KeySize), Iv, Mac, encryptThenMac: true, nextSequence: 1);

    internal RecordOpener Opener() => Is13
        ? RecordProtection.OpenerForTls13(Suite, Secret(HashSize))
        : RecordProtection.OpenerForTls12(Suite, Secret(Info.KeySize), Iv, Mac, encryptThenMac: true, nextSequence: 1);

    /// <summary>Seals content of any length; what is too long for a record is cut.</summary>
    internal static byte[] Seal(RecordSealer sealer, ContentType type, ReadOnlySpan<byte> content)
    {
        content = content[..Math.Min(content.Length, RecordSealer.MaxContent)];
        int front = RecordSealer.HeaderSize + sealer.PrefixSize;
        byte[] record = new byte[front + content.Length + sealer.SuffixSize];
        content.CopyTo(record.AsSpan(front));
        return record[..sealer.Seal(record, content.Length, type)];
    }

    /// <summary>A record with a header of its own and any body.</summary>
    internal static byte[] Raw(byte type, ReadOnlySpan<byte> body) =>
        [type, 3, 3, (byte)(body.Length >> 8), (byte)body.Length, .. body];

    private CipherSuiteInfo Info => CipherSuiteInfo.For(Suite);

    private byte[] Iv => Info.Cipher switch { BulkCipher.AesGcm => Secret(4), BulkCipher.ChaCha20Poly1305 => Secret(12), _ => [] };

    private byte[] Mac => Info.MacHash.Name switch { "SHA1" => Secret(20), "SHA256" => Secret(32), "SHA384" => Secret(48), _ => [] };

    private static byte[] Secret(int size) => [.. Enumerable.Range(1, size).Select(i => (byte)i)];
}
