using System.Globalization;
using System.Net.Sockets;
using System.Text;
using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>Protocols that begin in the clear: <c>openssl s_client -starttls</c> against server tunnels, and client tunnels before them.</summary>
[Parallelizable]
public sealed class StartTlsTunnelTests
{
    private PoolProcess _pool = null!;
    private string _certificate = "";

    [OneTimeSetUp]
    public async Task Start()
    {
        _pool = await PoolProcess.StartAsync();
        _certificate = await _pool.IdentityAsync("server.example");
    }

    [OneTimeTearDown]
    public async Task Stop() => await _pool.DisposeAsync();

    [TestCase("smtp", "NOOP", "250 ok")]
    [TestCase("imap", "a1 NOOP", "a1 OK done")]
    [TestCase("pop3", "NOOP", "+OK done")]
    [TestCase("xmpp", "anything", "echo anything")]
    [TestCase("xmpp-server", "anything", "echo anything")]
    [TestCase("ldap", "anything", "echo anything")]
    [TestCase("postgres", "anything", "echo anything")]
    public async Task Openssl_begins_TLS_as_the_protocol_says(string protocol, string command, string answer)
    {
        using Backend backend = Speaking(protocol);
        await using TunnelProcess tunnel = await _pool.TunnelAsync("--server", "--connect", backend.Address, "--starttls", protocol, "--local-id", "server.example");
        await using ChildProcess client = ChildProcess.Start(
            "openssl",
            ["s_client", "-connect", tunnel.Address, "-starttls", protocol, "-xmpphost", "server.example", "-servername", "server.example", "-CAfile", _certificate, "-quiet", "-verify_return_error", "-no_ign_eof"]);
        await client.Input.WriteAsync(command + "\r\n");
        await client.Input.FlushAsync();
        await client.WaitForAsync(answer);
        Assert.That((await tunnel.ConnectionsAsync(1))[0], Does.Contain("\"event\":\"established\""));
    }

    [TestCase("smtp", "220 mail.example\r\n", "NOOP", "250 ok")]
    [TestCase("imap", "* OK ready\r\n", "a1 NOOP", "a1 OK done")]
    [TestCase("pop3", "+OK ready\r\n", "NOOP", "+OK done")]
    [TestCase("xmpp", "", "anything", "echo anything")]
    [TestCase("ldap", "", "anything", "echo anything")]
    [TestCase("postgres", "", "anything", "echo anything")]
    public async Task A_client_tunnel_begins_TLS_for_a_client_that_has_none(string protocol, string greeting, string command, string answer)
    {
        using Backend backend = Speaking(protocol);
        await using TunnelProcess server = await _pool.TunnelAsync("--server", "--connect", backend.Address, "--starttls", protocol, "--local-id", "server.example");
        await using TunnelProcess client = await _pool.TunnelAsync("--client", "--connect", server.Address, "--starttls", protocol, "--remote-id", "server.example");
        using var socket = new TcpClient("127.0.0.1", client.Port);
        using var reader = new StreamReader(socket.GetStream(), Encoding.Latin1);
        if (greeting.Length > 0)
            Assert.That(await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(20)) + "\r\n", Is.EqualTo(greeting));
        await socket.GetStream().WriteAsync(Encoding.Latin1.GetBytes(command + "\r\n"));
        Assert.That(await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(20)), Does.StartWith(answer));
        Assert.That((await client.ConnectionsAsync(1))[0], Does.Contain("\"remoteId\":\"server.example\""));
    }

    [Test]
    public async Task Mysql_counts_packets_as_both_sides_expect()
    {
        var login = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var backend = new Backend(async stream =>
        {
            await stream.WriteAsync(MysqlGreeting(offersTls: false));
            login.TrySetResult(await ReadPacketAsync(stream));
            await stream.WriteAsync(new byte[] { 2, 0, 0, 2, 0x01, 0x04 }); // more data, before the end of the login
            Assert.That((await ReadPacketAsync(stream))[3], Is.EqualTo(3));
            await stream.WriteAsync(new byte[] { 3, 0, 0, 4, 0x00, 0, 0 }); // OK
            byte[] query = await ReadPacketAsync(stream);
            await stream.WriteAsync(query);
        });
        await using TunnelProcess server = await _pool.TunnelAsync("--server", "--connect", backend.Address, "--starttls", "mysql", "--local-id", "server.example");
        await using TunnelProcess client = await _pool.TunnelAsync("--client", "--connect", server.Address, "--starttls", "mysql", "--remote-id", "server.example");
        using var socket = new TcpClient("127.0.0.1", client.Port);
        NetworkStream stream = socket.GetStream();
        stream.ReadTimeout = 20_000;
        byte[] greeting = await ReadPacketAsync(stream);
        byte[] response = MysqlPacket(1, [0x05, 0x82, 0, 0, .. new byte[28], .. "user\0"u8]);
        await stream.WriteAsync(response);
        byte[] more = await ReadPacketAsync(stream);
        await stream.WriteAsync(MysqlPacket(3, [.. "secret"u8]));
        byte[] ok = await ReadPacketAsync(stream);
        byte[] query = MysqlPacket(0, [3, .. "select 1"u8]);
        await stream.WriteAsync(query);
        Assert.Multiple(() =>
        {
            Assert.That(greeting, Is.EqualTo(MysqlGreeting(offersTls: false)));
            Assert.That(login.Task.Result, Is.EqualTo(response));
            Assert.That(more[3], Is.EqualTo(2));
            Assert.That(ok[3], Is.EqualTo(4));
        });
        Assert.That(await ReadPacketAsync(stream), Is.EqualTo(query));
    }

    [Test]
    public async Task Openssl_begins_TLS_with_mysql()
    {
        using var backend = new Backend(async stream =>
        {
            await stream.WriteAsync(MysqlGreeting(offersTls: false));
            await stream.ReadExactlyAsync(new byte[1]);
        });
        await using TunnelProcess tunnel = await _pool.TunnelAsync("--server", "--connect", backend.Address, "--starttls", "mysql", "--local-id", "server.example");
        (_, string output) = await ChildProcess.RunAsync(
            "openssl", ["s_client", "-connect", tunnel.Address, "-starttls", "mysql", "-CAfile", _certificate], input: "Q\n");
        Assert.That(output, Does.Contain("Verification: OK"));
    }

    [Test]
    public async Task A_protocol_of_ones_own_is_written_as_steps()
    {
        using Backend backend = Backend.Echo();
        await using TunnelProcess server = await _pool.TunnelAsync(
            "--server", "--connect", backend.Address, "--local-id", "server.example",
            "--chat", @"send:HELLO v1\r\n", "--chat", "expect:SECURE", "--chat", @"send:GO\r\n");
        await using TunnelProcess client = await _pool.TunnelAsync(
            "--client", "--connect", server.Address, "--remote-id", "server.example",
            "--chat", "expect:HELLO", "--chat", @"send:SECURE\r\n", "--chat", "expect:GO");
        using var socket = new TcpClient("127.0.0.1", client.Port);
        await socket.GetStream().WriteAsync("ping\n"u8.ToArray());
        using var reader = new StreamReader(socket.GetStream());
        Assert.That(await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(20)), Is.EqualTo("ping"));
    }

    [Test]
    public async Task Nothing_but_STARTTLS_is_done_in_the_clear_and_passwords_are_not_asked_for()
    {
        var heard = new StringBuilder();
        using Backend backend = Speaking("smtp", line => heard.Append(line).Append('\n'));
        await using TunnelProcess tunnel = await _pool.TunnelAsync("--server", "--connect", backend.Address, "--starttls", "smtp", "--local-id", "server.example");
        using var socket = new TcpClient("127.0.0.1", tunnel.Port);
        using var reader = new StreamReader(socket.GetStream());
        await socket.GetStream().WriteAsync("EHLO me\r\nAUTH PLAIN AGEAYg==\r\nQUIT\r\n"u8.ToArray());
        string all = await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(20));
        Assert.That(all, Does.Contain("STARTTLS").And.Contains("530 ").And.Contains("221 ").And.Not.Contains("250-AUTH"));
        Assert.That(heard.ToString(), Does.Not.Contain("AUTH"));
    }

    [Test]
    public async Task A_server_that_takes_STARTTLS_out_gets_no_plaintext()
    {
        using Backend stripped = Speaking("smtp");
        await using TunnelProcess client = await _pool.TunnelAsync("--client", "--connect", stripped.Address, "--starttls", "smtp", "--remote-id", "server.example");
        using var socket = new TcpClient("127.0.0.1", client.Port);
        Assert.That((await client.ConnectionsAsync(1))[0], Does.Contain("does not offer STARTTLS"));
        Assert.That(await socket.GetStream().ReadAsync(new byte[1]), Is.Zero);
    }

    /// <summary>A backend that speaks a mail protocol, without TLS; others send lines back.</summary>
    private static Backend Speaking(string protocol, Action<string>? hear = null) => new(async stream =>
    {
        using var reader = new StreamReader(stream, Encoding.Latin1);
        Task Say(string text) => stream.WriteAsync(Encoding.Latin1.GetBytes(text + "\r\n")).AsTask();
        await (protocol switch
        {
            "smtp" => Say("220 mail.example"),
            "imap" => Say("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready"),
            "pop3" => Say("+OK ready"),
            _ => Task.CompletedTask,
        });
        while (await reader.ReadLineAsync() is { } line)
        {
            hear?.Invoke(line);
            string tag = line.Split(' ')[0];
            await Say(protocol switch
            {
                "smtp" when line.StartsWith("EHLO", StringComparison.Ordinal) => "250-mail.example\r\n250-SIZE 1000\r\n250 AUTH PLAIN",
                "smtp" => "250 ok",
                "imap" when line.Contains("CAPABILITY", StringComparison.Ordinal) => $"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n{tag} OK done",
                "imap" => $"{tag} OK done",
                "pop3" when line == "CAPA" => "+OK\r\nUSER\r\nTOP\r\n.",
                "pop3" => "+OK done",
                _ => "echo " + line,
            });
        }
    });

    private static byte[] MysqlGreeting(bool offersTls) => MysqlPacket(
        0, [10, .. Encoding.ASCII.GetBytes("8.0.0-" + (1).ToString(CultureInfo.InvariantCulture)), 0, 1, 0, 0, 0, .. "12345678"u8, 0, 0xff, (byte)(offersTls ? 0xff : 0xf7), 8, 2, 0, 0xff, 0xc7, 21, .. new byte[10], .. "123456789012"u8, 0]);

    private static byte[] MysqlPacket(byte sequence, byte[] payload) => [(byte)payload.Length, (byte)(payload.Length >> 8), 0, sequence, .. payload];

    private static async Task<byte[]> ReadPacketAsync(NetworkStream stream)
    {
        byte[] header = new byte[4];
        await stream.ReadExactlyAsync(header).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        byte[] payload = new byte[header[0] | (header[1] << 8)];
        await stream.ReadExactlyAsync(payload).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        return [.. header, .. payload];
    }
}
