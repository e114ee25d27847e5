using System.Globalization;
using System.Net.Sockets;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>Sessions whose sides may both be client or server: between pools, and with others that have one role.</summary>
[Parallelizable]
public sealed class PeerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private PoolProcess _pool = null!;
    private TlsPoolClient _client = null!;
    private Openssl _openssl = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _pool = await PoolProcess.StartAsync();
        await _pool.IdentityAsync("left.example");
        await _pool.IdentityAsync("right.example");
        await _pool.IdentityAsync("user@left.example", "--role", "client");
        _openssl = new Openssl(Path.Combine(_pool.Directory, "authority"));
        await _openssl.MakeAuthorityAsync();
        await _pool.RunAsync("trust", "add", _openssl.Authority);
        _client = _pool.Client();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _client.DisposeAsync();
        await _pool.DisposeAsync();
    }

    [Test]
    public async Task Two_peers_of_one_pool_come_together()
    {
        for (int i = 0; i < 4; i++)
        {
            (Socket near, Socket far) = RawApplication.TcpPair();
            Task<TlsSession> starting = _client.StartTlsAsync(near, StartTlsOptions.Peer("left.example", "right.example"));
            using TlsSession right = await _client.StartTlsAsync(far, StartTlsOptions.Peer("right.example", "left.example")).WaitAsync(Patience);
            using TlsSession left = await starting.WaitAsync(Patience);
            await ExpectSessionAsync(left, right);
        }
    }

    [Test]
    public async Task Peers_of_two_pools_come_together()
    {
        await using PoolProcess other = await PoolProcess.StartAsync();
        string certificate = await other.IdentityAsync("far.example");
        await _pool.RunAsync("trust", "add", certificate);
        await other.RunAsync("trust", "add", Path.Combine(_pool.Directory, "left.example.pem"));
        await using TlsPoolClient elsewhere = other.Client();
        (Socket near, Socket far) = RawApplication.TcpPair();
        Task<TlsSession> starting = _client.StartTlsAsync(near, StartTlsOptions.Peer("left.example", "far.example"));
        using TlsSession right = await elsewhere.StartTlsAsync(far, StartTlsOptions.Peer("far.example", "left.example")).WaitAsync(Patience);
        using TlsSession left = await starting.WaitAsync(Patience);
        await ExpectSessionAsync(left, right);
    }

    [TestCase(StartTlsFlags.LocalRoleClient | StartTlsFlags.RemoteRolePeer, StartTlsFlags.LocalRoleServer)]
    [TestCase(StartTlsFlags.LocalRoleServer | StartTlsFlags.RemoteRolePeer, StartTlsFlags.LocalRoleClient)]
    [TestCase(StartTlsFlags.LocalRoleClient | StartTlsFlags.RemoteRoleServer, StartTlsFlags.LocalRoleServer)]
    [TestCase(StartTlsFlags.LocalRoleServer | StartTlsFlags.RemoteRoleClient, StartTlsFlags.LocalRoleClient)]
    public async Task A_peer_takes_the_role_that_the_other_side_leaves(StartTlsFlags other, StartTlsFlags role)
    {
        (Socket near, Socket far) = RawApplication.TcpPair();
        Task<TlsSession> starting = _client.StartTlsAsync(near, new StartTlsOptions { Flags = other, LocalId = "left.example", RemoteId = "right.example" });
        using TlsSession right = await _client.StartTlsAsync(far, StartTlsOptions.Peer("right.example", "left.example")).WaitAsync(Patience);
        using TlsSession left = await starting.WaitAsync(Patience);
        Assert.That(right.Flags & StartTlsFlags.LocalRolePeer, Is.EqualTo(role));
        await ExpectSessionAsync(left, right);
    }

    [Test]
    public async Task Two_clients_only_part()
    {
        const StartTlsFlags client = StartTlsFlags.LocalRoleClient | StartTlsFlags.RemoteRolePeer;
        (Socket near, Socket far) = RawApplication.TcpPair();
        Task<TlsSession> left = _client.StartTlsAsync(near, new StartTlsOptions { Flags = client, RemoteId = "right.example" });
        Task<TlsSession> right = _client.StartTlsAsync(far, new StartTlsOptions { Flags = client, RemoteId = "left.example" });
        foreach (Task<TlsSession> side in new[] { left, right })
        {
            TlsPoolException? refused = await Assert.ThrowsAsync<TlsPoolException>(() => side.WaitAsync(Patience));
            Assert.That(refused!.Error, Is.EqualTo(PoolError.StirredNotShaken));
        }
    }

    [Test]
    public async Task A_peer_that_proves_to_be_another_is_refused_in_either_role()
    {
        (Socket near, Socket far) = RawApplication.TcpPair();
        Task<TlsSession> left = _client.StartTlsAsync(near, StartTlsOptions.Peer("left.example", "right.example"));
        Task<TlsSession> right = _client.StartTlsAsync(far, StartTlsOptions.Peer("right.example", "nobody.example"));
        await Assert.ThrowsAsync<TlsPoolException>(() => right.WaitAsync(Patience));
        // Its own end may be told before or after the other has gone.
        try
        {
            using TlsSession session = await left.WaitAsync(Patience);
            Assert.That(await session.OpenStream().ReadAsync(new byte[1]).AsTask().WaitAsync(Patience).ContinueWith(read => read.IsFaulted || read.Result == 0), Is.True);
        }
        catch (TlsPoolException)
        {
        }
    }

    [Test]
    public async Task A_side_that_cannot_serve_says_so()
    {
        (Socket near, Socket far) = RawApplication.TcpPair();
        using Socket _ = far;
        TlsPoolException? refused = await Assert.ThrowsAsync<TlsPoolException>(() =>
            _client.StartTlsAsync(near, StartTlsOptions.Peer("user@left.example", "right.example")).WaitAsync(Patience));
        Assert.That(refused!.Error, Is.EqualTo(PoolError.ConnectionDriverSetup));
    }

    [TestCase("-tls1_2")]
    [TestCase("-tls1_3")]
    public async Task Openssl_as_client_is_served_by_a_peer(string version)
    {
        (string certificate, string key) = await _openssl.IssueAsync($"client{version}", "subjectAltName=DNS:client.example\nextendedKeyUsage=clientAuth");
        using Backend backend = Backend.Echo();
        await using TunnelProcess tunnel = await _pool.TunnelAsync("--server", "--peer", "--connect", backend.Address, "--local-id", "left.example");
        await using ChildProcess client = ChildProcess.Start(
            "openssl",
            [
                "s_client", "-connect", tunnel.Address, "-servername", "left.example", "-CAfile", Path.Combine(_pool.Directory, "left.example.pem"),
                "-verify_return_error", "-cert", certificate, "-key", key, version,
            ]);
        await client.Input.WriteAsync("hello peer\n");
        await client.Input.FlushAsync();
        await client.WaitForAsync("hello peer\n");
        Assert.That((await tunnel.ConnectionsAsync(1))[0], Does.Contain("\"remoteId\":\"client.example\""));
    }

    [TestCase("-tls1_2")]
    [TestCase("-tls1_3")]
    public async Task A_peer_asks_openssl_as_server(string version)
    {
        (string certificate, string key) = await _openssl.IssueAsync($"server{version}", "subjectAltName=DNS:server.example\nextendedKeyUsage=serverAuth");
        string port = PoolProcess.FreePort().ToString(CultureInfo.InvariantCulture);
        await using ChildProcess server = ChildProcess.Start(
            "openssl", ["s_server", "-accept", $"127.0.0.1:{port}", "-cert", certificate, "-key", key, "-rev", version]);
        await server.WaitForAsync("ACCEPT");
        await ExpectReversedAsync(port);
    }

    [TestCase("NORMAL:-VERS-ALL:+VERS-TLS1.2")]
    [TestCase("NORMAL:-VERS-ALL:+VERS-TLS1.3")]
    public async Task Gnutls_has_either_role_with_a_peer(string priority)
    {
        (string certificate, string key) = await _openssl.IssueAsync($"both{priority[^1]}", "subjectAltName=DNS:server.example\nextendedKeyUsage=serverAuth,clientAuth");
        (ChildProcess server, int port) = await GnutlsServer.StartAsync((certificate, key), priority, "--disable-client-cert");
        await using ChildProcess ended = server;
        await using TunnelProcess asking = await _pool.TunnelAsync("--client", "--peer", "--connect", $"127.0.0.1:{port}", "--remote-id", "server.example");
        Assert.That(await EchoAsync(asking.Port), Is.EqualTo("hello peer\n"));
        using Backend backend = Backend.Echo();
        await using TunnelProcess serving = await _pool.TunnelAsync("--server", "--peer", "--connect", backend.Address, "--local-id", "left.example");
        await using ChildProcess client = ChildProcess.Start(
            "gnutls-cli",
            [
                "--x509cafile", Path.Combine(_pool.Directory, "left.example.pem"), "--sni-hostname", "left.example", "--verify-hostname", "left.example",
                "--x509certfile", certificate, "--x509keyfile", key, "--priority", priority, "-p", serving.Port.ToString(CultureInfo.InvariantCulture), "127.0.0.1",
            ]);
        await client.WaitForAsync("Handshake was completed");
        await client.Input.WriteLineAsync("hello peer");
        await client.Input.FlushAsync();
        await client.WaitForAsync("hello peer\n");
    }

    [Test]
    public async Task Peer_tunnels_talk_to_each_other()
    {
        using Backend backend = Backend.Echo();
        await using TunnelProcess right = await _pool.TunnelAsync(
            "--server", "--peer", "--connect", backend.Address, "--local-id", "right.example", "--remote-id", "left.example");
        await using TunnelProcess left = await _pool.TunnelAsync(
            "--client", "--peer", "--connect", right.Address, "--local-id", "left.example", "--remote-id", "right.example");
        Assert.That(await EchoAsync(left.Port), Is.EqualTo("hello peer\n"));
        Assert.That((await right.ConnectionsAsync(1))[0], Does.Contain("\"localId\":\"right.example\"").And.Contains("\"remoteId\":\"left.example\""));
    }

    private async Task ExpectReversedAsync(string port)
    {
        await using TunnelProcess tunnel = await _pool.TunnelAsync("--client", "--peer", "--connect", $"127.0.0.1:{port}", "--remote-id", "server.example");
        Assert.That(await EchoAsync(tunnel.Port), Is.EqualTo("reep olleh\n"));
    }

    private static async Task<string> EchoAsync(int port)
    {
        using var client = new TcpClient("127.0.0.1", port);
        byte[] bytes = "hello peer\n"u8.ToArray();
        await client.GetStream().WriteAsync(bytes);
        await client.GetStream().ReadExactlyAsync(bytes).AsTask().WaitAsync(Patience);
        return System.Text.Encoding.ASCII.GetString(bytes);
    }

    private static async Task ExpectSessionAsync(TlsSession left, TlsSession right)
    {
        Assert.That((left.LocalId, left.RemoteId), Is.EqualTo((right.RemoteId, right.LocalId)));
        StartTlsFlags one = left.Flags & StartTlsFlags.LocalRolePeer, other = right.Flags & StartTlsFlags.LocalRolePeer;
        Assert.That(one | other, Is.EqualTo(StartTlsFlags.LocalRolePeer), "one client, one server");
        await using NetworkStream from = left.OpenStream(), to = right.OpenStream();
        byte[] bytes = "through the peers"u8.ToArray();
        await from.WriteAsync(bytes);
        byte[] got = new byte[bytes.Length];
        await to.ReadExactlyAsync(got).AsTask().WaitAsync(Patience);
        Assert.That(got, Is.EqualTo(bytes));
    }
}
