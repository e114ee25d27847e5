using System.Net.Sockets;
using NUnit.Framework;
using TlsPool.Crypto.Records;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>What network peers may do wrong before and during the handshake. Each case ends its own session at most.</summary>
[Parallelizable]
public sealed class BadHellosTests : UnharmedTunnelFixture
{
    private TunnelProcess _hasty = null!;

    private static IEnumerable<TestCaseData> BadHellos()
    {
        yield return Case("SNI with a NUL", Hello().With(ClientHelloBytes.ServerName, ClientHelloBytes.NameList(0, "server.example\0.evil"u8.ToArray())));
        yield return Case("SNI with a line break", Hello().With(ClientHelloBytes.ServerName, ClientHelloBytes.NameList(0, "a\nb"u8.ToArray())));
        yield return Case("SNI that is overlong", Hello().With(ClientHelloBytes.ServerName, ClientHelloBytes.NameList(0, Bytes('a', 5000))));
        yield return Case("SNI of no length", Hello().With(ClientHelloBytes.ServerName, ClientHelloBytes.NameList(0, [])));
        yield return Case("SNI of another type", Hello().With(ClientHelloBytes.ServerName, ClientHelloBytes.NameList(7, "x"u8.ToArray())));
        yield return Case("SNI list that lies about its length", Hello().With(ClientHelloBytes.ServerName, 0xff, 0xff, 0, 0, 1, 0x61));
        yield return Case("SNI that is empty", Hello().With(ClientHelloBytes.ServerName));
        yield return Case("ALPN garbage", Hello().With(ClientHelloBytes.ApplicationProtocols, 0, 5, 9, 1, 2, 3, 4));
        yield return Case("ALPN that is empty", Hello().With(ClientHelloBytes.ApplicationProtocols, 0, 0));
        yield return Case("ALPN of an empty name", Hello().With(ClientHelloBytes.ApplicationProtocols, 0, 1, 0));
        yield return Case("ALPN of another protocol", Hello().With(ClientHelloBytes.ApplicationProtocols, 0, 4, 3, 0xff, 0, 0x0a));
        yield return Case("The same extension twice", Hello().Adding(ClientHelloBytes.SupportedGroups, 0, 2, 0, 0x1d));
        yield return Case("A key share of nothing", Hello().With(ClientHelloBytes.KeyShare, 0, 4, 0, 0x1d, 0, 0));
        yield return Case("A key share that is cut off", Hello().With(ClientHelloBytes.KeyShare, 0, 36, 0, 0x1d, 0, 32, 1));
        yield return Case("A key share of small order", Hello().With(ClientHelloBytes.KeyShare, [0, 36, 0, 0x1d, 0, 32, .. new byte[32]]));
        yield return Case("A key share off the curve", Hello().With(ClientHelloBytes.SupportedGroups, 0, 2, 0, 0x17)
            .With(ClientHelloBytes.KeyShare, [0, 69, 0, 0x17, 0, 65, 4, .. Bytes('x', 64)]));
        yield return Case("Groups of an odd length", Hello().With(ClientHelloBytes.SupportedGroups, 0, 3, 0, 0x1d, 0));
        yield return Case("No group in common", Hello().With(ClientHelloBytes.SupportedGroups, 0, 2, 0xfa, 0xfa));
        yield return Case("No signature in common", Hello().With(ClientHelloBytes.SignatureAlgorithms, 0, 2, 2, 1));
        yield return Case("No suite", new ClientHelloBytes { Suites = [] });
        yield return Case("Suites of an odd length", new ClientHelloBytes { Suites = [0x13, 0x01, 0xc0] });
        yield return Case("Suites without security", new ClientHelloBytes { Suites = [0, 0, 0, 1, 0, 5] });
        yield return Case("A version of the future", Hello().With(ClientHelloBytes.SupportedVersions, 2, 0x7f, 0x7f));
        yield return Case("TLS 1.1", new ClientHelloBytes { Version = 0x0302 }.Without(ClientHelloBytes.SupportedVersions));
        yield return Case("TLS 1.0", new ClientHelloBytes { Version = 0x0301 }.Without(ClientHelloBytes.SupportedVersions));
        yield return Case("SSL 3", new ClientHelloBytes { Version = 0x0300 }.Without(ClientHelloBytes.SupportedVersions));
        yield return Case("Many thousand extensions", Many(15_000));
        yield return Case("A pre-shared key that is not last", Hello().Adding(41, 0, 2, 0, 0, 0, 0).Adding(0xfafa));

        static TestCaseData Case(string name, ClientHelloBytes hello) => new TestCaseData(hello).SetArgDisplayNames(name);
    }

    private static IEnumerable<TestCaseData> OddHellos()
    {
        yield return Case("In one piece", Hello().Records());
        yield return Case("In records of one byte", Hello().Records(size: 1));
        yield return Case("In records of SSL 3", Hello().Records(version: 0x0300));
        yield return Case("In records of a version of the future", Hello().Records(version: 0x03ff));
        yield return Case("With unknown extensions", Many(100).Records());
        yield return Case("With heartbeats", Hello().Adding(15, 1).Records());
        yield return Case("Without SNI", Hello().Without(ClientHelloBytes.ServerName).Records());
        yield return Case("With early data", Hello().Adding(ClientHelloBytes.EarlyData).Records());

        static TestCaseData Case(string name, byte[] records) => new TestCaseData(records).SetArgDisplayNames(name);
    }

    [TestCase("474554202F20485454502F312E310D0A0D0A", TestName = "Plain HTTP")]
    [TestCase("1603010005", TestName = "A record that is cut off")]
    [TestCase("16030148010100", TestName = "A record that is too large")]
    [TestCase("1603010000", TestName = "An empty handshake record")]
    [TestCase("160301000401000000", TestName = "An empty ClientHello")]
    [TestCase("16990100050100000100", TestName = "A version that does not exist")]
    [TestCase("170303000501000001AA", TestName = "Data before the handshake")]
    [TestCase("140303000101", TestName = "A change of ciphers before the handshake")]
    [TestCase("180303000301000010", TestName = "A heartbeat before the handshake")]
    [TestCase("15030100020228", TestName = "An alert instead of a hello")]
    [TestCase("150301000101", TestName = "Half an alert")]
    [TestCase("8080010301", TestName = "An SSL 2 hello")]
    [TestCase("160301000801FFFFFF0303AAAA", TestName = "A handshake message of 16 MB")]
    [TestCase("160301000402000000", TestName = "A ServerHello")]
    [TestCase("1603010024140000200000000000000000000000000000000000000000000000000000000000000000", TestName = "A Finished")]
    public async Task Nonsense_instead_of_a_hello(string hexadecimal)
    {
        using var peer = new TcpClient("127.0.0.1", Tunnel.Port);
        NetworkStream stream = peer.GetStream();
        await stream.WriteAsync(Convert.FromHexString(hexadecimal));
        peer.Client.Shutdown(SocketShutdown.Send);
        Assert.That(await AnswerAsync(stream), Has.Length.LessThan(100));
    }

    [TestCaseSource(nameof(BadHellos))]
    public async Task A_bad_hello_ends_its_session_at_most(object hello)
    {
        using var peer = new TcpClient("127.0.0.1", Tunnel.Port);
        NetworkStream stream = peer.GetStream();
        await stream.WriteAsync(((ClientHelloBytes)hello).Records());
        peer.Client.Shutdown(SocketShutdown.Send);
        await AnswerAsync(stream);
    }

    [TestCaseSource(nameof(OddHellos))]
    public async Task An_odd_hello_is_answered(byte[] records)
    {
        using var peer = new TcpClient("127.0.0.1", Tunnel.Port);
        NetworkStream stream = peer.GetStream();
        await stream.WriteAsync(records);
        Assert.That(await FirstByteAsync(stream), Is.EqualTo((byte)ContentType.Handshake));
    }

    [TestCase(20, "01", TestName = "Changes of ciphers without end after a hello")]
    [TestCase(21, "015A", TestName = "Warnings without end after a hello")]
    [TestCase(22, "01", TestName = "Single bytes of a message without end")]
    [TestCase(23, "AA", TestName = "Data without end after a hello")]
    public async Task A_flood_is_cut_off(byte type, string hexadecimal)
    {
        using var peer = new TcpClient("127.0.0.1", Tunnel.Port);
        NetworkStream stream = peer.GetStream();
        byte[] record = ClientHelloBytes.Record(type, Convert.FromHexString(hexadecimal));
        byte[] flood = [.. Enumerable.Repeat(record, 1000).SelectMany(one => one)];
        if (type != 22)
            await stream.WriteAsync(Hello().Records());
        else
            await stream.WriteAsync(ClientHelloBytes.Record(22, [1, 0, 0x7f, 0xff]));
        Task<byte[]> answer = AnswerAsync(stream);
        try
        {
            for (int i = 0; i < 20; i++)
                await stream.WriteAsync(flood);
        }
        catch (IOException)
        {
            // Cut off already.
        }
        // The end comes long before the time limit.
        await answer;
    }

    [TestCase(20, "01", TestName = "A change of ciphers inside a hello")]
    [TestCase(21, "0100", TestName = "An alert inside a hello")]
    [TestCase(23, "AA", TestName = "Data inside a hello")]
    public async Task A_hello_that_is_interrupted_ends_its_session(byte type, string hexadecimal)
    {
        using var peer = new TcpClient("127.0.0.1", Tunnel.Port);
        NetworkStream stream = peer.GetStream();
        byte[] hello = Hello().Message();
        byte[] interruption = ClientHelloBytes.Record(type, Convert.FromHexString(hexadecimal));
        await stream.WriteAsync((byte[])[.. ClientHelloBytes.Record(22, hello.AsSpan(0, 20)), .. interruption, .. ClientHelloBytes.Record(22, hello.AsSpan(20))]);
        byte[] answer = await AnswerAsync(stream);
        Assert.That(answer, Has.Length.LessThan(100), "no ServerHello");
    }

    [OneTimeSetUp]
    public async Task StartHasty() => _hasty = await Pool.TunnelAsync("--server", "--connect", "127.0.0.1:9", "--local-id", "server.example", "--timeout", "1");

    [OneTimeTearDown]
    public async Task StopHasty() => await _hasty.DisposeAsync();

    [Test]
    public async Task A_peer_that_stops_in_the_middle_of_its_hello_is_not_waited_for()
    {
        using var peer = new TcpClient("127.0.0.1", _hasty.Port);
        await peer.GetStream().WriteAsync(Convert.FromHexString("160301020001"));
        await AnswerAsync(peer.GetStream());
        await _hasty.Process.WaitForAsync("\"event\":\"failed\"");
    }

    [Test]
    public async Task A_peer_that_stops_after_its_hello_is_not_waited_for()
    {
        using var peer = new TcpClient("127.0.0.1", _hasty.Port);
        await peer.GetStream().WriteAsync(Hello().Records());
        byte[] answer = await AnswerAsync(peer.GetStream());
        Assert.That(answer[0], Is.EqualTo((byte)ContentType.Handshake));
    }

    [Test]
    public async Task A_peer_that_sends_a_byte_now_and_then_is_not_waited_for()
    {
        using var peer = new TcpClient("127.0.0.1", _hasty.Port) { NoDelay = true };
        NetworkStream stream = peer.GetStream();
        Task<byte[]> answer = AnswerAsync(stream);
        try
        {
            foreach (byte one in Hello().Records().Concat(new byte[10_000]))
            {
                await stream.WriteAsync(new[] { one });
                if (await Task.WhenAny(answer, Task.Delay(100)) == answer)
                    break;
            }
        }
        catch (IOException)
        {
            // Cut off while writing.
        }
        Assert.That(answer.Wait(TimeSpan.FromSeconds(20)));
    }

    [Test]
    public async Task Random_bytes_after_a_hello()
    {
        var random = new Random(815);
        for (int round = 0; round < 200; round++)
        {
            using var peer = new TcpClient("127.0.0.1", Tunnel.Port);
            byte[] bytes = new byte[random.Next(1, 600)];
            random.NextBytes(bytes);
            (bytes[0], bytes[^1]) = (22, 0);
            NetworkStream stream = peer.GetStream();
            await stream.WriteAsync(bytes);
            peer.Client.Shutdown(SocketShutdown.Send);
            await AnswerAsync(stream);
        }
    }

    [Test]
    public async Task A_hello_with_any_byte_changed()
    {
        var random = new Random(77);
        byte[] good = Hello().Records();
        for (int round = 0; round < 200; round++)
        {
            using var peer = new TcpClient("127.0.0.1", Tunnel.Port);
            byte[] bytes = [.. good];
            for (int change = random.Next(1, 4); change > 0; change--)
                bytes[random.Next(5, bytes.Length)] = (byte)random.Next(256);
            NetworkStream stream = peer.GetStream();
            await stream.WriteAsync(bytes);
            peer.Client.Shutdown(SocketShutdown.Send);
            await AnswerAsync(stream);
        }
    }

    private static ClientHelloBytes Hello() => new();

    private static byte[] Bytes(char value, int count) => [.. Enumerable.Repeat((byte)value, count)];

    private static ClientHelloBytes Many(int count)
    {
        ClientHelloBytes hello = Hello();
        for (int i = 0; i < count; i++)
            hello.Adding((ushort)(0x8000 + i));
        return hello;
    }

    private static async Task<int> FirstByteAsync(NetworkStream stream)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        byte[] first = new byte[1];
        return await stream.ReadAsync(first, limit.Token) == 1 ? first[0] : -1;
    }
}
