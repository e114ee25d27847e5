using System.Runtime.CompilerServices;
using NUnit.Framework;
using TlsPool.Crypto.Records;

namespace TlsPool.Tests.Crypto.Records;

[Parallelizable(ParallelScope.All)]
public class RecordProtectionTests
{
    private static readonly int[] Sizes = [0, 1, 14, 15, 16, 17, 255, 256, 16383, 16384];

    private static AlertCode AlertOf(Action action) => Assert.Throws<RecordException>(action)!.Alert;

    [Test]
    public void Every_length_comes_back([ValueSource(typeof(RecordPair), nameof(RecordPair.Suites))] int suite)
    {
        using var pair = RecordPair.For(suite);
        foreach (int size in Sizes)
        {
            byte[] content = new byte[size];
            Random.Shared.NextBytes(content);
            foreach (ContentType type in new[] { ContentType.ApplicationData, ContentType.Handshake, ContentType.Alert })
            {
                (ContentType openedType, byte[] opened) = pair.Open(pair.Seal(content, type));
                Assert.That(opened, Is.EqualTo(content));
                Assert.That(openedType, Is.EqualTo(type));
            }
        }
    }

    [Test]
    public void A_record_fits_the_room_that_is_asked_for([ValueSource(typeof(RecordPair), nameof(RecordPair.Suites))] int suite)
    {
        using var pair = RecordPair.For(suite);

        Assert.That(pair.Sealer.PrefixSize, Is.LessThanOrEqualTo(RecordSealer.MaxPrefix));
        Assert.That(pair.Sealer.SuffixSize, Is.LessThanOrEqualTo(RecordSealer.MaxSuffix));
        Assert.Throws<ArgumentOutOfRangeException>(() => pair.Seal(new byte[RecordSealer.MaxContent + 1]));
    }

    [Test]
    public void A_changed_byte_is_noticed_wherever_it_is([ValueSource(typeof(RecordPair), nameof(RecordPair.Suites))] int suite)
    {
        byte[] content = [.. Enumerable.Range(0, 40).Select(i => (byte)i)];
        int length = RecordSealer.HeaderSize + 40 + 60;
        for (int at = 0; at < length; at++)
        {
            using var pair = RecordPair.For(suite);
            byte[] record = pair.Seal(content);
            if (at >= record.Length)
                break;
            // TLS 1.2 authenticates its own idea of version and length; what the header says there has no effect.
            if (at is >= 1 and < RecordSealer.HeaderSize && !CipherSuiteNames.IsTls13(suite))
                continue;
            record[at] ^= 0x40;
            Assert.Throws<RecordException>(() => pair.Open(record), $"byte {at}");
        }
    }

    [Test]
    public void A_shortened_record_is_noticed([ValueSource(typeof(RecordPair), nameof(RecordPair.Suites))] int suite)
    {
        byte[] content = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17];
        for (int size = RecordSealer.HeaderSize; ; size++)
        {
            using var pair = RecordPair.For(suite);
            byte[] record = pair.Seal(content);
            if (size == record.Length)
                break;
            Assert.Throws<RecordException>(() => pair.Open(record[..size]), $"{size} bytes");
        }
    }

    [Test]
    public void Records_come_in_their_order_and_once([ValueSource(typeof(RecordPair), nameof(RecordPair.Suites))] int suite)
    {
        using (var pair = RecordPair.For(suite))
        {
            pair.Seal([1]);
            byte[] second = pair.Seal([2]);
            Assert.That(AlertOf(() => pair.Open(second)), Is.EqualTo(AlertCode.BadRecordMac));
        }
        using (var pair = RecordPair.For(suite))
        {
            byte[] first = pair.Seal([1]);
            pair.Open(first);
            Assert.That(AlertOf(() => pair.Open(first)), Is.EqualTo(AlertCode.BadRecordMac));
        }
    }

    [Test]
    public void Records_of_another_key_are_noticed([ValueSource(typeof(RecordPair), nameof(RecordPair.Suites))] int suite)
    {
        using var one = RecordPair.For(suite);
        using var other = RecordPair.For(suite);

        Assert.That(AlertOf(() => other.Open(one.Seal([1, 2, 3]))), Is.EqualTo(AlertCode.BadRecordMac));
    }

    [Test]
    public void A_record_that_is_too_long_overflows([ValueSource(typeof(RecordPair), nameof(RecordPair.Suites))] int suite)
    {
        using var pair = RecordPair.For(suite);
        int max = CipherSuiteNames.IsTls13(suite) ? RecordHeader.MaxBody13 : RecordHeader.MaxBody12;
        byte[] record = new byte[RecordHeader.Size + max + 1];
        record[0] = (byte)ContentType.ApplicationData;

        Assert.That(AlertOf(() => pair.Open(record)), Is.EqualTo(AlertCode.RecordOverflow));
    }

    [Test]
    public void Only_tls_13_updates_keys([ValueSource(typeof(RecordPair), nameof(RecordPair.Suites))] int suite)
    {
        using var pair = RecordPair.For(suite);
        if (!CipherSuiteNames.IsTls13(suite))
        {
            Assert.Throws<InvalidOperationException>(pair.Sealer.UpdateKeys);
            Assert.Throws<InvalidOperationException>(pair.Opener.UpdateKeys);
            return;
        }
        for (int generation = 0; generation < 3; generation++)
        {
            pair.Open(pair.Seal([1]));
            pair.Sealer.UpdateKeys();
            pair.Opener.UpdateKeys();
        }
        Assert.That(pair.Open(pair.Seal([7])).Content, Is.EqualTo(new byte[] { 7 }));
        pair.Sealer.UpdateKeys();
        Assert.That(AlertOf(() => pair.Open(pair.Seal([8]))), Is.EqualTo(AlertCode.BadRecordMac));
    }

    [Test]
    public void A_key_of_tls_13_is_used_up_by_records()
    {
        using var pair = RecordPair.For(0x1301);
        Sequence((Tls13Sealer)pair.Sealer) = Tls13Sealer.RecordsPerKey - 1;
        Assert.That(pair.Sealer.IsExhausted, Is.False);
        pair.Seal([1]);
        Assert.That(pair.Sealer.IsExhausted, Is.True);
        pair.Sealer.UpdateKeys();
        Assert.That(pair.Sealer.IsExhausted, Is.False);
    }

    [Test]
    public void A_key_of_tls_12_is_used_up_by_volume_and_not_by_many_small_records()
    {
        using var gcm = RecordPair.For(0xc02f);
        using var cbc = RecordPair.For(0xc027);
        using var chaCha = RecordPair.For(0xcca8);
        Sequence((Tls12AeadSealer)gcm.Sealer) = 1UL << 40;
        Assert.That(gcm.Sealer.IsExhausted, Is.False);
        Blocks((Tls12AeadSealer)gcm.Sealer) = RecordSealer.BlocksPerKey12 - 1;
        Blocks((Tls12CbcSealer)cbc.Sealer) = RecordSealer.BlocksPerKey12 - 1;
        Blocks((Tls12AeadSealer)chaCha.Sealer) = RecordSealer.BlocksPerKey12 - 1;
        foreach (RecordPair pair in new[] { gcm, cbc, chaCha })
        {
            Assert.That(pair.Sealer.IsExhausted, Is.False);
            pair.Seal([1]);
        }
        Assert.That(gcm.Sealer.IsExhausted, Is.True);
        Assert.That(cbc.Sealer.IsExhausted, Is.True);
        // RFC 8446 section 5.5: the sequence number would wrap first.
        Assert.That(chaCha.Sealer.IsExhausted, Is.False);
    }

    [Test]
    public void Cbc_without_encrypt_then_mac_is_not_spoken([Values(0xc009, 0xc027)] int suite)
    {
        Assert.Throws<NotSupportedException>(() => RecordProtection.SealerForTls12(suite, new byte[16], default, new byte[32], encryptThenMac: false, 1));
        Assert.Throws<NotSupportedException>(() => RecordProtection.OpenerForTls12(suite, new byte[16], default, new byte[32], encryptThenMac: false, 1));
    }

    [Test]
    public void Suites_that_are_not_spoken_are_named() =>
        Assert.That(Assert.Throws<NotSupportedException>(() => CipherSuiteInfo.For(0x009c))!.Message, Does.Contain("0x009c"));

    [Test]
    public void Every_suite_has_a_name_and_is_found_by_it()
    {
        foreach (int suite in RecordPair.Suites)
            Assert.That(CipherSuiteNames.Find(CipherSuiteNames.Find(suite)!), Is.EqualTo(suite));
        Assert.That(CipherSuiteNames.All, Has.Count.EqualTo(RecordPair.Suites.Length));
        Assert.That(CipherSuiteNames.Find("TLS_RSA_WITH_AES_128_GCM_SHA256"), Is.Null);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_sequence")]
    private static extern ref ulong Sequence(Tls13Sealer sealer);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_sequence")]
    private static extern ref ulong Sequence(Tls12AeadSealer sealer);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_blocks")]
    private static extern ref long Blocks(Tls12AeadSealer sealer);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_blocks")]
    private static extern ref long Blocks(Tls12CbcSealer sealer);
}
