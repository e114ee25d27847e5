using System.Net;
using System.Net.Sockets;
using System.Text;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>Clients of OpenSSL and GnuTLS that show who they are only when the server's application wants to know, in TLS 1.2 and 1.3.</summary>
[Parallelizable]
public sealed class LateAuthenticationByPeersTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private PoolProcess _pool = null!;
    private TlsPoolClient _client = null!;
    private Openssl _openssl = null!;
    private (string Certificate, string Key) _user;
    private (string Certificate, string Key) _stranger;

    [OneTimeSetUp]
    public async Task Start()
    {
        _pool = await PoolProcess.StartAsync();
        _openssl = new Openssl(Path.Combine(_pool.Directory, "ca"));
        await _openssl.MakeAuthorityAsync();
        (string certificate, string key) = await _openssl.IssueAsync("server.example", "subjectAltName=DNS:server.example\nextendedKeyUsage=serverAuth");
        _user = await _openssl.IssueAsync("user", "subjectAltName=email:user@client.example\nextendedKeyUsage=clientAuth");
        var foreign = new Openssl(Path.Combine(_pool.Directory, "foreign"));
        await foreign.MakeAuthorityAsync();
        _stranger = await foreign.IssueAsync("user", "subjectAltName=email:user@client.example\nextendedKeyUsage=clientAuth");
        await _pool.RunAsync("trust", "add", _openssl.Authority);
        await _pool.RunAsync("identity", "add", "server.example", "--certificate", certificate, "--key", key, "--role", "server");
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
    public async Task S_client_shows_its_certificate(string version)
    {
        using TcpListener listener = Listen();
        await using ChildProcess peer = SClient(listener, version, "-enable_pha", "-cert", _user.Certificate, "-key", _user.Key);
        using TlsSession session = await ServeAsync(listener);
        await EchoAsync(peer, session, "before");
        for (int i = 0; i < 3; i++)
        {
            Assert.That(await RemoteIdAsync(peer, session, StartTlsFlags.None), Is.EqualTo("user@client.example"));
            await EchoAsync(peer, session, $"after {i}");
        }
    }

    [TestCase("-tls1_2")]
    [TestCase("-tls1_3")]
    public async Task S_client_without_a_certificate_is_taken_where_that_is_enough(string version)
    {
        using TcpListener listener = Listen();
        await using ChildProcess peer = SClient(listener, version, "-enable_pha");
        using TlsSession session = await ServeAsync(listener);
        await EchoAsync(peer, session, "before");
        Assert.That(await RemoteIdAsync(peer, session, StartTlsFlags.RequestRemoteId), Is.Empty);
        await EchoAsync(peer, session, "after");
        Assert.That(await RefusalAsync(peer, session), Is.EqualTo(PoolError.StirredNotShaken));
        Assert.That(await session.Socket.ReceiveAsync(new byte[1]).WaitAsync(Patience), Is.Zero);
    }

    [TestCase("-tls1_2")]
    [TestCase("-tls1_3")]
    public async Task A_certificate_that_is_not_trusted_ends_the_session(string version)
    {
        using TcpListener listener = Listen();
        await using ChildProcess peer = SClient(listener, version, "-enable_pha", "-cert", _stranger.Certificate, "-key", _stranger.Key);
        using TlsSession session = await ServeAsync(listener);
        await EchoAsync(peer, session, "before");
        Assert.That(await RefusalAsync(peer, session), Is.EqualTo(PoolError.StirredNotShaken));
        await peer.WaitForAsync("alert unknown ca");
    }

    [Test]
    public async Task S_client_that_has_not_offered_it_is_not_asked()
    {
        using TcpListener listener = Listen();
        await using ChildProcess peer = SClient(listener, "-tls1_3", "-cert", _user.Certificate, "-key", _user.Key);
        using TlsSession session = await ServeAsync(listener);
        await EchoAsync(peer, session, "before");
        Assert.That(await RefusalAsync(peer, session), Is.EqualTo(PoolError.RenegotiateWouldBeInsecure));
        Assert.That(await RemoteIdAsync(peer, session, StartTlsFlags.RequestRemoteId), Is.Empty);
        await EchoAsync(peer, session, "after");
    }

    [Test]
    public async Task Gnutls_client_shows_its_certificate()
    {
        using TcpListener listener = Listen();
        await using ChildProcess peer = ChildProcess.Start(
            "gnutls-cli",
            [
                "--post-handshake-auth", "--x509cafile", _openssl.Authority, "--x509certfile", _user.Certificate, "--x509keyfile", _user.Key,
                "--sni-hostname", "server.example", "--verify-hostname", "server.example", "--priority", "NORMAL:-VERS-ALL:+VERS-TLS1.3", "-p",
                PortOf(listener), "127.0.0.1",
            ]);
        using TlsSession session = await ServeAsync(listener);
        await EchoAsync(peer, session, "before");
        Assert.That(await RemoteIdAsync(peer, session, StartTlsFlags.None), Is.EqualTo("user@client.example"));
        await EchoAsync(peer, session, "after");
    }

    private static TcpListener Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }

    private static string PortOf(TcpListener listener) =>
        ((IPEndPoint)listener.LocalEndpoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private ChildProcess SClient(TcpListener listener, params string[] options) => ChildProcess.Start(
        "openssl", ["s_client", "-connect", "127.0.0.1:" + PortOf(listener), "-servername", "server.example", "-CAfile", _openssl.Authority, .. options]);

    private async Task<TlsSession> ServeAsync(TcpListener listener)
    {
        Socket accepted = await listener.AcceptSocketAsync().WaitAsync(Patience);
        return await _client.StartTlsAsync(accepted, StartTlsOptions.Server("server.example", StartTlsFlags.IgnoreRemoteId)).WaitAsync(Patience);
    }

    private async Task<string> RemoteIdAsync(ChildProcess peer, TlsSession session, StartTlsFlags flags)
    {
        Assert.That(peer.HasExited, Is.False);
        return (await _client.RenegotiateAsync(session.ControlKey, StartTlsOptions.Renewal(flags)).WaitAsync(Patience)).RemoteId;
    }

    private async Task<PoolError> RefusalAsync(ChildProcess peer, TlsSession session) =>
        (await Assert.ThrowsAsync<TlsPoolException>(() => RemoteIdAsync(peer, session, StartTlsFlags.None)))!.Error;

    private static async Task EchoAsync(ChildProcess peer, TlsSession session, string line)
    {
        await peer.Input.WriteAsync($"to the server: {line}\n");
        await peer.Input.FlushAsync();
        byte[] got = new byte[$"to the server: {line}\n".Length];
        await new NetworkStream(session.Socket).ReadExactlyAsync(got).AsTask().WaitAsync(Patience);
        Assert.That(Encoding.ASCII.GetString(got), Is.EqualTo($"to the server: {line}\n"));
        await session.Socket.SendAsync(Encoding.ASCII.GetBytes($"to the client: {line}\n"));
        await peer.WaitForAsync($"to the client: {line}\n");
    }
}
