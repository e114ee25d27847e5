using System.Globalization;
using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>GnuTLS and Chromium through the tunnels.</summary>
[Parallelizable]
public sealed class OtherPeersTests
{
    private PoolProcess _pool = null!;
    private string _certificate = "";

    [OneTimeSetUp]
    public async Task Start()
    {
        _pool = await PoolProcess.StartAsync();
        _certificate = await _pool.IdentityAsync("server.example", "--role", "server");
    }

    [OneTimeTearDown]
    public async Task Stop() => await _pool.DisposeAsync();

    [TearDown]
    public void Tell()
    {
        if (TestContext.CurrentContext.Result.Outcome.Status == NUnit.Framework.Interfaces.TestStatus.Failed)
            TestContext.Out.WriteLine(_pool.Log);
    }

    [TestCase("NORMAL:-VERS-ALL:+VERS-TLS1.3", "TLS1.3")]
    [TestCase("NORMAL:-VERS-ALL:+VERS-TLS1.2", "TLS1.2")]
    public async Task Gnutls_client_talks_to_a_server_tunnel(string priority, string version)
    {
        using Backend backend = Backend.Echo();
        await using TunnelProcess tunnel = await _pool.TunnelAsync("--server", "--connect", backend.Address);
        await using ChildProcess client = ChildProcess.Start(
            "gnutls-cli",
            ["--x509cafile", _certificate, "--sni-hostname", "server.example", "--verify-hostname", "server.example", "--priority", priority, "-p", Text(tunnel.Port), "127.0.0.1"]);
        await client.WaitForAsync("Handshake was completed");
        await client.Input.WriteLineAsync("hello gnutls");
        await client.Input.FlushAsync();
        await client.WaitForAsync("hello gnutls\n");
        client.Input.Close();
        Assert.That(await client.ExitAsync(), Is.Zero, client.Output);
        Assert.That(client.Output, Does.Contain(version));
    }

    [TestCase("NORMAL:-VERS-ALL:+VERS-TLS1.3")]
    [TestCase("NORMAL:-VERS-ALL:+VERS-TLS1.2")]
    public async Task Gnutls_client_resumes(string priority)
    {
        using Backend backend = Backend.Echo();
        await using TunnelProcess tunnel = await _pool.TunnelAsync("--server", "--connect", backend.Address);
        await using ChildProcess client = ChildProcess.Start(
            "gnutls-cli",
            [
                "--resume", "--waitresumption", "--x509cafile", _certificate, "--sni-hostname", "server.example", "--verify-hostname", "server.example",
                "--priority", priority, "-p", Text(tunnel.Port), "127.0.0.1",
            ]);
        await client.WaitForAsync("This is a resumed session");
        Assert.That(await tunnel.ConnectionsAsync(2), Has.Some.Contains("resumed yes"));
    }

    [TestCase("NORMAL:-VERS-ALL:+VERS-TLS1.3")]
    [TestCase("NORMAL:-VERS-ALL:+VERS-TLS1.2")]
    public async Task Gnutls_client_proves_who_it_is(string priority)
    {
        var openssl = new Openssl(Path.Combine(_pool.Directory, "users" + priority[^1]));
        await openssl.MakeAuthorityAsync();
        (string certificate, string key) = await openssl.IssueAsync("user", "subjectAltName=email:user@gnutls.example\nextendedKeyUsage=clientAuth");
        await _pool.RunAsync("trust", "add", openssl.Authority);
        using Backend backend = Backend.Echo();
        await using TunnelProcess tunnel = await _pool.TunnelAsync("--server", "--connect", backend.Address, "--verify", "demand");
        await using ChildProcess client = ChildProcess.Start(
            "gnutls-cli",
            [
                "--x509certfile", certificate, "--x509keyfile", key, "--x509cafile", _certificate, "--sni-hostname", "server.example",
                "--verify-hostname", "server.example", "--priority", priority, "-p", Text(tunnel.Port), "127.0.0.1",
            ]);
        await client.WaitForAsync("Handshake was completed");
        await client.Input.WriteLineAsync("hello gnutls");
        await client.Input.FlushAsync();
        await client.WaitForAsync("hello gnutls\n");
        Assert.That((await tunnel.ConnectionsAsync(1))[0], Does.Contain("\"remoteId\":\"user@gnutls.example\""));
    }

    [TestCase("NORMAL:-VERS-ALL:+VERS-TLS1.3", "TLS 1.3")]
    [TestCase("NORMAL:-VERS-ALL:+VERS-TLS1.2", "TLS 1.2")]
    public async Task A_client_tunnel_proves_who_it_is_to_a_gnutls_server_and_resumes(string priority, string version)
    {
        string user = $"user{version[^1]}@gnutls.example";
        var openssl = new Openssl(Path.Combine(_pool.Directory, "both" + version[^1]));
        await openssl.MakeAuthorityAsync();
        (string certificate, string key) = await openssl.IssueAsync("gnutls.example", "subjectAltName=DNS:gnutls.example\nextendedKeyUsage=serverAuth");
        (string ours, string ourKey) = await openssl.IssueAsync("user", $"subjectAltName=email:{user}\nextendedKeyUsage=clientAuth");
        await _pool.RunAsync("trust", "add", openssl.Authority);
        await _pool.RunAsync("identity", "add", user, "--certificate", ours, "--key", ourKey, "--role", "client");
        (ChildProcess server, int port) = await GnutlsServer.StartAsync(
            (certificate, key), priority, "--require-client-cert", "--verify-client-cert", "--x509cafile", openssl.Authority);
        await using ChildProcess ended = server;
        await using TunnelProcess tunnel = await _pool.TunnelAsync(
            "--client", "--connect", $"127.0.0.1:{Text(port)}", "--remote-id", "gnutls.example", "--local-id", user);
        for (int i = 0; i < 2; i++)
        {
            using var client = new System.Net.Sockets.TcpClient("127.0.0.1", tunnel.Port);
            await EchoAsync(client);
            // Each line before the next connection: their order is not promised.
            await tunnel.ConnectionsAsync(i + 1);
        }
        string[] connections = await tunnel.ConnectionsAsync(2);
        Assert.That(connections[0], Does.Contain(version).And.Contains($"\"localId\":\"{user}\"").And.Contains("resumed no"));
        Assert.That(connections[1], Does.Contain("resumed yes").And.Contains("\"remoteId\":\"gnutls.example\""));
    }

    [TestCase("NORMAL:-VERS-ALL:+VERS-TLS1.3", "TLS 1.3")]
    [TestCase("NORMAL:-VERS-ALL:+VERS-TLS1.2", "TLS 1.2")]
    public async Task A_client_tunnel_talks_to_a_gnutls_server(string priority, string version)
    {
        var openssl = new Openssl(Path.Combine(_pool.Directory, "gnutls" + version[^1]));
        await openssl.MakeAuthorityAsync();
        (string certificate, string key) = await openssl.IssueAsync("gnutls.example", "subjectAltName=DNS:gnutls.example\nextendedKeyUsage=serverAuth\nkeyUsage=digitalSignature");
        await _pool.RunAsync("trust", "add", openssl.Authority);
        (ChildProcess server, int port) = await GnutlsServer.StartAsync((certificate, key), priority, "--disable-client-cert");
        await using ChildProcess ended = server;
        await using TunnelProcess tunnel = await _pool.TunnelAsync("--client", "--connect", $"127.0.0.1:{Text(port)}", "--remote-id", "gnutls.example");
        using var client = new System.Net.Sockets.TcpClient("127.0.0.1", tunnel.Port);
        await EchoAsync(client);
        Assert.That((await tunnel.ConnectionsAsync(1))[0], Does.Contain(version));
    }

    [Test]
    public async Task Chromium_shows_a_page_and_agrees_on_a_post_quantum_group()
    {
        using Backend backend = Backend.Http("<html><body><p>seen by a browser</p></body></html>");
        await using TunnelProcess tunnel = await _pool.TunnelAsync("--server", "--connect", backend.Address, "--local-id", "server.example", "--service", "http");
        (_, string output) = await ChildProcess.RunAsync(
            "chromium",
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--ignore-certificate-errors",
                $"--user-data-dir={Path.Combine(_pool.Directory, "browser")}", "--dump-dom", $"https://{tunnel.Address}/",
            ]);
        Assert.That(output, Does.Contain("seen by a browser"));
        Assert.That(await tunnel.ConnectionsAsync(1), Has.Some.Contains("X25519MLKEM768"));
    }

    private static async Task EchoAsync(System.Net.Sockets.TcpClient client)
    {
        byte[] sent = "hello gnutls\n"u8.ToArray();
        await client.GetStream().WriteAsync(sent);
        byte[] got = new byte[sent.Length];
        await client.GetStream().ReadExactlyAsync(got).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        Assert.That(got, Is.EqualTo(sent));
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
