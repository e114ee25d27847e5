using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary><c>openssl s_client</c> against a server tunnel.</summary>
[Parallelizable]
public sealed class OpensslClientTests
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
        await _pool.IdentityAsync("rsa.example", "--role", "server", "--algorithm", "rsa-2048");
        await _pool.IdentityAsync("edwards.example", "--role", "server", "--algorithm", "ed25519");
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

    [TestCase("-tls1_3 -ciphersuites TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256")]
    [TestCase("-tls1_3 -ciphersuites TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384")]
    [TestCase("-tls1_3 -ciphersuites TLS_CHACHA20_POLY1305_SHA256", "TLS_CHACHA20_POLY1305_SHA256")]
    [TestCase("-tls1_3 -groups P-256", "TLSv1.3")]
    [TestCase("-tls1_3 -groups P-384", "TLSv1.3")]
    [TestCase("-tls1_3 -groups X448:X25519", "TLSv1.3")]
    [TestCase("-tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256")]
    [TestCase("-tls1_2 -cipher ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384")]
    [TestCase("-tls1_2 -cipher ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-ECDSA-CHACHA20-POLY1305")]
    public async Task Speaks_every_version_and_suite(string options, string negotiated)
    {
        (int code, string output) = await ClientAsync(options.Split(' '));
        Assert.Multiple(() =>
        {
            Assert.That(code, Is.Zero, output);
            Assert.That(output, Does.Contain("Verification: OK").And.Contains(negotiated));
            Assert.That(output, Does.Contain("hello through the pool"));
        });
    }

    [TestCase("rsa.example", "-tls1_3", "RSA-PSS")]
    [TestCase("rsa.example", "-tls1_2 -sigalgs RSA+SHA256", "Peer signature type: RSA")]
    [TestCase("edwards.example", "-tls1_3", "ed25519")]
    [TestCase("edwards.example", "-tls1_2", "ed25519")]
    public async Task Signs_with_the_key_of_the_name_that_was_asked_for(string name, string options, string signature)
    {
        (int code, string output) = await ChildProcess.RunAsync(
            "openssl",
            ["s_client", "-connect", _tunnel.Address, "-servername", name, "-CAfile", Path.Combine(_pool.Directory, name + ".pem"), "-verify_return_error", .. options.Split(' ')],
            input: "Q\n");
        Assert.That(output, Does.Contain(signature));
        Assert.That(code, Is.Zero, output);
    }

    [TestCase("-tls1_1 -cipher DEFAULT:@SECLEVEL=0")]
    [TestCase("-tls1_2 -cipher AES128-GCM-SHA256")]
    [TestCase("-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA256")]
    public async Task Refuses_what_is_not_sound(string options)
    {
        (int code, string output) = await ClientAsync(options.Split(' '));
        Assert.That(code, Is.Not.Zero, output);
        Assert.That(output, Does.Contain("alert"));
    }

    [Test]
    public async Task A_wildcard_certificate_speaks_for_the_name_that_was_asked_for()
    {
        string key = Path.Combine(_pool.Directory, "wild.key"), certificate = Path.Combine(_pool.Directory, "wild.pem");
        (int made, string output) = await ChildProcess.RunAsync(
            "openssl",
            ["req", "-x509", "-newkey", "rsa:2048", "-noenc", "-keyout", key, "-out", certificate, "-subj", "/CN=wild", "-addext", "subjectAltName=DNS:*.apps.example"]);
        Assert.That(made, Is.Zero, output);
        await _pool.RunAsync("identity", "add", "apps.example", "--role", "server", "--key", key, "--certificate", certificate);
        _pool.Daemon.Signal("HUP");
        await _pool.WaitForLogAsync("configuration read again");
        await using TunnelProcess tunnel = await _pool.TunnelAsync("--server", "--connect", _backend.Address);
        (int code, output) = await ChildProcess.RunAsync(
            "openssl", ["s_client", "-connect", tunnel.Address, "-servername", "shop.apps.example", "-CAfile", certificate, "-verify_return_error"], input: "Q\n");
        Assert.That(code, Is.Zero, output);
        Assert.That(await tunnel.Process.WaitForAsync("established"), Does.Contain("\"localId\":\"shop.apps.example\""));
    }

    [TestCase("P-192")]
    [TestCase("secp160r1")]
    [TestCase("sect163k1")]
    [TestCase("secp256k1")]
    [TestCase("X448")]
    public async Task Uses_none_but_its_own_groups_in_TLS_1_2(string group)
    {
        (int code, string output) = await NamedClientAsync(
            "rsa.example", "-tls1_2", "-curves", group, "-cipher", "ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0");
        Assert.That(code, Is.Not.Zero, output);
        Assert.That(output, Does.Contain("alert handshake failure"));
    }

    [Test]
    public async Task Resumes_with_TLS_1_2_by_reconnect()
    {
        (_, string output) = await ChildProcess.RunAsync(
            "openssl", ["s_client", "-connect", _tunnel.Address, "-servername", "server.example", "-tls1_2", "-reconnect", "-CAfile", _certificate]);
        Assert.That(output.Split("Reused, TLSv1.2").Length - 1, Is.EqualTo(5), output);
    }

    [TestCase("-tls1_2")]
    [TestCase("-tls1_3")]
    public async Task Resumes_from_a_saved_session(string version)
    {
        string session = Path.Combine(_pool.Directory, $"session{version}");
        // With 1.3 the ticket comes after the handshake: the echo makes sure that it has been read.
        (_, string first) = await ClientAsync([version, "-sess_out", session]);
        (_, string second) = await ClientAsync([version, "-sess_in", session]);
        Assert.That(first, Does.Contain("New, TLSv1"));
        Assert.That(second, Does.Contain("Reused, TLSv1").And.Contains("hello through the pool"));
    }

    [Test]
    public async Task A_ticket_of_TLS_1_3_is_good_for_one_session()
    {
        string session = Path.Combine(_pool.Directory, "once");
        await ClientAsync(["-tls1_3", "-sess_out", session]);
        (_, string first) = await ClientAsync(["-tls1_3", "-sess_in", session]);
        (_, string second) = await ClientAsync(["-tls1_3", "-sess_in", session]);
        Assert.That(first, Does.Contain("Reused"));
        Assert.That(second, Does.Contain("New, TLSv1.3").And.Contains("hello through the pool"));
    }

    [Test]
    public async Task Chooses_the_protocol_that_the_service_names()
    {
        await using TunnelProcess tunnel = await _pool.TunnelAsync("--server", "--connect", _backend.Address, "--service", "http");
        (_, string output) = await ChildProcess.RunAsync(
            "openssl", ["s_client", "-connect", tunnel.Address, "-servername", "server.example", "-alpn", "foo,http/1.1"], input: "Q\n");
        Assert.That(output, Does.Contain("ALPN protocol: http/1.1"));
    }

    [Test]
    public async Task Takes_key_updates()
    {
        await using ChildProcess client = ChildProcess.Start(
            "openssl", ["s_client", "-connect", _tunnel.Address, "-servername", "server.example", "-tls1_3", "-CAfile", _certificate]);
        await client.WaitForAsync("Verification");
        await client.Input.WriteAsync("K\n");
        await client.WaitForAsync("KEYUPDATE");
        await client.Input.WriteAsync("after the update\n");
        await client.WaitForAsync("after the update");
        Assert.That(client.HasExited, Is.False);
    }

    private Task<(int ExitCode, string Output)> NamedClientAsync(string name, params string[] options) => ChildProcess.RunAsync(
        "openssl", ["s_client", "-connect", _tunnel.Address, "-servername", name, .. options], input: "Q\n");

    private Task<(int ExitCode, string Output)> ClientAsync(IEnumerable<string> options) => TalkAsync(
        ["s_client", "-connect", _tunnel.Address, "-servername", "server.example", "-CAfile", _certificate, "-verify_return_error", .. options]);

    private static async Task<(int ExitCode, string Output)> TalkAsync(IEnumerable<string> arguments)
    {
        await using ChildProcess client = ChildProcess.Start("openssl", arguments);
        await client.Input.WriteAsync("hello through the pool\n");
        await client.Input.FlushAsync();
        if (await Task.WhenAny(client.ExitAsync(), client.WaitForAsync("hello through the pool\n")) is Task<int> ended)
            return (await ended, client.Output);
        await client.Input.WriteAsync("Q\n");
        client.Input.Close();
        return (await client.ExitAsync(), client.Output);
    }
}
