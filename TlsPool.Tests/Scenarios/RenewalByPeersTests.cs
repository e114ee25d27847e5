using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>Peers that renew a session: OpenSSL and GnuTLS, as clients of a server tunnel.</summary>
[Parallelizable]
public sealed class RenewalByPeersTests
{
    private PoolProcess _pool = null!;
    private TunnelProcess _tunnel = null!;
    private Backend _backend = null!;
    private string _certificate = "";

    [OneTimeSetUp]
    public async Task Start()
    {
        _pool = await PoolProcess.StartAsync();
        _certificate = await _pool.IdentityAsync("server.example", "--role", "server");
        _backend = Backend.Echo();
        _tunnel = await _pool.TunnelAsync("--server", "--connect", _backend.Address);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _tunnel.DisposeAsync();
        await _pool.DisposeAsync();
        _backend.Dispose();
    }

    [TestCase("ECDHE-ECDSA-AES128-GCM-SHA256")]
    [TestCase("ECDHE-ECDSA-CHACHA20-POLY1305")]
    public async Task S_client_renegotiates(string suite)
    {
        await using ChildProcess client = Client("-tls1_2", "-cipher", suite);
        await EchoAsync(client, "before");
        for (int i = 0; i < 3; i++)
        {
            await SendAsync(client, "R");
            await client.WaitForAsync(output => output.Split("RENEGOTIATING").Length > i + 1);
            await EchoAsync(client, $"after {i}");
        }
        await _pool.WaitForLogAsync("renewed at the peer's wish: server.example");
        Assert.That(client.HasExited, Is.False, client.Output);
    }

    [Test]
    public async Task S_client_updates_its_keys_and_asks_for_the_same([Values("K", "k")] string command)
    {
        await using ChildProcess client = Client("-tls1_3");
        await EchoAsync(client, "before");
        for (int i = 0; i < 3; i++)
        {
            await SendAsync(client, command);
            await client.WaitForAsync(output => output.Split("KEYUPDATE").Length > i + 1);
            await EchoAsync(client, $"after {i}");
        }
    }

    [Test]
    public async Task S_client_that_overdoes_it_is_turned_down()
    {
        await using ChildProcess client = Client("-tls1_2");
        await EchoAsync(client, "before");
        for (int i = 0; i < 4; i++)
        {
            await SendAsync(client, "R");
            await client.WaitForAsync(output => output.Split("RENEGOTIATING").Length > i + 1);
            await EchoAsync(client, $"after {i}");
        }
        // OpenSSL takes the refusal for the end.
        await SendAsync(client, "R");
        await client.WaitForAsync("no renegotiation");
    }

    [Test]
    public async Task Gnutls_client_renews_a_session([Values("NORMAL:-VERS-ALL:+VERS-TLS1.2", "NORMAL:-VERS-ALL:+VERS-TLS1.3")] string priority)
    {
        await using ChildProcess client = ChildProcess.Start(
            "gnutls-cli",
            [
                "--inline-commands", "--x509cafile", _certificate, "--sni-hostname", "server.example", "--verify-hostname", "server.example",
                "--priority", priority, "-p", _tunnel.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), "127.0.0.1",
            ]);
        await client.WaitForAsync("Handshake was completed");
        await EchoAsync(client, "before");
        for (int i = 0; i < 3; i++)
        {
            await SendAsync(client, priority.EndsWith('2') ? "^renegotiate^" : "^rekey^");
            await EchoAsync(client, $"after {i}");
        }
        if (priority.EndsWith('2'))
            await _pool.WaitForLogAsync("renewed at the peer's wish");
    }

    private ChildProcess Client(params string[] options) => ChildProcess.Start(
        "openssl", ["s_client", "-connect", _tunnel.Address, "-servername", "server.example", "-CAfile", _certificate, "-verify_return_error", .. options]);

    private static async Task SendAsync(ChildProcess client, string line)
    {
        await client.Input.WriteAsync(line + "\n");
        await client.Input.FlushAsync();
    }

    private static async Task EchoAsync(ChildProcess client, string line)
    {
        await SendAsync(client, $"echo {line}");
        await client.WaitForAsync($"echo {line}\n");
    }
}
