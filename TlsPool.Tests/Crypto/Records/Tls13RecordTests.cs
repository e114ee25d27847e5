using System.Security.Cryptography;
using NUnit.Framework;
using TlsPool.Crypto.Records;

namespace TlsPool.Tests.Crypto.Records;

/// <summary>Records of TLS 1.3 against the vectors of RFC 8448 section 3, and those that only a peer with the keys could make.</summary>
[Parallelizable(ParallelScope.All)]
public class Tls13RecordTests
{
    private const string ClientSecret = "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5";
    private const string ServerSecret = "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643";

    private static readonly byte[] Data = [.. Enumerable.Range(0, 50).Select(i => (byte)i)];

    private static byte[] Seal(RecordSealer sealer, byte[] content, ContentType type)
    {
        byte[] record = new byte[RecordSealer.HeaderSize + content.Length + sealer.SuffixSize];
        content.CopyTo(record, RecordSealer.HeaderSize);
        return record[..sealer.Seal(record, content.Length, type)];
    }

    [Test]
    public void The_client_of_rfc_8448_sends_its_data_and_its_alert()
    {
        using RecordSealer sealer = RecordProtection.SealerForTls13(0x1301, Convert.FromHexString(ClientSecret));

        Assert.That(Convert.ToHexStringLower(Seal(sealer, Data, ContentType.ApplicationData)), Is.EqualTo(
            "1703030043a23f7054b62c94d0affafe8228ba55cbefacea42f914aa66bcab3f2b9819a8a5b46b395bd54a9a20441e2b62974e1f5a6292a2977014bd1e3deae63aeebb21694915e4"));
        Assert.That(Convert.ToHexStringLower(Seal(sealer, [1, 0], ContentType.Alert)), Is.EqualTo("1703030013c9872760655666b74d7ff1153efd6db6d0b0e3"));
    }

    [Test]
    public void The_data_of_rfc_8448_s_server_is_read()
    {
        using var opener = (Tls13Opener)RecordProtection.OpenerForTls13(0x1301, Convert.FromHexString(ServerSecret));
        byte[] record = Convert.FromHexString(
            "17030300432e937e11ef4ac740e538ad36005fc4a46932fc3225d05f82aa1b36e30efaf97d90e6dffc602dcb501a59a8fcc49c4bf2e5f0a21c0047c2abf332540dd032e167c2955d");
        // A ticket went before it.
        Sequence(opener) = 1;
        OpenedRecord opened = opener.Open(record);

        Assert.That(record[opened.Offset..(opened.Offset + opened.Length)], Is.EqualTo(Data));
        Assert.That(opened.Type, Is.EqualTo(ContentType.ApplicationData));
    }

    [Test]
    public void Padding_is_taken_off([Values(0, 1, 100, 16383)] int padding)
    {
        (ContentType type, byte[] content) = Open([42, (byte)ContentType.ApplicationData, .. new byte[padding]]);

        Assert.That(type, Is.EqualTo(ContentType.ApplicationData));
        Assert.That(content, Is.EqualTo(new byte[] { 42 }));
    }

    [TestCase(1)]
    [TestCase(16385)]
    public void A_record_of_zeros_has_no_type(int zeros) =>
        Assert.That(Assert.Throws<RecordException>(() => Open(new byte[zeros]))!.Alert, Is.EqualTo(AlertCode.UnexpectedMessage));

    [Test]
    public void Content_that_is_too_long_overflows() => Assert.That(
        Assert.Throws<RecordException>(() => Open([.. Enumerable.Repeat((byte)1, RecordSealer.MaxContent + 1), 23]))!.Alert,
        Is.EqualTo(AlertCode.RecordOverflow));

    [Test]
    public void A_record_without_protection_has_no_place([Values(20, 21, 22, 24)] byte type)
    {
        using var pair = RecordPair.For(0x1301);
        byte[] record = pair.Seal([1, 2, 3]);
        record[0] = type;

        Assert.That(Assert.Throws<RecordException>(() => pair.Open(record))!.Alert, Is.EqualTo(AlertCode.UnexpectedMessage));
    }

    /// <summary>Seals any inner plaintext, as a peer with the keys can, and opens it.</summary>
    private static (ContentType Type, byte[] Content) Open(byte[] inner)
    {
        byte[] secret = RandomNumberGenerator.GetBytes(32);
        using var peer = new TrafficSecret(CipherSuiteInfo.For(0x1301), secret);
        using Aead aead = peer.MakeKey();
        byte[] record = new byte[RecordHeader.Size + inner.Length + Aead.TagSize];
        RecordHeader.Write(record, ContentType.ApplicationData, inner.Length + Aead.TagSize);
        inner.CopyTo(record, RecordHeader.Size);
        byte[] nonce = new byte[Aead.NonceSize];
        aead.XorNonce(nonce, 0);
        aead.Encrypt(nonce, record.AsSpan(RecordHeader.Size, inner.Length), record.AsSpan(RecordHeader.Size + inner.Length), record.AsSpan(0, RecordHeader.Size));
        using RecordOpener opener = RecordProtection.OpenerForTls13(0x1301, secret);
        OpenedRecord opened = opener.Open(record);
        return (opened.Type, record[opened.Offset..(opened.Offset + opened.Length)]);
    }

    [System.Runtime.CompilerServices.UnsafeAccessor(System.Runtime.CompilerServices.UnsafeAccessorKind.Field, Name = "_sequence")]
    private static extern ref ulong Sequence(Tls13Opener opener);
}
