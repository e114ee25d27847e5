using System.Text;
using NUnit.Framework;
using TlsPool.Protocol.Frames;

namespace TlsPool.Tests.Protocol.Frames;

[TestFixture]
[Parallelizable]
public sealed class FrameCodecTests
{
    private static readonly TestCaseData[] StringFields =
    [
        new(Command.Error, "message", 12, 128),
        new(Command.Ping, "YYYYMMDD_producer", 8, 136),
        new(Command.StartTls, "localid", 20, 128),
        new(Command.StartTls, "remoteid", 148, 128),
        new(Command.StartTlsLocalId, "localid", 20, 128),
        new(Command.PlaintextConnect, "remoteid", 148, 128),
        new(Command.PinEntry, "pin", 20, 128),
        new(Command.PinEntry, "prompt", 148, 128),
        new(Command.PinEntry, "token_manuf", 276, 36),
        new(Command.PinEntry, "token_model", 312, 20),
        new(Command.PinEntry, "token_serial", 332, 20),
        new(Command.PinEntry, "token_label", 352, 36),
        new(Command.ControlDetach, "name", 28, 128),
        new(Command.ControlReattach, "name", 28, 128),
        new(Command.LidEntryRegister, "localid", 18, 128),
        new(Command.LidEntryCallback, "remoteid", 146, 128),
    ];

    [TestCaseSource(nameof(StringFields))]
    public void String_without_NUL_is_a_fault_that_names_the_field(Command command, string field, int offset, int size)
    {
        byte[] bytes = Sample(command);
        bytes.AsSpan(offset, size).Fill((byte)'a');
        FrameDecoding decoding = FrameCodec.Decode(bytes);
        Assert.Multiple(() =>
        {
            Assert.That(decoding.IsValid, Is.False);
            Assert.That(decoding.Fault!.Kind, Is.EqualTo(FrameFaultKind.UnterminatedString));
            Assert.That(decoding.Fault.Field, Is.EqualTo(field));
            Assert.That(decoding.Fault.CommandNumber, Is.EqualTo((uint)command));
            Assert.That(decoding.RequestId, Is.EqualTo(BitConverter.ToUInt16(bytes, 0)));
            Assert.That(decoding.CallbackId, Is.EqualTo(BitConverter.ToUInt16(bytes, 2)));
            Assert.That(decoding.Reason, Does.Contain(field));
        });
    }

    [TestCaseSource(nameof(StringFields))]
    public void String_that_leaves_one_byte_for_its_NUL_is_read_whole(Command command, string field, int offset, int size)
    {
        byte[] bytes = Sample(command);
        bytes.AsSpan(offset, size).Fill((byte)'a');
        bytes[offset + size - 1] = 0;
        FrameDecoding decoding = FrameCodec.Decode(bytes);
        Assert.That(decoding.IsValid, Is.True, field);
        Assert.That(FrameSamples.Encode(decoding.Frame!), Is.EqualTo(bytes));
    }

    [TestCaseSource(nameof(StringFields))]
    public void String_ends_at_its_first_NUL_whatever_follows(Command command, string field, int offset, int size)
    {
        byte[] clean = Sample(command);
        clean.AsSpan(offset, size).Clear();
        clean[offset] = (byte)'a';
        byte[] littered = [.. clean];
        littered.AsSpan(offset + 2, size - 2).Fill(0xff);
        FrameDecoding decoding = FrameCodec.Decode(littered);
        Assert.That(decoding.IsValid, Is.True, field);
        Assert.That(FrameSamples.Encode(decoding.Frame!), Is.EqualTo(clean));
    }

    [Test]
    public void Identity_is_refused_unless_it_is_UTF8_without_control_characters(
        [Values("ff", "c3", "c080", "eda080", "f5808080", "610a", "1b5b", "617f", "61c285")] string digits)
    {
        byte[] bytes = Sample(Command.StartTls);
        bytes.AsSpan(20, 128).Clear();
        Convert.FromHexString(digits).CopyTo(bytes, 20);
        FrameFault? fault = FrameCodec.Decode(bytes).Fault;
        Assert.That((fault?.Kind, fault?.Field), Is.EqualTo((FrameFaultKind.InvalidText, "localid")));
    }

    [Test]
    public void Text_of_an_error_never_hides_its_number()
    {
        byte[] bytes = Sample(Command.Error);
        Convert.FromHexString("610aff1bc28562").CopyTo(bytes, 12);
        bytes[19] = 0;
        Assert.That(FrameCodec.Decode(bytes).Frame?.Body, Is.EqualTo(new ErrorMessage(PoolError.StirredNotShaken, "a????b")));
    }

    [Test]
    public void Unknown_command_is_a_fault_that_can_be_answered(
        [Values(2u, 0x11u, 0x25u, 0x2du, 0x102u, 0x202u, 0x80000000u, 0x80000024u, 0xffffffffu)] uint command)
    {
        byte[] bytes = FrameSamples.Sequence(0x41, Frame.Size);
        BitConverter.TryWriteBytes(bytes.AsSpan(4), command);
        FrameDecoding decoding = FrameCodec.Decode(bytes);
        Assert.Multiple(() =>
        {
            Assert.That(decoding.Frame, Is.Null);
            Assert.That(decoding.Fault, Is.EqualTo(new FrameFault(0x4241, 0x4443, command, FrameFaultKind.UnknownCommand, null)));
            Assert.That(decoding.Error, Is.EqualTo(PoolError.CommandUnknown));
        });
    }

    [Test]
    public void Service_may_fill_its_field_and_then_ends_with_it()
    {
        byte[] bytes = Sample(Command.StartTls);
        Encoding.ASCII.GetBytes("sixteen-is-full!").CopyTo(bytes, 292);
        bytes.AsSpan(308, 4).Fill((byte)'x');
        Assert.That(((StartTlsMessage)FrameCodec.Decode(bytes).Frame!.Body).Service, Is.EqualTo("sixteen-is-full!"));
    }

    [TestCase(Command.Success)]
    [TestCase(Command.Error)]
    public void Nothing_of_an_earlier_message_stays_in_a_reused_buffer(Command command)
    {
        byte[] reused = new byte[Frame.Size + 1];
        Array.Fill(reused, (byte)0xee);
        var frame = new Frame(1, 0, command, command == Command.Error ? new ErrorMessage(PoolError.InfoNotFound, "no") : EmptyMessage.Instance);
        FrameCodec.Encode(frame, reused);
        int text = command == Command.Error ? 14 : 2;
        byte[] meaningful = command == Command.Error ? [.. reused[..14]] : [.. reused[..2]];
        Assert.Multiple(() =>
        {
            Assert.That(reused[text..Frame.Size], Is.All.Zero);
            Assert.That(reused[Frame.Size], Is.EqualTo(0xee), "one byte too many was written");
            Assert.That(meaningful, Does.Not.Contain((byte)0xee));
        });
    }

    [Test]
    public void Every_body_overwrites_the_whole_buffer()
    {
        byte[] reused = new byte[Frame.Size];
        foreach (Frame frame in FrameSamples.All)
        {
            Array.Fill(reused, (byte)0xee);
            FrameCodec.Encode(frame, reused);
            Assert.That(reused, Is.EqualTo(FrameSamples.Encode(frame)), frame.Command.ToString());
        }
    }

    [Test]
    public void Identity_that_does_not_fit_is_the_callers_error()
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => Encode(FrameSamples.StartTls with { LocalId = new string('a', 128) }), Throws.ArgumentException);
            Assert.That(() => Encode(FrameSamples.StartTls with { RemoteId = new string('ü', 64) }), Throws.ArgumentException);
            Assert.That(() => Encode(FrameSamples.StartTls with { LocalId = "a\0b" }), Throws.ArgumentException);
            Assert.That(() => Encode(FrameSamples.StartTls with { LocalId = "a\ud800" }), Throws.ArgumentException);
            Assert.That(() => Encode(FrameSamples.StartTls with { Service = new string('a', 17) }), Throws.ArgumentException);
            Assert.That(() => Encode(FrameSamples.StartTls with { LocalId = new string('a', 127) }), Throws.Nothing);
        });

        static void Encode(StartTlsMessage message) => FrameSamples.Encode(new Frame(1, 0, Command.StartTls, message));
    }

    [Test]
    public void Body_of_another_command_is_the_callers_error()
    {
        Assert.That(() => FrameSamples.Encode(new Frame(1, 0, Command.Ping, FrameSamples.StartTls)), Throws.ArgumentException);
        Assert.That(() => FrameSamples.Encode(new Frame(1, 0, (Command)77, EmptyMessage.Instance)), Throws.ArgumentException);
    }

    [Test]
    public void Text_of_an_error_is_cut_between_two_characters()
    {
        string text = new string('a', 126) + "é and more";
        byte[] bytes = FrameSamples.Encode(new Frame(1, 0, Command.Error, new ErrorMessage(PoolError.OutOfMemory, text)));
        Assert.That(((ErrorMessage)FrameCodec.Decode(bytes).Frame!.Body).Text, Is.EqualTo(new string('a', 126)));
    }

    [Test]
    public void Label_of_a_token_with_odd_bytes_still_reaches_the_program()
    {
        PinEntryMessage message = FrameSamples.PinEntry with { TokenLabel = "line\nfeed " + new string('x', 40), TokenModel = "a\0b" };
        byte[] bytes = FrameSamples.Encode(new Frame(1, 2, Command.PinEntry, message));
        var decoded = (PinEntryMessage)FrameCodec.Decode(bytes).Frame!.Body;
        Assert.That((decoded.TokenLabel, decoded.TokenModel), Is.EqualTo(("line?feed " + new string('x', 25), "a?b")));
    }

    [Test]
    public void Secrets_have_no_text_form()
    {
        var prng = new PrngMessage(0, -1, 16, "keying material!"u8.ToArray());
        Assert.Multiple(() =>
        {
            Assert.That(FrameSamples.PinEntry.ToString(), Does.Not.Contain("1234"));
            Assert.That(prng.ToString(), Does.Not.Contain("keying"));
            Assert.That(FrameSamples.StartTls.ToString(), Does.Not.Contain("a0").IgnoreCase);
        });
    }

    [Test]
    public void Prng_request_keeps_no_context_apart_from_an_empty_one()
    {
        foreach (byte[]? context in new byte[]?[] { null, [], [1, 2, 3] })
        {
            PrngMessage request = PrngMessage.Request(FrameSamples.Key, "EXPERIMENTAL test"u8, context, 32);
            Frame decoded = FrameCodec.Decode(FrameSamples.Encode(new Frame(1, 0, Command.Prng, request))).Frame!;
            Assert.That(((PrngMessage)decoded.Body).TryReadRequest(out ControlKey key, out var label, out var read), Is.True);
            Assert.Multiple(() =>
            {
                Assert.That(key, Is.EqualTo(FrameSamples.Key));
                Assert.That(label.ToArray(), Is.EqualTo("EXPERIMENTAL test"u8.ToArray()));
                Assert.That(read?.ToArray(), Is.EqualTo(context));
            });
        }
    }

    [TestCase(-1, 0, 16)]
    [TestCase(255, 0, 16)]
    [TestCase(0, 255, 16)]
    [TestCase(0, 0, 255)]
    [TestCase(0, 0, -1)]
    [TestCase(254, 81, 16)]
    [TestCase(short.MaxValue, short.MaxValue, 16)]
    public void Prng_request_with_lengths_that_do_not_fit_is_refused(short label, short context, short length)
    {
        var message = new PrngMessage(label, context, length, new byte[PrngMessage.BufferSize]);
        Assert.That(message.TryReadRequest(out _, out _, out _), Is.False);
    }

    private static byte[] Sample(Command command) => FrameSamples.Encode(FrameSamples.All.Single(frame => frame.Command == command));
}
