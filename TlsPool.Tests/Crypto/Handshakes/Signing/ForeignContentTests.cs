using System.Buffers.Binary;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;
using TlsPool.Crypto.Handshakes.Signing;

namespace TlsPool.Tests.Crypto.Handshakes.Signing;

/// <summary>What is no handshake, or none any more, does not pass.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class ForeignContentTests
{
    private const int Scheme = 0x0403;
    private const int Verify13Prefix = 64 + 33 + 1;

    private static bool Passes(ReadOnlySpan<byte> content) => HandshakeContent.TryRead(Scheme, content, out _, out _);

    private static byte[] Sample(HandshakeContentKind kind) => Contents.OfEachKind[kind].Content.ToArray();

    private static void AssertRefused(ReadOnlySpan<byte> content, string what)
    {
        Assert.That(HandshakeContent.TryRead(Scheme, content, out HandshakeContent? read, out string? refusal), Is.False, what);
        Assert.That(read, Is.Null);
        Assert.That(refusal, Is.Not.Empty);
    }

    [Test]
    public void A_certificate_is_none([Values(256, 384, 521)] int bits)
    {
        var outer = new AsnReader(TestIdentity.Ecdsa(bits: bits).Certificate, AsnEncodingRules.DER);
        AssertRefused(outer.ReadSequence().ReadEncodedValue().Span, "TBSCertificate");
    }

    [Test]
    public void A_token_is_none() => AssertRefused(
        Encoding.ASCII.GetBytes("eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhZG1pbiIsImV4cCI6NDEwMjQ0NDgwMH0"), "JWT");

    [Test]
    public void A_login_is_none([Values(32, 64)] int sessionId)
    {
        // RFC 4252 section 7.
        using var challenge = new MemoryStream();
        void Add(ReadOnlySpan<byte> text)
        {
            Span<byte> length = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, text.Length);
            challenge.Write(length);
            challenge.Write(text);
        }
        Add(RandomNumberGenerator.GetBytes(sessionId));
        challenge.WriteByte(50);
        Add("root"u8);
        Add("ssh-connection"u8);
        Add("publickey"u8);
        challenge.WriteByte(1);
        Add("ecdsa-sha2-nistp256"u8);
        Add(RandomNumberGenerator.GetBytes(104));
        AssertRefused(challenge.ToArray(), "SSH");
    }

    [Test]
    public void Structures_that_end_like_a_key_exchange_are_none([Values(0x1d, 0x17, 0x18)] int group)
    {
        int size = group switch { 0x1d => 32, 0x17 => 65, _ => 97 };
        byte[] tail = [3, 0, (byte)group, (byte)size, 4, .. RandomNumberGenerator.GetBytes(size - 1)];
        foreach (byte outer in new byte[] { 0x30, 0x31 })
        {
            foreach (byte inner in new byte[] { 0x02, 0x30, 0xa0 })
            {
                // Something of a free form, and a string that holds all the rest.
                byte[] random = RandomNumberGenerator.GetBytes(64 + tail.Length);
                tail.CopyTo(random, 64);
                int length = random.Length - (random.Length - 2 < 128 ? 2 : 3);
                int at = 0;
                random[at++] = outer;
                if (length >= 128)
                    random[at++] = 0x81;
                random[at++] = (byte)length;
                (random[at++], random[at++]) = (inner, 1);
                at++;
                random[at++] = 0x04;
                int rest = random.Length - at - 1;
                if (rest >= 128)
                    (random[at++], rest) = (0x81, rest - 1);
                random[at] = (byte)rest;
                AssertRefused(random, $"{outer:x2} {inner:x2}");
                random[0] ^= 0x40;
                Assert.That(Passes(random), Is.True, "it is only the structure that matters");
            }
        }
    }

    [Test]
    public void Random_bytes_are_none()
    {
        var random = new Random(23);
        for (int size = 0; size < 2000; size++)
        {
            byte[] content = new byte[size];
            random.NextBytes(content);
            AssertRefused(content, $"{size} bytes");
        }
    }

    [Test]
    public void A_part_is_none_and_nothing_may_follow([Values] HandshakeContentKind kind)
    {
        byte[] content = Sample(kind);
        for (int size = 0; size < content.Length; size++)
        {
            // A SHA-256 hash is also what is left of a longer one: the content does not say which it was.
            if (size != Verify13Prefix + 32 || kind is HandshakeContentKind.ClientVerify12 or HandshakeContentKind.ServerKeyExchange12)
                Assert.That(Passes(content.AsSpan(0, size)), Is.False, $"{size} of {content.Length} bytes");
        }
        for (int i = 0; i <= 255; i++)
        {
            AssertRefused([.. content, (byte)i], "one more after it");
            AssertRefused([(byte)i, .. content], "one more before it");
        }
    }

    [Test]
    public void The_start_of_tls_13_is_exact(
        [Values(HandshakeContentKind.ServerVerify13, HandshakeContentKind.ClientVerify13)] HandshakeContentKind kind)
    {
        byte[] content = Sample(kind);
        for (int i = 0; i < Verify13Prefix; i++)
        {
            for (int change = 1; change <= 255; change++)
            {
                content[i] ^= (byte)change;
                Assert.That(Passes(content), Is.False, $"byte {i}");
                content[i] ^= (byte)change;
            }
        }
        Assert.That(Passes(content), Is.True);
        byte[] prefix = content[..Verify13Prefix];
        foreach (int hash in new[] { 0, 20, 28, 31, 33, 47, 49, 64 })
            AssertRefused([.. prefix, .. new byte[hash]], $"a hash of {hash} bytes");
        AssertRefused([.. content[..64], .. "TLS 1.3, delegated credentials\0"u8, .. new byte[32]], "a credential (RFC 9345)");
    }

    [Test]
    public void The_parameters_of_a_key_exchange_are_exact()
    {
        byte[] content = Sample(HandshakeContentKind.ServerKeyExchange12);
        // Curve type, group, length: every value but the right one.
        for (int i = 64; i < 68; i++)
        {
            byte right = content[i];
            for (int value = 0; value <= 255; value++)
            {
                content[i] = (byte)value;
                Assert.That(Passes(content), Is.EqualTo(value == right), $"byte {i} is {value}");
            }
            content[i] = right;
        }
        AssertRefused([.. content[..64], 3, 0, 0x17, 65, 2, .. new byte[64]], "a compressed point");
        AssertRefused([.. content[..64], 3, 0, 0x19, 133, 4, .. new byte[132]], "P-521 is not offered");
        AssertRefused([.. content[..64], 1, 0, 8, .. new byte[96]], "explicit curve");
    }

    [Test]
    public void The_structure_of_a_client_s_messages_is_exact()
    {
        byte[] content = Sample(HandshakeContentKind.ClientVerify12);
        List<byte[]> messages = [];
        for (int at = 0; at < content.Length; at += messages[^1].Length)
            messages.Add(content[at..(at + 4 + ((content[at + 1] << 16) | (content[at + 2] << 8) | content[at + 3]))]);
        Assert.That(messages.Select(message => message[0]), Is.EqualTo(new byte[] { 1, 2, 11, 12, 13, 14, 11, 16 }));

        for (int i = 0; i < messages.Count; i++)
        {
            AssertRefused([.. messages.Where((_, j) => j != i).SelectMany(message => message)], $"without message {i}");
            AssertRefused([.. messages.Take(i + 1).Append(messages[i]).Concat(messages.Skip(i + 1)).SelectMany(message => message)], $"message {i} twice");
            byte[] message = messages[i];
            for (int j = 0; j < 4; j++)
            {
                byte[] changed = [.. message];
                changed[j] ^= 1;
                AssertRefused([.. messages.Take(i).Append(changed).Concat(messages.Skip(i + 1)).SelectMany(bytes => bytes)], $"header {j} of message {i}");
            }
            byte[] longer = [message[0], .. Length(message.Length - 3), .. message[4..], 0];
            AssertRefused([.. messages.Take(i).Append(longer).Concat(messages.Skip(i + 1)).SelectMany(bytes => bytes)], $"message {i} with one byte more");
        }
        // With an OCSP staple it is one message more.
        byte[] staple = [22, 0, 0, 7, 1, 0, 0, 3, 1, 2, 3];
        Assert.That(Passes([.. messages.Take(3).Append(staple).Concat(messages.Skip(3)).SelectMany(bytes => bytes)]), Is.True);
        staple[7] = 2;
        AssertRefused([.. messages.Take(3).Append(staple).Concat(messages.Skip(3)).SelectMany(bytes => bytes)], "a staple with something behind it");
    }

    [Test]
    public void A_client_s_messages_have_a_largest_size()
    {
        byte[] content = Sample(HandshakeContentKind.ClientVerify12);
        byte[] Padded(int size)
        {
            // A staple of any size, where it belongs: behind the server's certificate.
            int behind = 0;
            for (int i = 0; i < 3; i++)
                behind += 4 + ((content[behind + 1] << 16) | (content[behind + 2] << 8) | content[behind + 3]);
            int response = size - content.Length - 8;
            return [.. content[..behind], 22, .. Length(response + 4), 1, .. Length(response), .. new byte[response], .. content[behind..]];
        }

        Assert.That(Passes(Padded(HandshakeContent.MaxSize)), Is.True);
        AssertRefused(Padded(HandshakeContent.MaxSize + 1), "more than that");
        AssertRefused(new byte[10_000_000], "zeros");
    }

    [FsCheck.NUnit.Property(MaxTest = 2000)]
    public FsCheck.Property Any_bytes_are_read_or_refused_without_an_exception() => Prop.ForAll<int, byte[]>((scheme, content) =>
        HandshakeContent.TryRead(scheme, content ?? [], out HandshakeContent? read, out string? refusal) == (read is not null)
        && (read is null) == (refusal is not null));

    [FsCheck.NUnit.Property(MaxTest = 5000)]
    public FsCheck.Property Handshakes_that_were_changed_are_read_or_refused_without_an_exception() => Prop.ForAll(
        Changed().ToArbitrary(),
        content => HandshakeContent.TryRead(Scheme, content, out HandshakeContent? read, out string? refusal) == (read is not null)
            && (read is null) == (refusal is not null));

    private static byte[] Length(int length) => [(byte)(length >> 16), (byte)(length >> 8), (byte)length];

    /// <summary>A content of the engine with some bytes changed, and a piece taken out or doubled.</summary>
    private static Gen<byte[]> Changed() =>
        from kind in Gen.Elements(Enum.GetValues<HandshakeContentKind>())
        from places in Gen.Choose(0, int.MaxValue - 1).ListOf()
        from values in Gen.Choose(0, 255).ArrayOf(8)
        from cut in Gen.Choose(0, int.MaxValue - 1).ArrayOf(3)
        select Change(Sample(kind), [.. places.Take(8)], values, cut);

    private static byte[] Change(byte[] content, int[] places, int[] values, int[] cut)
    {
        for (int i = 0; i < places.Length; i++)
            content[places[i] % content.Length] = (byte)values[i];
        int from = cut[0] % content.Length, to = cut[1] % content.Length;
        return (cut[2] % 4) switch
        {
            0 => [.. content[..from], .. content[to..]],
            1 => content[..from],
            _ => content,
        };
    }
}
