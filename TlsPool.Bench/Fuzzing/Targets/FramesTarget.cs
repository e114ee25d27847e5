using System.Text;
using TlsPool.Protocol.Frames;
using static TlsPool.Bench.Fuzzing.FuzzViolationException;

namespace TlsPool.Bench.Fuzzing.Targets;

/// <summary>
/// The socket protocol's decoder: a stream cut anywhere makes the same frames as the whole; what decodes encodes again, and to the same
/// bytes from then on; what does not says why. The first byte says how the stream is cut.
/// </summary>
internal sealed class FramesTarget : FuzzTarget
{
    internal override string Name => "frames";

    internal override int MaxLength => 1 + (3 * Frame.Size);

    internal override IReadOnlyList<byte[]> Words =>
        [.. Enum.GetValues<Command>().Select(command => BitConverter.GetBytes((uint)command)), [0, 0, 0, 0], .. Texts("a@b.example", "\u00e9", "\ud83d\ude00")];

    internal override IEnumerable<byte[]> Seeds()
    {
        foreach (Command command in Enum.GetValues<Command>())
        {
            byte[] input = new byte[1 + Frame.Size];
            input[0] = 7;
            BitConverter.TryWriteBytes(input.AsSpan(1), (ushort)1);
            BitConverter.TryWriteBytes(input.AsSpan(1 + 4), (uint)command);
            "demo"u8.CopyTo(input.AsSpan(1 + Frame.BodyOffset + 12));
            yield return input;
            yield return [.. input, .. input.AsSpan(1)];
        }
    }

    internal override void Run(byte[] input)
    {
        var reader = new InputReader(input);
        int piece = reader.Byte() + 1;
        ReadOnlySpan<byte> stream = reader.Rest;
        var assembler = new FrameAssembler();
        int frames = 0;
        for (ReadOnlySpan<byte> rest = stream; !rest.IsEmpty;)
        {
            int taken = assembler.Accept(rest[..Math.Min(piece, rest.Length)]);
            Unless(taken > 0, "the assembler takes something of each piece");
            rest = rest[taken..];
            if (!assembler.IsComplete)
                continue;
            ReadOnlySpan<byte> frame = stream.Slice(frames++ * Frame.Size, Frame.Size);
            Unless(assembler.Bytes.SequenceEqual(frame), "an assembled frame is what was in the stream");
            Check(frame);
            assembler.Clear();
            Unless(assembler.IsEmpty && !assembler.Room.ContainsAnyExcept((byte)0), "nothing of a frame stays in the assembler");
        }
        Unless(frames == stream.Length / Frame.Size, "every whole frame of the stream comes out");
    }

    private static void Check(ReadOnlySpan<byte> bytes)
    {
        FrameDecoding first = FrameCodec.Decode(bytes);
        if (!first.IsValid)
        {
            UnlessPrintable(first.Reason, "the reason of a fault");
            Unless(first.Reason.Length > 0 && first.Error != PoolError.None, "a fault says what is wrong");
            return;
        }
        byte[] encoded = new byte[Frame.Size], again = new byte[Frame.Size];
        again.AsSpan().Fill(0xff);
        FrameCodec.Encode(first.Frame, encoded);
        FrameDecoding second = FrameCodec.Decode(encoded);
        Unless(second.IsValid, "what was encoded decodes");
        FrameCodec.Encode(second.Frame, again);
        Unless(encoded.AsSpan().SequenceEqual(again), "a frame that was decoded encodes as it was");
        Unless(first.RequestId == second.RequestId && first.CallbackId == second.CallbackId, "numbers stay the same");
        Unless(first.Frame.Command == second.Frame.Command && first.Frame.Body.GetType() == second.Frame.Body.GetType(), "kinds stay the same");
    }

    private static IEnumerable<byte[]> Texts(params string[] texts) => texts.Select(Encoding.UTF8.GetBytes);
}
