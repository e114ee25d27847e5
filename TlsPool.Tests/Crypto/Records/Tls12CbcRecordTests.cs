using System.Security.Cryptography;
using NUnit.Framework;
using TlsPool.Crypto.Records;

namespace TlsPool.Tests.Crypto.Records;

/// <summary>Padding of CBC records, which only counts behind a right MAC (RFC 7366).</summary>
[Parallelizable(ParallelScope.All)]
public class Tls12CbcRecordTests
{
    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(16);
    private static readonly byte[] MacKey = RandomNumberGenerator.GetBytes(32);

    [TestCase(15)]
    [TestCase(31)]
    [TestCase(255)]
    public void Any_padding_up_to_a_byte_s_worth_is_taken(int padding)
    {
        byte[] content = new byte[256 + 15 - padding];
        content.AsSpan().Fill(7);

        Assert.That(Open([.. content, .. Enumerable.Repeat((byte)padding, padding + 1)]), Is.EqualTo(content));
    }

    [Test]
    public void A_record_may_be_padding_only() => Assert.That(Open([.. Enumerable.Repeat((byte)15, 16)]), Is.Empty);

    [TestCase("0000000000000000000000000000000202", TestName = "A_padding_byte_that_differs_is_noticed(first)")]
    [TestCase("00000000000000000000000000000003020303", TestName = "A_padding_byte_that_differs_is_noticed(inner)")]
    public void A_padding_byte_that_differs_is_noticed(string end)
    {
        byte[] tail = Convert.FromHexString(end);
        byte[] padded = new byte[32];
        tail.CopyTo(padded, 32 - tail.Length);

        Assert.That(Assert.Throws<RecordException>(() => Open(padded))!.Alert, Is.EqualTo(AlertCode.BadRecordMac));
    }

    [Test]
    public void Padding_longer_than_the_record_is_noticed() => Assert.That(
        Assert.Throws<RecordException>(() => Open([.. Enumerable.Repeat((byte)16, 16)]))!.Alert, Is.EqualTo(AlertCode.BadRecordMac));

    [Test]
    public void Content_that_is_too_long_overflows() => Assert.That(
        Assert.Throws<RecordException>(() => Open([.. new byte[RecordSealer.MaxContent + 16 - 1], 0, .. Enumerable.Repeat((byte)15, 16)]))!.Alert,
        Is.EqualTo(AlertCode.RecordOverflow));

    /// <summary>Protects blocks as a peer with the keys can, and opens them.</summary>
    private static byte[] Open(byte[] padded)
    {
        using var keys = new CbcHmac(HashAlgorithmName.SHA256, Key, MacKey);
        byte[] iv = RandomNumberGenerator.GetBytes(CbcHmac.BlockSize);
        keys.Encrypt(iv, padded);
        byte[] body = [.. iv, .. padded, .. new byte[keys.MacSize]];
        keys.Mac(1, ContentType.ApplicationData, body.AsSpan(0, body.Length - keys.MacSize), body.AsSpan(body.Length - keys.MacSize));
        byte[] record = [.. new byte[RecordHeader.Size], .. body];
        RecordHeader.Write(record, ContentType.ApplicationData, body.Length);
        using RecordOpener opener = RecordProtection.OpenerForTls12(0xc027, Key, default, MacKey, encryptThenMac: true, nextSequence: 1);
        OpenedRecord opened = opener.Open(record);
        return record[opened.Offset..(opened.Offset + opened.Length)];
    }
}
