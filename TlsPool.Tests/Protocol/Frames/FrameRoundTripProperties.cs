using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;
using TlsPool.Protocol.Frames;

namespace TlsPool.Tests.Protocol.Frames;

[TestFixture]
public sealed class FrameRoundTripProperties
{
    private static readonly Command[] Commands = [.. Enum.GetValues<Command>().Except([Command.Local])];

    [FsCheck.NUnit.Property(MaxTest = 2000)]
    public Property Any_frame_survives_encoding_and_decoding() => Prop.ForAll(
        Frames().ToArbitrary(),
        frame => FrameCodec.Decode(FrameSamples.Encode(frame)).Frame == frame);

    [FsCheck.NUnit.Property(MaxTest = 2000)]
    public Property Any_bytes_decode_to_a_fault_or_to_a_frame_that_encodes_again() => Prop.ForAll(
        HostileBytes().ToArbitrary(),
        bytes =>
        {
            FrameDecoding decoding = FrameCodec.Decode(bytes);
            if (!decoding.IsValid)
                return decoding.Fault.Reason.Length > 0;
            byte[] again = FrameSamples.Encode(decoding.Frame);
            return FrameCodec.Decode(again).Frame == decoding.Frame;
        });

    private static Gen<Frame> Frames() =>
        from command in Gen.Elements(Commands)
        from body in Body(command)
        from requestId in Gen.Choose(0, ushort.MaxValue)
        from callbackId in Gen.Choose(0, ushort.MaxValue)
        select new Frame((ushort)requestId, (ushort)callbackId, command, body);

    private static Gen<Message> Body(Command command) => command switch
    {
        Command.Success => Gen.Constant<Message>(EmptyMessage.Instance),
        Command.Error =>
            from code in UInt32()
            from text in Text(127)
            select (Message)new ErrorMessage((PoolError)code, text),
        Command.Ping =>
            from producer in Text(135)
            from facilities in UInt32()
            select (Message)new PingMessage(producer, (Facilities)facilities),
        Command.PinEntry => PinEntry(),
        Command.LidEntryRegister or Command.LidEntryCallback =>
            from flags in UInt32()
            from levels in Gen.Choose(0, ushort.MaxValue)
            from timeout in UInt32()
            from local in Text(127)
            from remote in Text(127)
            select (Message)new LidEntryMessage((LidEntryFlags)flags, (ushort)levels, timeout, local, remote),
        Command.ControlDetach or Command.ControlReattach =>
            from flags in UInt32()
            from key in Key()
            from name in Text(127)
            select (Message)new ControlMessage(flags, key, name),
        Command.Prng =>
            from in1 in Gen.Choose(short.MinValue, short.MaxValue)
            from in2 in Gen.Choose(short.MinValue, short.MaxValue)
            from length in Gen.Choose(short.MinValue, short.MaxValue)
            from buffer in Bytes(PrngMessage.BufferSize)
            select (Message)new PrngMessage((short)in1, (short)in2, (short)length, buffer),
        Command.Info =>
            from key in Key()
            from kind in UInt32()
            from length in Gen.Choose(0, ushort.MaxValue)
            from buffer in Bytes(InfoMessage.BufferSize)
            select (Message)new InfoMessage(key, (InfoKind)kind, (ushort)length, buffer),
        _ => StartTls(),
    };

    private static Gen<Message> StartTls() =>
        from flags in UInt32()
        from local in UInt32()
        from protocol in Gen.Choose(0, byte.MaxValue)
        from stream in Gen.Choose(0, ushort.MaxValue)
        from localId in Text(127)
        from remoteId in Text(127)
        from key in Key()
        from service in Text(16)
        from timeout in UInt32()
        select (Message)new StartTlsMessage(
            (StartTlsFlags)flags, local, (byte)protocol, (ushort)stream, localId, remoteId, key, service, timeout);

    private static Gen<Message> PinEntry() =>
        from flags in UInt32()
        from attempt in UInt32()
        from timeout in UInt32()
        from pin in Bytes(127)
        from prompt in Text(127)
        from manufacturer in Text(35)
        from model in Text(19)
        from serial in Text(19)
        from label in Text(35)
        select (Message)new PinEntryMessage(
            flags, attempt, timeout, [.. pin.TakeWhile(value => value != 0)], prompt, manufacturer, model, serial, label);

    private static Gen<byte[]> HostileBytes() =>
        from bytes in Bytes(Frame.Size)
        from command in Gen.Elements(Commands)
        from known in Gen.Frequency((9, Gen.Constant(true)), (1, Gen.Constant(false)))
        from sparse in Gen.Choose(0, 3)
        select Hostile(bytes, known ? command : null, sparse);

    /// <summary>Random bytes hardly ever make text: fold some of them into ASCII and NUL.</summary>
    private static byte[] Hostile(byte[] bytes, Command? command, int sparse)
    {
        for (int i = Frame.BodyOffset; i < bytes.Length; i++)
        {
            if (sparse > 0)
                bytes[i] = i % 16 == 0 ? (byte)0 : (byte)(0x20 + (bytes[i] % (sparse == 1 ? 0x5e : 0x60)));
        }
        if (command is { } number)
            BitConverter.TryWriteBytes(bytes.AsSpan(4), (uint)number);
        return bytes;
    }

    private static Gen<uint> UInt32() => ArbMap.Default.GeneratorFor<uint>();

    private static Gen<ControlKey> Key() => Bytes(ControlKey.Size).Select(bytes => new ControlKey(bytes));

    private static Gen<byte[]> Bytes(int count) => Gen.Choose(0, byte.MaxValue).ArrayOf(count).Select(
        values => values.Select(value => (byte)value).ToArray());

    /// <summary>Text of up to so many bytes of UTF-8, with characters of one to four bytes.</summary>
    private static Gen<string> Text(int size) =>
        from characters in Gen.Elements("a", "Z", "9", ".", "@", "-", " ", "é", "ß", "文", "한", "\U0001F600").ListOf()
        from fill in Gen.Frequency((4, Gen.Constant(false)), (1, Gen.Constant(true)))
        select fill ? new string('x', size) : Fit(string.Concat(characters), size);

    private static string Fit(string text, int size)
    {
        var rest = text.EnumerateRunes().ToList();
        while (rest.Sum(rune => rune.Utf8SequenceLength) > size)
            rest.RemoveAt(rest.Count - 1);
        return string.Concat(rest);
    }
}
