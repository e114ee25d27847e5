using System.Net;
using System.Net.Sockets;
using System.Text;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>Sessions that begin anonymously, so that nobody but the peer sees a certificate.</summary>
[Parallelizable]
public sealed class PrecursorTests
{
    private const string Anonymous = "AECDH-AES128-SHA:ECDHE-ECDSA-AES128-GCM-SHA256:@SECLEVEL=0";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private PoolProcess _pool = null!;
    private TlsPoolClient _client = null!;
    private Openssl _openssl = null!;
    private (string Certificate, string Key) _server;
    private (string Certificate, string Key) _user;

    [OneTimeSetUp]
    public async Task Start()
    {
        _pool = await PoolProcess.StartAsync("privacy_attempt yes\ntls_maxpreauth 1000\ntls_max_version 1.2\n");
        _openssl = new Openssl(Path.Combine(_pool.Directory, "ca"));
        await _openssl.MakeAuthorityAsync();
        _server = await _openssl.IssueAsync("server.example", "subjectAltName=DNS:server.example\nextendedKeyUsage=serverAuth");
        _user = await _openssl.IssueAsync("user", "subjectAltName=email:user@client.example\nextendedKeyUsage=clientAuth");
        await _pool.RunAsync("trust", "add", _openssl.Authority);
        await _pool.RunAsync("identity", "add", "server.example", "--certificate", _server.Certificate, "--key", _server.Key, "--role", "server");
        await _pool.RunAsync("identity", "add", "user@client.example", "--certificate", _user.Certificate, "--key", _user.Key, "--role", "client");
        _client = _pool.Client();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _client.DisposeAsync();
        await _pool.DisposeAsync();
    }

    [TestCase("imap", true)]
    [TestCase("", false)]
    [TestCase("http", false)]
    public async Task Two_pools_show_their_certificates_to_each_other_only(string service, bool hidden)
    {
        using var wire = new RecordingWire();
        Task<TlsSession> serving = _client.StartTlsAsync(wire.Server, StartTlsOptions.Server("server.example") with { Service = service });
        using TlsSession asked = await _client
            .StartTlsAsync(wire.Client, StartTlsOptions.Client("server.example") with { LocalId = "user@client.example", Service = service }).WaitAsync(Patience);
        using TlsSession served = await serving.WaitAsync(Patience);
        Assert.That(served.RemoteId, Is.EqualTo("user@client.example"));
        Assert.That(asked.RemoteId, Is.EqualTo("server.example"));
        await PassAsync(asked.Socket, served.Socket, "up");
        await PassAsync(served.Socket, asked.Socket, "down");
        Assert.That(wire.Shows("user@client.example"), Is.EqualTo(!hidden));
        Assert.That(wire.Shows("Test CA"), Is.EqualTo(!hidden));
        ValidatedIdentities renewed = await _client.RenegotiateAsync(served.ControlKey, StartTlsOptions.Renewal()).WaitAsync(Patience);
        Assert.That(renewed, Is.EqualTo(served.Identities));
        await PassAsync(asked.Socket, served.Socket, "later");
    }

    [Test]
    public async Task Who_is_refused_without_a_precursor_is_refused_with_it()
    {
        using var wire = new RecordingWire();
        Task<TlsSession> serving = _client.StartTlsAsync(wire.Server, StartTlsOptions.Server("server.example") with { Service = "imap" });
        Task<TlsSession> asking = _client.StartTlsAsync(wire.Client, StartTlsOptions.Client("server.example") with { Service = "imap" });
        Assert.That(await RefusalAsync(serving), Is.EqualTo(PoolError.StirredNotShaken), "no certificate");
        await asking.ContinueWith(_ => { }, TaskScheduler.Default).WaitAsync(Patience);
        using var other = new RecordingWire();
        serving = _client.StartTlsAsync(other.Server, StartTlsOptions.Server("server.example", StartTlsFlags.IgnoreRemoteId) with { Service = "imap" });
        Assert.That(
            await RefusalAsync(_client.StartTlsAsync(other.Client, StartTlsOptions.Client("another.example", StartTlsFlags.WithoutSni) with { Service = "imap" })),
            Is.EqualTo(PoolError.StirredNotShaken), "another name");
        Assert.That(await RefusalAsync(serving), Is.EqualTo(PoolError.StirredNotShaken));
    }

    [Test]
    public async Task S_client_begins_anonymously()
    {
        using TcpListener listener = Listen();
        await using ChildProcess peer = SClient(listener, Anonymous, "-cert", _user.Certificate, "-key", _user.Key);
        using TlsSession session = await ServeAsync(listener, StartTlsFlags.None).WaitAsync(Patience);
        Assert.That(session.RemoteId, Is.EqualTo("user@client.example"));
        await session.Socket.SendAsync("to the client\n"u8.ToArray());
        await peer.WaitForAsync("to the client\n");
        Assert.That(peer.Output, Does.Contain("AECDH-AES128-SHA").And.Contain("depth=0 CN = server.example"));
    }

    [Test]
    public async Task S_client_that_wants_to_stay_anonymous_gets_nothing()
    {
        using TcpListener listener = Listen();
        await using ChildProcess peer = SClient(listener, "AECDH-AES128-SHA:@SECLEVEL=0");
        Assert.That(await RefusalAsync(ServeAsync(listener, StartTlsFlags.IgnoreRemoteId)), Is.EqualTo(PoolError.StirredNotShaken));
        await peer.WaitForAsync("alert handshake failure");
    }

    [Test]
    public async Task S_server_begins_anonymously()
    {
        await using ChildProcess server = await SServerAsync("-client_renegotiation", "-verify", "2", "-CAfile", _openssl.Authority);
        using TlsSession session = await AskAsync(server).WaitAsync(Patience);
        Assert.That((session.LocalId, session.RemoteId), Is.EqualTo(("user@client.example", "server.example")));
        await session.Socket.SendAsync("to the server\n"u8.ToArray());
        await server.WaitForAsync("to the server\n");
    }

    [Test]
    public async Task S_server_that_does_not_go_on_gets_no_session()
    {
        await using ChildProcess server = await SServerAsync();
        Assert.That(await RefusalAsync(AskAsync(server)), Is.EqualTo(PoolError.StirredNotShaken));
    }

    private static async Task<PoolError> RefusalAsync(Task<TlsSession> refused) =>
        (await Assert.ThrowsAsync<TlsPoolException>(() => refused.WaitAsync(Patience)))!.Error;

    private static TcpListener Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }

    private ChildProcess SClient(TcpListener listener, string ciphers, params string[] options) => ChildProcess.Start(
        "openssl",
        [
            "s_client", "-connect", listener.LocalEndpoint.ToString()!, "-servername", "server.example", "-CAfile", _openssl.Authority, "-tls1_2", "-cipher",
            ciphers, .. options,
        ]);

    private Task<ChildProcess> SServerAsync(params string[] options) =>
        OpensslServer.StartAsync(_server, ["-tls1_2", "-cipher", Anonymous, .. options]);

    private async Task<TlsSession> ServeAsync(TcpListener listener, StartTlsFlags flags) =>
        await _client.StartTlsAsync(await listener.AcceptSocketAsync(), StartTlsOptions.Server("server.example", flags) with { Service = "imap" });

    private async Task<TlsSession> AskAsync(ChildProcess server)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, OpensslServer.PortOf(server));
        return await _client.StartTlsAsync(socket, StartTlsOptions.Client("server.example") with { LocalId = "user@client.example", Service = "imap" });
    }

    private static async Task PassAsync(Socket from, Socket to, string text)
    {
        byte[] got = new byte[text.Length];
        await from.SendAsync(Encoding.ASCII.GetBytes(text));
        await new NetworkStream(to).ReadExactlyAsync(got).AsTask().WaitAsync(Patience);
        Assert.That(Encoding.ASCII.GetString(got), Is.EqualTo(text));
    }

    /// <summary>A connection that somebody listens to.</summary>
    private sealed class RecordingWire : IDisposable
    {
        private readonly StringBuilder _seen = new();
        private readonly Socket[] _middle;

        internal RecordingWire()
        {
            (Client, Socket toClient) = RawApplication.TcpPair();
            (Server, Socket toServer) = RawApplication.TcpPair();
            _middle = [toClient, toServer];
            _ = CopyAsync(toClient, toServer);
            _ = CopyAsync(toServer, toClient);
        }

        internal Socket Client { get; }

        internal Socket Server { get; }

        internal bool Shows(string text)
        {
            lock (_seen)
                return _seen.ToString().Contains(text, StringComparison.Ordinal);
        }

        public void Dispose()
        {
            foreach (Socket socket in _middle)
                socket.Dispose();
        }

        private async Task CopyAsync(Socket from, Socket to)
        {
            byte[] buffer = new byte[16384];
            try
            {
                for (int count; (count = await from.ReceiveAsync(buffer)) > 0;)
                {
                    lock (_seen)
                        _seen.Append(Encoding.Latin1.GetString(buffer, 0, count));
                    await to.SendAsync(buffer.AsMemory(0, count));
                }
                to.Shutdown(SocketShutdown.Send);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                to.Dispose();
            }
        }
    }
}
