using System.Net.Sockets;
using System.Text;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>Sessions with the servers of OpenSSL and GnuTLS, renewed by either side.</summary>
[Parallelizable]
public sealed class RenewalOfServersTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private PoolProcess _pool = null!;
    private TlsPoolClient _client = null!;
    private Openssl _openssl = null!;
    private (string Certificate, string Key) _server;

    [OneTimeSetUp]
    public async Task Start()
    {
        _pool = await PoolProcess.StartAsync();
        _openssl = new Openssl(Path.Combine(_pool.Directory, "ca"));
        await _openssl.MakeAuthorityAsync();
        _server = await _openssl.IssueAsync("server.example", "subjectAltName=DNS:server.example\nextendedKeyUsage=serverAuth");
        (string certificate, string key) = await _openssl.IssueAsync("user", "subjectAltName=email:user@client.example\nextendedKeyUsage=clientAuth");
        await _pool.RunAsync("trust", "add", _openssl.Authority);
        await _pool.RunAsync("identity", "add", "user@client.example", "--certificate", certificate, "--key", key, "--role", "client");
        _client = _pool.Client();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _client.DisposeAsync();
        await _pool.DisposeAsync();
    }

    [TestCase("-tls1_2")]
    [TestCase("-tls1_3")]
    public async Task The_application_renews_a_session_with_s_server(string version)
    {
        // OpenSSL takes no wish of clients otherwise.
        await using ChildProcess server = await ServerAsync(version, "-client_renegotiation");
        using TlsSession session = await SessionAsync(OpensslServer.PortOf(server));
        await TalkAsync(server, session, "before");
        for (int i = 0; i < 3; i++)
        {
            ValidatedIdentities renewed = await _client.RenegotiateAsync(session.ControlKey, StartTlsOptions.Renewal()).WaitAsync(Patience);
            Assert.That(renewed, Is.EqualTo(session.Identities));
            await TalkAsync(server, session, $"after {i}");
        }
    }

    [Test]
    public async Task S_server_renegotiates()
    {
        await using ChildProcess server = await ServerAsync("-tls1_2");
        using TlsSession session = await SessionAsync(OpensslServer.PortOf(server));
        await TalkAsync(server, session, "before");
        for (int i = 0; i < 3; i++)
        {
            await SendAsync(server, "r");
            await TalkAsync(server, session, $"after {i}");
        }
        await _pool.WaitForLogAsync("renewed at the peer's wish: - with server.example");
    }

    [Test]
    public async Task S_server_asks_for_the_client_s_certificate_by_renegotiation()
    {
        await using ChildProcess server = await ServerAsync("-tls1_2", "-CAfile", _openssl.Authority);
        using TlsSession session = await SessionAsync(OpensslServer.PortOf(server));
        await TalkAsync(server, session, "before");
        await SendAsync(server, "R");
        await TalkAsync(server, session, "after");
        await server.WaitForAsync("depth=0 CN = user\nverify return:1");
    }

    [Test]
    public async Task S_server_asks_for_the_client_s_certificate_after_the_handshake()
    {
        await using ChildProcess server = await ServerAsync("-tls1_3", "-CAfile", _openssl.Authority);
        using TlsSession session = await SessionAsync(OpensslServer.PortOf(server));
        await TalkAsync(server, session, "before");
        await SendAsync(server, "c");
        await server.WaitForAsync("depth=0 CN = user\nverify return:1");
        await TalkAsync(server, session, "after");
        await _pool.WaitForLogAsync("renewed at the peer's wish: user@client.example with server.example: shown to the server");
        await SendAsync(server, "K");
        // It takes one command from what it reads, however many there are.
        await server.WaitForAsync(output => output.Split("SSL_do_handshake -> 1").Length > 2);
        await SendAsync(server, "c");
        await server.WaitForAsync(output => output.Split("depth=0 CN = user\nverify return:1").Length > 2);
        await TalkAsync(server, session, "after that");
    }

    [Test]
    public async Task A_server_of_gnutls_asks_for_the_client_s_certificate_after_the_handshake()
    {
        (ChildProcess server, int port) = await GnutlsAsync("NORMAL:-VERS-ALL:+VERS-TLS1.3");
        await using (server)
        {
            using TlsSession session = await SessionAsync(port);
            await EchoAsync(session, "before\n");
            await session.Socket.SendAsync("**REAUTH**\n"u8.ToArray());
            await _pool.WaitForLogAsync("renewed at the peer's wish: user@client.example with server.example: shown to the server");
        }
    }

    [TestCase("K")]
    [TestCase("k")]
    public async Task S_server_updates_its_keys(string command)
    {
        await using ChildProcess server = await ServerAsync("-tls1_3");
        using TlsSession session = await SessionAsync(OpensslServer.PortOf(server));
        await TalkAsync(server, session, "before");
        for (int i = 0; i < 3; i++)
        {
            await SendAsync(server, command);
            await TalkAsync(server, session, $"after {i}");
        }
    }

    [Test]
    public async Task A_server_of_gnutls_renegotiates()
    {
        (ChildProcess server, int port) = await GnutlsAsync("NORMAL:-VERS-ALL:+VERS-TLS1.2");
        await using (server)
        {
            using TlsSession session = await SessionAsync(port);
            await EchoAsync(session, "before\n");
            for (int i = 0; i < 3; i++)
            {
                await _client.RenegotiateAsync(session.ControlKey, StartTlsOptions.Renewal()).WaitAsync(Patience);
                await EchoAsync(session, $"after {i}\n");
            }
        }
    }

    [Test]
    public async Task A_server_without_extended_master_secret_is_not_renegotiated_with()
    {
        (ChildProcess server, int port) = await GnutlsAsync("NORMAL:-VERS-ALL:+VERS-TLS1.2:%NO_SESSION_HASH");
        await using (server)
        {
            using TlsSession session = await SessionAsync(port);
            TlsPoolException refusal = (await Assert.ThrowsAsync<TlsPoolException>(
                () => _client.RenegotiateAsync(session.ControlKey, StartTlsOptions.Renewal()).WaitAsync(Patience)))!;
            Assert.That(refusal.Error, Is.EqualTo(PoolError.RenegotiateWouldBeInsecure));
            await EchoAsync(session, "after\n");
        }
    }

    [Test]
    public async Task A_server_without_secure_renegotiation_gets_no_session_at_all()
    {
        (ChildProcess server, int port) = await GnutlsAsync("NORMAL:-VERS-ALL:+VERS-TLS1.2:%DISABLE_SAFE_RENEGOTIATION");
        await using (server)
            Assert.That((await Assert.ThrowsAsync<TlsPoolException>(() => SessionAsync(port)))!.Error, Is.EqualTo(PoolError.StirredNotShaken));
    }

    private Task<(ChildProcess Server, int Port)> GnutlsAsync(string priority) => GnutlsServer.StartAsync(_server, priority, "--disable-client-cert");

    /// <summary>A line each way.</summary>
    private static async Task TalkAsync(ChildProcess server, TlsSession session, string line)
    {
        await session.Socket.SendAsync(Encoding.ASCII.GetBytes($"to the server: {line}\n"));
        await server.WaitForAsync($"to the server: {line}\n");
        // Not with one of its commands in front.
        await SendAsync(server, $"=== {line}");
        Assert.That(await ReadLineAsync(session), Is.EqualTo($"=== {line}"));
    }

    private static async Task EchoAsync(TlsSession session, string line)
    {
        await session.Socket.SendAsync(Encoding.ASCII.GetBytes(line));
        Assert.That(await ReadLineAsync(session), Is.EqualTo(line.TrimEnd()));
    }

    private static async Task<string> ReadLineAsync(TlsSession session)
    {
        var line = new StringBuilder();
        byte[] one = new byte[1];
        while (true)
        {
            if (await session.Socket.ReceiveAsync(one).WaitAsync(Patience) == 0)
                throw new EndOfStreamException($"the session ended after '{line}'");
            if (one[0] == '\n')
                return line.ToString();
            line.Append((char)one[0]);
        }
    }

    private static async Task SendAsync(ChildProcess server, string line)
    {
        await server.Input.WriteAsync(line + "\n");
        await server.Input.FlushAsync();
    }

    private async Task<TlsSession> SessionAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", port);
        return await _client
            .StartTlsAsync(socket, StartTlsOptions.Client("server.example") with { LocalId = "user@client.example" }).WaitAsync(Patience);
    }

    private Task<ChildProcess> ServerAsync(params string[] options) => OpensslServer.StartAsync(_server, options);
}
