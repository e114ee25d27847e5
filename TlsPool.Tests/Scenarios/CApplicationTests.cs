using System.Globalization;
using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>A C program that was written from the published protocol, with gcc's idea of its structures.</summary>
[Parallelizable]
public sealed class CApplicationTests
{
    private PoolProcess _pool = null!;
    private Openssl _openssl = null!;
    private string _program = "";
    private string _certificate = "";

    [OneTimeSetUp]
    public async Task Start()
    {
        _pool = await PoolProcess.StartAsync();
        _certificate = await _pool.IdentityAsync("server.example");
        _openssl = new Openssl(Path.Combine(_pool.Directory, "openssl"));
        await _openssl.MakeAuthorityAsync();
        await _pool.RunAsync("trust", "add", _openssl.Authority);
        _program = Path.Combine(_pool.Directory, "application");
        string source = Path.Combine(AppContext.BaseDirectory, "Protocol", "Applications", "Application.c");
        (int code, string output) = await ChildProcess.RunAsync(
            "gcc", ["-std=c11", "-Wall", "-Wextra", "-Werror", "-Wno-address-of-packed-member", "-o", _program, source]);
        Assert.That(code, Is.Zero, output);
    }

    [OneTimeTearDown]
    public async Task Stop() => await _pool.DisposeAsync();

    [Test]
    public async Task Pings() =>
        Assert.That(await RunAsync("ping", _pool.SocketPath), Is.EqualTo((0, "20151111api@tlspool.arpa2.net 0x1\n")));

    [TestCase("-tls1_2")]
    [TestCase("-tls1_3")]
    public async Task Is_a_TLS_client(string version)
    {
        (string certificate, string key) = await _openssl.IssueAsync("peer" + version, "subjectAltName=DNS:peer.example\nextendedKeyUsage=serverAuth\nkeyUsage=digitalSignature");
        await using ChildProcess server = await OpensslServer.StartAsync((certificate, key), "-rev", version);
        string port = OpensslServer.PortOf(server).ToString(CultureInfo.InvariantCulture);
        (int code, string told) = await ChildProcess.RunAsync(_program, ["client", _pool.SocketPath, port, "peer.example"], input: "hello from C\n");
        Assert.That(code, Is.Zero, told + server.Output + _pool.Log);
        Assert.That(told, Is.EqualTo("""
            local ''
            remote 'peer.example'
            came back C morf olleh
            ciphertext is blocking
            plaintext is blocking

            """));
        Assert.That(_pool.Log, Does.Contain("DTLS").IgnoreCase, "that the flag is ignored is logged");
    }

    [TestCase("-tls1_2")]
    [TestCase("-tls1_3")]
    public async Task Is_a_TLS_server(string version)
    {
        await using ChildProcess application = ChildProcess.Start(_program, ["server", _pool.SocketPath, "server.example"]);
        string port = (await application.WaitForAsync("\n"))["port ".Length..].Trim();
        await using ChildProcess client = ChildProcess.Start(
            "openssl",
            ["s_client", "-connect", $"127.0.0.1:{port}", "-servername", "server.example", "-CAfile", _certificate, "-verify_return_error", "-quiet", "-no_ign_eof", version]);
        await client.Input.WriteAsync("hello to C\n");
        await client.Input.FlushAsync();
        await client.WaitForAsync("hello to C\n");
        client.Input.Close();
        await client.ExitAsync();
        Assert.That(await application.ExitAsync(), Is.Zero, application.Output + _pool.Log);
        Assert.That(application.Output, Is.EqualTo($"""
            port {port}
            proposed server.example
            local 'server.example'
            remote ''
            ciphertext is blocking
            plaintext is blocking

            """));
    }

    [Test]
    public async Task A_peer_that_is_not_the_one_asked_for_gets_no_plaintext()
    {
        (string certificate, string key) = await _openssl.IssueAsync("other", "subjectAltName=DNS:other.example\nextendedKeyUsage=serverAuth\nkeyUsage=digitalSignature");
        await using ChildProcess server = await OpensslServer.StartAsync((certificate, key));
        string port = OpensslServer.PortOf(server).ToString(CultureInfo.InvariantCulture);
        Assert.That(await RunAsync("client", _pool.SocketPath, port, "peer.example"), Is.EqualTo((1, Error("starttls", 24))));
    }

    [Test]
    public async Task Is_told_the_numbers_of_its_mistakes() => Assert.That(await RunAsync("errors", _pool.SocketPath), Is.EqualTo((0,
        Error("no-descriptor", 6) + Error("file", 6) + Error("closed-peer", 24) + Error("unknown-command", 8)
        + Error("detach", 15) + Error("reattach", 15))));

    private static string Error(string what, int number) => string.Create(CultureInfo.InvariantCulture, $"{what} {-1167372288 + number}\n");

    private Task<(int ExitCode, string Output)> RunAsync(params string[] arguments) => ChildProcess.RunAsync(_program, arguments);
}
