using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using NUnit.Framework;
using TlsPool.Protocol.Frames;
using Layout = TlsPool.Protocol.Frames.FrameLayout;

namespace TlsPool.Tests.Protocol.Frames;

/// <summary>Compares the codec with what a C compiler makes of the same declarations, both ways.</summary>
[TestFixture]
[Parallelizable]
public sealed class WireLayoutTests
{
    private string _program = "";

    [OneTimeSetUp]
    public async Task Compile()
    {
        _program = Path.Combine(Path.GetTempPath(), $"wire-layout-{Guid.NewGuid():n}");
        string source = Path.Combine(AppContext.BaseDirectory, "Protocol", "Frames", "WireLayout.c");
        try
        {
            await RunAsync("gcc", ["-std=c11", "-Wall", "-Wextra", "-Wno-address-of-packed-member", "-o", _program, source]);
        }
        catch (Win32Exception)
        {
            Assert.Ignore("gcc is not installed");
        }
    }

    [OneTimeTearDown]
    public void Remove() => File.Delete(_program);

    [Test]
    public async Task Sizes_and_offsets_are_those_of_the_compiler()
    {
        string[] lines = Text(await RunAsync(_program, ["layout"]));
        Assert.That(lines, Is.EqualTo(Expected()));
    }

    [Test]
    public async Task Frames_filled_by_C_decode_and_encode_to_the_same_bytes()
    {
        byte[][] dumped = [.. (await RunAsync(_program, ["dump"])).Chunk(Frame.Size)];
        Assert.That(dumped, Has.Length.EqualTo(FrameSamples.All.Count));
        for (int i = 0; i < dumped.Length; i++)
        {
            Frame expected = FrameSamples.All[i];
            Assert.Multiple(() =>
            {
                Assert.That(FrameCodec.Decode(dumped[i]).Frame, Is.EqualTo(expected));
                Assert.That(Convert.ToHexString(FrameSamples.Encode(expected)), Is.EqualTo(Convert.ToHexString(dumped[i])));
            });
        }
    }

    [Test]
    public async Task Fields_of_our_frames_are_what_C_reads()
    {
        byte[] frames = [.. FrameSamples.All.SelectMany(FrameSamples.Encode)];
        Assert.That(Text(await RunAsync(_program, ["show"], frames)), Is.EqualTo(FrameSamples.All.Select(Show)));
    }

    private static string Show(Frame frame)
    {
        string head = string.Create(CultureInfo.InvariantCulture, $"{frame.RequestId} {frame.CallbackId} {(uint)frame.Command:x}");
        return head + frame.Body switch
        {
            ErrorMessage m => Line($" {(int)m.Code} [{m.Text}]"),
            PingMessage m => Line($" [{m.Producer}] {(uint)m.Facilities:x}"),
            StartTlsMessage m => Line(
                $" {(uint)m.Flags:x} {m.Local:x} {m.IpProtocol} {m.StreamId} [{m.LocalId}] [{m.RemoteId}] {Hex(m.ControlKey)} [{m.Service}] {m.Timeout}"),
            PinEntryMessage m => Line(
                $" {m.Flags:x} {m.Attempt} {m.TimeoutMicroseconds} [{System.Text.Encoding.ASCII.GetString(m.Pin)}] [{m.Prompt}]")
                + Line($" [{m.TokenManufacturer}] [{m.TokenModel}] [{m.TokenSerial}] [{m.TokenLabel}]"),
            PrngMessage m => Line($" {m.In1Length} {m.In2Length} {m.PrngLength} {Convert.ToHexStringLower(m.Buffer.Span)}"),
            InfoMessage m => Line($" {Hex(m.ControlKey)} {(uint)m.Kind:x} {m.Length} {Convert.ToHexStringLower(m.Buffer.Span)}"),
            ControlMessage m => Line($" {m.Flags:x} {Hex(m.ControlKey)} [{m.Name}]"),
            LidEntryMessage m => Line($" {(uint)m.Flags:x} {m.MaxLevels} {m.Timeout} [{m.LocalId}] [{m.RemoteId}]"),
            _ => "",
        };
    }

    private static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);

    private static string Hex(ControlKey key)
    {
        byte[] bytes = new byte[ControlKey.Size];
        key.CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    private static string[] Text(byte[] output) =>
        System.Text.Encoding.UTF8.GetString(output).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static IEnumerable<string> Expected()
    {
        yield return $"tlspool_command {Frame.Size}";
        yield return $"header.pio_reqid {Layout.Header.RequestId} 2";
        yield return $"header.pio_cbid {Layout.Header.CallbackId} 2";
        yield return $"header.pio_cmd {Layout.Header.Command} 4";
        foreach ((string name, int size, (string Name, int Offset, int Size)[] fields) in Structures())
        {
            yield return $"{name} {size}";
            foreach ((string field, int offset, int length) in fields)
                yield return $"{name}.{field} {Frame.BodyOffset + offset} {length}";
        }
    }

    private static IEnumerable<(string Name, int Size, (string Name, int Offset, int Size)[] Fields)> Structures() =>
    [
        ("pioc_error", Layout.Error.Size,
            [("tlserrno", Layout.Error.Code, 4), ("message", Layout.Error.Text, Layout.IdentitySize)]),
        ("pioc_ping", Layout.Ping.Size,
            [("YYYYMMDD_producer", Layout.Ping.Producer, Layout.Ping.ProducerSize), ("facilities", Layout.Ping.Facilities, 4)]),
        ("pioc_starttls", Layout.StartTls.Size,
        [
            ("flags", Layout.StartTls.Flags, 4),
            ("local", Layout.StartTls.Local, 4),
            ("ipproto", Layout.StartTls.IpProtocol, 1),
            ("streamid", Layout.StartTls.StreamId, 2),
            ("localid", Layout.StartTls.LocalId, Layout.IdentitySize),
            ("remoteid", Layout.StartTls.RemoteId, Layout.IdentitySize),
            ("ctlkey", Layout.StartTls.ControlKey, Layout.ControlKeySize),
            ("service", Layout.StartTls.Service, Layout.ServiceSize),
            ("timeout", Layout.StartTls.Timeout, 4),
        ]),
        ("pioc_pinentry", Layout.PinEntry.Size,
        [
            ("flags", Layout.PinEntry.Flags, 4),
            ("attempt", Layout.PinEntry.Attempt, 4),
            ("timeout_us", Layout.PinEntry.Timeout, 4),
            ("pin", Layout.PinEntry.Pin, Layout.PinEntry.PinSize),
            ("prompt", Layout.PinEntry.Prompt, Layout.IdentitySize),
            ("token_manuf", Layout.PinEntry.TokenManufacturer, Layout.PinEntry.ManufacturerSize),
            ("token_model", Layout.PinEntry.TokenModel, Layout.PinEntry.ModelSize),
            ("token_serial", Layout.PinEntry.TokenSerial, Layout.PinEntry.SerialSize),
            ("token_label", Layout.PinEntry.TokenLabel, Layout.PinEntry.LabelSize),
        ]),
        ("pioc_lidentry", Layout.LidEntry.Size,
        [
            ("flags", Layout.LidEntry.Flags, 4),
            ("maxlevels", Layout.LidEntry.MaxLevels, 2),
            ("timeout", Layout.LidEntry.Timeout, 4),
            ("localid", Layout.LidEntry.LocalId, Layout.IdentitySize),
            ("remoteid", Layout.LidEntry.RemoteId, Layout.IdentitySize),
        ]),
        ("pioc_control", Layout.Control.Size,
        [
            ("flags", Layout.Control.Flags, 4),
            ("ctlkey", Layout.Control.ControlKey, Layout.ControlKeySize),
            ("name", Layout.Control.Name, Layout.IdentitySize),
        ]),
        ("pioc_prng", Layout.Prng.Size,
        [
            ("in1_len", Layout.Prng.In1Length, 2),
            ("in2_len", Layout.Prng.In2Length, 2),
            ("prng_len", Layout.Prng.PrngLength, 2),
            ("buffer", Layout.Prng.Buffer, Layout.PrngBufferSize),
        ]),
        ("pioc_info", Layout.Info.Size,
        [
            ("ctlkey", Layout.Info.ControlKey, Layout.ControlKeySize),
            ("info_kind", Layout.Info.Kind, 4),
            ("len", Layout.Info.Length, 2),
            ("buffer", Layout.Info.Buffer, Layout.InfoBufferSize),
        ]),
    ];

    private static async Task<byte[]> RunAsync(string program, string[] arguments, byte[]? input = null)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        process.Start();
        using var output = new MemoryStream();
        Task reading = process.StandardOutput.BaseStream.CopyToAsync(output);
        Task<string> complaints = process.StandardError.ReadToEndAsync();
        await process.StandardInput.BaseStream.WriteAsync(input ?? []);
        process.StandardInput.Close();
        await Task.WhenAll(reading, complaints).WaitAsync(TimeSpan.FromSeconds(60));
        await process.WaitForExitAsync();
        Assert.That(process.ExitCode, Is.Zero, await complaints);
        return output.ToArray();
    }
}
