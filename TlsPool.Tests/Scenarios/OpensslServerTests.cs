using System.Globalization;
using System.Net.Sockets;
using System.Text;
using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>A client tunnel against <c>openssl s_server</c>, and clients with certificates against a server tunnel.</summary>
[Parallelizable]
public sealed class OpensslServerTests
{
    private PoolProcess _pool = null!;
    private Openssl _openssl = null!;
    private (string Certificate, string Key) _server;
    private (string Certificate, string Key) _user;

    [OneTimeSetUp]
    public async Task Start()
    {
        _pool = await PoolProcess.StartAsync();
        _openssl = new Openssl(Path.Combine(_pool.Directory, "ca"));
        await _openssl.MakeAuthorityAsync();
        _server = await _openssl.IssueAsync("server.example", "subjectAltName=DNS:server.example,DNS:*.wild.example\nextendedKeyUsage=serverAuth");
        _user = await _openssl.IssueAsync("user", "subjectAltName=email:user@client.example\nextendedKeyUsage=clientAuth");
        await _pool.RunAsync("trust", "add", _openssl.Authority);
        await _pool.RunAsync("identity", "add", "user@client.example", "--certificate", _user.Certificate, "--key", _user.Key, "--role", "client");
        await _pool.RunAsync("identity", "add", "server.example", "--certificate", _server.Certificate, "--key", _server.Key, "--role", "server");
    }

    [OneTimeTearDown]
    public async Task Stop() => await _pool.DisposeAsync();

    [TestCase("-tls1_2")]
    [TestCase("-tls1_3")]
    [TestCase("-tls1_3 -groups P-384")]
    [TestCase("-tls1_3 -ciphersuites TLS_CHACHA20_POLY1305_SHA256")]
    public async Task A_page_comes_from_a_TLS_server(string options)
    {
        await using ChildProcess server = await ServerAsync([.. options.Split(' '), "-www"]);
        await using TunnelProcess tunnel = await _pool.TunnelAsync("--client", "--connect", Address(server), "--remote-id", "server.example");
        (int code, string output) = await ChildProcess.RunAsync("curl", ["-sS", $"http://{tunnel.Address}/"]);
        Assert.That(code, Is.Zero, output);
        Assert.That(output, Does.Contain("Secure Renegotiation IS supported").Or.Contains("TLSv1.3"));
        Assert.That((await tunnel.ConnectionsAsync(1))[0], Does.Contain("\"remoteId\":\"server.example\""));
    }

    [TestCase("-tls1_2")]
    [TestCase("-tls1_3")]
    public async Task The_second_connection_resumes(string version)
    {
        await using ChildProcess server = await ServerAsync(version, "-www");
        await using TunnelProcess tunnel = await _pool.TunnelAsync("--client", "--connect", Address(server), "--remote-id", "server.example");
        for (int i = 0; i < 2; i++)
        {
            Assert.That((await ChildProcess.RunAsync("curl", ["-sS", $"http://{tunnel.Address}/"])).ExitCode, Is.Zero);
            // Each line before the next connection: their order is not promised.
            await tunnel.ConnectionsAsync(i + 1);
        }
        string[] connections = await tunnel.ConnectionsAsync(2);
        Assert.That(connections[0], Does.Contain("resumed no"));
        Assert.That(connections[1], Does.Contain("resumed yes").And.Contains("\"remoteId\":\"server.example\""));
    }

    [TestCase("-tls1_2")]
    [TestCase("-tls1_3")]
    public async Task A_client_proves_who_it_is(string version)
    {
        await using ChildProcess server = await ServerAsync(version, "-Verify", "1", "-verify_return_error", "-CAfile", _openssl.Authority, "-www");
        await using TunnelProcess tunnel = await _pool.TunnelAsync(
            "--client", "--connect", Address(server), "--remote-id", "server.example", "--local-id", "user@client.example");
        (_, string page) = await ChildProcess.RunAsync("curl", ["-sS", $"http://{tunnel.Address}/"]);
        Assert.That(page, Does.Contain("user"));
        Assert.That((await tunnel.ConnectionsAsync(1))[0], Does.Contain("\"localId\":\"user@client.example\""));
    }

    [TestCase("other.example")]
    [TestCase("a.b.wild.example")]
    [TestCase("wild.example")]
    public async Task A_server_that_is_somebody_else_is_refused(string remoteId)
    {
        await using ChildProcess server = await ServerAsync("-www");
        await using TunnelProcess tunnel = await _pool.TunnelAsync("--client", "--connect", Address(server), "--remote-id", remoteId);
        (int code, _) = await ChildProcess.RunAsync("curl", ["-sS", $"http://{tunnel.Address}/"]);
        Assert.That(code, Is.Not.Zero);
        Assert.That((await tunnel.ConnectionsAsync(1))[0], Does.Contain("\"event\":\"failed\"").And.Contains("server.example"));
    }

    [Test]
    public async Task A_wildcard_stands_for_one_label()
    {
        await using ChildProcess server = await ServerAsync("-www");
        await using TunnelProcess tunnel = await _pool.TunnelAsync("--client", "--connect", Address(server), "--remote-id", "any.wild.example");
        Assert.That((await ChildProcess.RunAsync("curl", ["-sS", $"http://{tunnel.Address}/"])).ExitCode, Is.Zero);
    }

    [Test]
    public async Task A_server_without_an_anchor_is_refused()
    {
        string key = _openssl.PathOf("self.key"), certificate = _openssl.PathOf("self.pem");
        await Openssl.RunAsync(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", certificate,
            "-subj", "/CN=x", "-addext", "subjectAltName=DNS:server.example");
        await using ChildProcess server = await OpensslServer.StartAsync((certificate, key), "-www");
        await using TunnelProcess tunnel = await _pool.TunnelAsync("--client", "--connect", Address(server), "--remote-id", "server.example");
        Assert.That((await ChildProcess.RunAsync("curl", ["-sS", $"http://{tunnel.Address}/"])).ExitCode, Is.Not.Zero);
        await server.WaitForAsync("unknown ca");
    }

    [TestCase("-tls1_2")]
    [TestCase("-tls1_3")]
    public async Task A_server_tunnel_says_which_user_came(string version)
    {
        using Backend backend = Backend.Http("for users");
        await using TunnelProcess tunnel = await _pool.TunnelAsync("--server", "--connect", backend.Address, "--verify", "demand");
        (int code, string output) = await CurlAsync(tunnel, "--cert", _user.Certificate, "--key", _user.Key, version == "-tls1_2" ? "--tls-max" : "--tlsv1.3", version == "-tls1_2" ? "1.2" : "--http1.1");
        Assert.That(code, Is.Zero, output);
        Assert.That(output, Is.EqualTo("for users"));
        Assert.That((await tunnel.ConnectionsAsync(1))[0], Does.Contain("\"remoteId\":\"user@client.example\"").And.Contains("\"localId\":\"server.example\""));
    }

    [TestCase("-tls1_2")]
    [TestCase("-tls1_3")]
    public async Task A_server_tunnel_knows_s_client_by_its_certificate(string version)
    {
        using Backend backend = Backend.Http("for users");
        await using TunnelProcess tunnel = await _pool.TunnelAsync("--server", "--connect", backend.Address, "--verify", "demand");
        await using ChildProcess client = ChildProcess.Start(
            "openssl",
            [
                "s_client", "-connect", tunnel.Address, "-servername", "server.example", version, "-cert", _user.Certificate, "-key", _user.Key,
                "-CAfile", _openssl.Authority, "-verify_return_error", "-quiet",
            ]);
        await client.Input.WriteAsync("GET / HTTP/1.0\r\n\r\n");
        await client.Input.FlushAsync();
        await client.WaitForAsync("for users");
        Assert.That((await tunnel.ConnectionsAsync(1))[0], Does.Contain("\"remoteId\":\"user@client.example\"").And.Contains("\"localId\":\"server.example\""));
    }

    [Test]
    public async Task A_client_without_a_certificate_is_refused_where_one_is_demanded_and_taken_where_one_is_requested()
    {
        using Backend backend = Backend.Http("page");
        await using (TunnelProcess demanding = await _pool.TunnelAsync("--server", "--connect", backend.Address, "--verify", "demand"))
            Assert.That((await CurlAsync(demanding)).ExitCode, Is.Not.Zero);
        await using TunnelProcess requesting = await _pool.TunnelAsync("--server", "--connect", backend.Address, "--verify", "request");
        Assert.That((await CurlAsync(requesting)).Output, Is.EqualTo("page"));
    }

    [Test]
    public async Task The_backend_path_may_depend_on_the_user()
    {
        string path = Path.Combine(_pool.Directory, "user@client.example");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        Task serving = Task.Run(async () =>
        {
            using Socket accepted = await listener.AcceptAsync();
            byte[] request = new byte[4096];
            await accepted.ReceiveAsync(request);
            await accepted.SendAsync(Encoding.ASCII.GetBytes("HTTP/1.0 200 OK\r\n\r\nyours"));
        });
        await using TunnelProcess tunnel = await _pool.TunnelAsync("--server", "--connect", $"{_pool.Directory}/%R", "--verify", "demand");
        (int code, string output) = await CurlAsync(tunnel, "--cert", _user.Certificate, "--key", _user.Key);
        await serving;
        Assert.That(code, Is.Zero, output);
        Assert.That(output, Is.EqualTo("yours"));
    }

    [Test]
    public async Task The_backend_learns_by_PROXY_protocol_who_connected()
    {
        var header = new TaskCompletionSource<byte[]>();
        using var backend = new Backend(async stream =>
        {
            byte[] start = new byte[16];
            await stream.ReadExactlyAsync(start);
            byte[] rest = new byte[(start[14] << 8) | start[15]];
            await stream.ReadExactlyAsync(rest);
            header.SetResult([.. start, .. rest]);
            await stream.WriteAsync("HTTP/1.0 200 OK\r\n\r\nok"u8.ToArray());
        });
        await using TunnelProcess tunnel = await _pool.TunnelAsync("--server", "--connect", backend.Address, "--verify", "demand", "--proxy-protocol");
        (int code, string output) = await CurlAsync(tunnel, "--cert", _user.Certificate, "--key", _user.Key);
        Assert.That(code, Is.Zero, output);
        byte[] got = await header.Task;
        Assert.Multiple(() =>
        {
            Assert.That(got[..12], Is.EqualTo("\r\n\r\n\0\r\nQUIT\n"u8.ToArray()));
            Assert.That(got[12..14], Is.EqualTo(new byte[] { 0x21, 0x11 }));
            Assert.That(got[16..24], Is.EqualTo(new byte[] { 127, 0, 0, 1, 127, 0, 0, 1 }));
            Assert.That((got[26] << 8) | got[27], Is.EqualTo(tunnel.Port));
            Assert.That(Encoding.UTF8.GetString(got), Does.Contain("server.example").And.Contains("user@client.example"));
        });
    }

    private Task<(int ExitCode, string Output)> CurlAsync(TunnelProcess tunnel, params string[] options) => ChildProcess.RunAsync(
        "curl",
        ["-sS", "--cacert", _openssl.Authority, "--connect-to", $"server.example:443:{tunnel.Address}", "https://server.example/", .. options]);

    private Task<ChildProcess> ServerAsync(params string[] options) => OpensslServer.StartAsync(_server, options);

    private static string Address(ChildProcess server) =>
        string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{OpensslServer.PortOf(server)}");
}
