using NUnit.Framework;
using TlsPool.Protocol.Frames;

namespace TlsPool.Tests.Protocol.Frames;

[TestFixture]
public sealed class GoldenBytesTests
{
    private static IEnumerable<TestCaseData> Frames()
    {
        yield return Golden(Command.Success, new GoldenFrame().Hex(0, "3412 dcfe 00000000"));
        yield return Golden(Command.Error, new GoldenFrame()
            .Hex(0, "0100 0000 01000000").Hex(8, "18506bba").Text(12, "handshake failed"));
        yield return Golden(Command.Ping, new GoldenFrame()
            .Hex(0, "0200 0000 10000000").Text(8, "20151111api@tlspool.arpa2.net").Hex(144, "05000000"));
        yield return Golden(Command.StartTls, StartTls("0300 0000 24000000", "john@example.com", "http", "30750000"));
        yield return Golden(Command.StartTlsLocalId, StartTls("0400 0180 28000000", "", "sixteen-is-full!", "30750000"));
        yield return Golden(Command.PlaintextConnect, StartTls("0500 0600 2a000000", "john@example.com", "http", "ffffffff"));
        yield return Golden(Command.PinEntry, new GoldenFrame()
            .Hex(0, "0700 0800 29000000").Hex(8, "44332211 03000000 00879303").Text(20, "1234 5678").Text(148, "PIN, please")
            .Text(276, "Some manufacturer").Text(312, "Model 1").Text(332, "SN-0001").Text(352, "token label"));
        yield return Golden(Command.Prng, new GoldenFrame()
            .Hex(0, "0900 0000 2b000000").Hex(8, "0500 ffff 3000").Counting(14, 1, 350));
        yield return Golden(Command.Info, new GoldenFrame()
            .Hex(0, "0a00 0000 2c000000").Counting(8, 0xa0, 16).Hex(24, "01002959 2000").Counting(30, 7, 334));
        yield return Golden(Command.ControlDetach, new GoldenFrame()
            .Hex(0, "0b00 0000 00010000").Hex(8, "04030201").Counting(12, 0xa0, 16).Text(28, "detached"));
        yield return Golden(Command.ControlReattach, new GoldenFrame()
            .Hex(0, "0c00 0000 01010000").Hex(8, "08070605").Counting(12, 0xa0, 16));
        yield return Golden(Command.LidEntryRegister, new GoldenFrame()
            .Hex(0, "0d00 0000 00020000").Hex(8, "81010000 0000 58020000"));
        yield return Golden(Command.LidEntryCallback, new GoldenFrame()
            .Hex(0, "0e00 0f00 01020000").Hex(8, "00100000 0200 1e000000").Text(18, "john@example.com").Text(146, "@.example.org"));
    }

    [TestCaseSource(nameof(Frames))]
    public void Command_encodes_to_the_published_bytes(Frame frame, byte[] golden) =>
        Assert.That(Convert.ToHexString(FrameSamples.Encode(frame)), Is.EqualTo(Convert.ToHexString(golden)));

    [TestCaseSource(nameof(Frames))]
    public void Published_bytes_decode_to_the_command(Frame frame, byte[] golden) =>
        Assert.That(FrameCodec.Decode(golden).Frame, Is.EqualTo(frame));

    [Test]
    public void Every_command_has_golden_bytes()
    {
        IEnumerable<Command> commands = Frames().Select(data => ((Frame)data.Arguments[0]!).Command);
        Assert.That(commands, Is.EquivalentTo(Enum.GetValues<Command>().Except([Command.Local])));
    }

    private static TestCaseData Golden(Command command, GoldenFrame golden) =>
        new TestCaseData(FrameSamples.All.Single(frame => frame.Command == command), golden.Bytes).SetArgDisplayNames(command.ToString());

    private static GoldenFrame StartTls(string header, string localId, string service, string timeout) => new GoldenFrame()
        .Hex(0, header).Hex(8, "09400000 efcdab89 06").Hex(18, "8877").Text(20, localId).Text(148, "www.bücher.example")
        .Counting(276, 0xa0, 16).Text(292, service).Hex(308, timeout);
}
