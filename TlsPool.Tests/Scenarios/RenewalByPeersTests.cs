using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>Peers that renew a session: OpenSSL and GnuTLS, as clients of a server tunnel.</summary>
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
