using NUnit.Framework;
using TlsPool.Protocol.Frames;

namespace TlsPool.Tests.Protocol.Frames;

[TestFixture]
public sealed class FrameAssemblerTests
{
    [Test]
    public void Two_frames_split_at_every_byte_come_out_whole()
    {
        byte[] first = FrameSamples.Encode(FrameSamples.All[3]);
        byte[] second = FrameSamples.Encode(FrameSamples.All[6]);
        byte[] stream = [.. first, .. second];
        for (int cut = 0; cut <= stream.Length; cut++)
        {
            List<byte[]> frames = Assemble([stream[..cut], stream[cut..]]);
            Assert.That(frames, Is.EqualTo(new[] { first, second }), $"cut at {cut}");
        }
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(387)]
    [TestCase(388)]
    [TestCase(389)]
    [TestCase(10_000)]
    public void Chunk_size_does_not_matter(int size)
    {
        byte[][] sent = [.. FrameSamples.All.Select(FrameSamples.Encode)];
        List<byte[]> frames = Assemble(sent.SelectMany(frame => frame).Chunk(size));
        Assert.That(frames, Is.EqualTo(sent));
    }

    [Test]
    public void Cleared_assembler_has_forgotten_the_bytes()
    {
        var assembler = new FrameAssembler();
        assembler.Accept(FrameSamples.Encode(FrameSamples.All[6]));
        assembler.Clear();
        Assert.Multiple(() =>
        {
            Assert.That(assembler.IsEmpty, Is.True);
            Assert.That(assembler.Room.ToArray(), Is.All.Zero);
        });
    }

    [Test]
    public void Incomplete_frame_cannot_be_read()
    {
        var assembler = new FrameAssembler();
        assembler.Advance(Frame.Size - 1);
        Assert.Multiple(() =>
        {
            Assert.That(() => assembler.Bytes.Length, Throws.InvalidOperationException);
            Assert.That(() => assembler.Advance(2), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(assembler.Advance(1), Is.True);
        });
    }

    private static List<byte[]> Assemble(IEnumerable<byte[]> chunks)
    {
        var assembler = new FrameAssembler();
        var frames = new List<byte[]>();
        foreach (byte[] chunk in chunks)
        {
            for (int taken = 0; taken < chunk.Length;)
            {
                taken += assembler.Accept(chunk.AsSpan(taken));
                if (!assembler.IsComplete)
                    continue;
                frames.Add(assembler.Bytes.ToArray());
                assembler.Clear();
            }
        }
        return frames;
    }
}
