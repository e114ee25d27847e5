using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>How tunnels begin and end, and what becomes of their sessions.</summary>
[Parallelizable]
public sealed class TunnelLifeTests
{
    private PoolProcess _pool = null!;
    private Backend _backend = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _pool = await PoolProcess.StartAsync();
        await _pool.IdentityAsync("server.example");
        _backend = Backend.Echo();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _pool.DisposeAsync();
        _backend.Dispose();
    }

    [Test]
    public async Task Sessions_of_a_forking_tunnel_go_on_when_it_is_killed()
    {
        await using TunnelProcess server = await ServerAsync("--fork");
        await using TunnelProcess client = await ClientAsync(server, "--fork");
        using var socket = new TcpClient("127.0.0.1", client.Port);
        Assert.That(await EchoAsync(socket, "one"), Is.EqualTo("one"));
        foreach (TunnelProcess tunnel in new[] { server, client })
        {
            tunnel.Process.Signal("KILL");
            await tunnel.Process.ExitAsync();
        }
        Assert.That(await EchoAsync(socket, "two"), Is.EqualTo("two"));
        Assert.That(() => new TcpClient("127.0.0.1", client.Port), Throws.InstanceOf<SocketException>());
    }

    [Test]
    public async Task Other_sessions_end_with_their_tunnel()
    {
        await using TunnelProcess server = await ServerAsync();
        await using TunnelProcess client = await ClientAsync(server);
        using var socket = new TcpClient("127.0.0.1", client.Port);
        Assert.That(await EchoAsync(socket, "one"), Is.EqualTo("one"));
        client.Process.Signal("KILL");
        await ExpectEndAsync(socket);
    }

    [TestCase("TERM")]
    [TestCase("INT")]
    [TestCase("HUP")]
    public async Task A_signal_ends_a_tunnel_cleanly(string signal)
    {
        string path = Path.Combine(_pool.Directory, $"{signal}.sock");
        await using ChildProcess tunnel = _pool.Start(["tunnel", "--server", "--listen", path, "--connect", _backend.Address, "--local-id", "server.example"]);
        await tunnel.WaitForAsync("server tunnel:");
        Assert.That(File.GetUnixFileMode(path), Is.EqualTo(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite));
        tunnel.Signal(signal);
        Assert.That(await tunnel.ExitAsync(), Is.Zero, tunnel.Output);
        Assert.That(File.Exists(path), Is.False);
    }

    [Test]
    public async Task A_socket_that_a_killed_tunnel_left_behind_is_replaced_and_a_file_is_not()
    {
        string path = Path.Combine(_pool.Directory, "left.sock");
        string[] arguments = ["tunnel", "--server", "--listen", path, "--connect", _backend.Address, "--local-id", "server.example"];
        await using (ChildProcess first = _pool.Start(arguments))
        {
            await first.WaitForAsync("server tunnel:");
            (int code, string output) = await _pool.TryAsync(arguments);
            Assert.That((code, output), Is.EqualTo((1, $"tlspool: cannot listen on {path}: Address already in use\n")));
            first.Signal("KILL");
            await first.ExitAsync();
        }
        await using (ChildProcess second = _pool.Start(arguments))
        {
            await second.WaitForAsync("server tunnel:");
            second.Signal("TERM");
            await second.ExitAsync();
        }
        await File.WriteAllTextAsync(path, "");
        Assert.That((await _pool.TryAsync(arguments)).ExitCode, Is.EqualTo(1));
        Assert.That(File.Exists(path), Is.True);
    }

    [Test]
    public async Task A_tunnel_outlives_its_pool()
    {
        await using PoolProcess pool = await PoolProcess.StartAsync();
        await pool.IdentityAsync("server.example");
        await using TunnelProcess server = await pool.TunnelAsync("--server", "--connect", _backend.Address, "--local-id", "server.example");
        await using TunnelProcess client = await pool.TunnelAsync("--client", "--connect", server.Address, "--remote-id", "server.example");
        using var before = new TcpClient("127.0.0.1", client.Port);
        Assert.That(await EchoAsync(before, "before"), Is.EqualTo("before"));
        await pool.StopDaemonAsync("KILL");
        await ExpectEndAsync(before);
        using (var meanwhile = new TcpClient("127.0.0.1", client.Port))
            await ExpectEndAsync(meanwhile);
        Assert.That((await client.ConnectionsAsync(2))[1], Does.Contain("\"event\":\"failed\"").And.Contains("is the daemon running"));
        await pool.StartDaemonAsync();
        using var after = new TcpClient("127.0.0.1", client.Port);
        Assert.That(await EchoAsync(after, "after"), Is.EqualTo("after"), () => client.Output + server.Output);
    }

    [Test]
    public async Task A_connection_does_not_wait_for_ever_for_a_pool_that_hangs()
    {
        await using PoolProcess pool = await PoolProcess.StartAsync();
        await using TunnelProcess tunnel = await pool.TunnelAsync("--server", "--connect", _backend.Address, "--timeout", "1");
        pool.Daemon.Signal("STOP");
        try
        {
            using var socket = new TcpClient("127.0.0.1", tunnel.Port);
            Assert.That((await tunnel.ConnectionsAsync(1))[0], Does.Contain("longer than the time limit"));
            await ExpectEndAsync(socket);
        }
        finally
        {
            pool.Daemon.Signal("CONT");
        }
    }

    [Test]
    public async Task A_limit_on_set_ups_lets_all_through_in_turn()
    {
        const int Clients = 60;
        await using TunnelProcess tunnel = await ServerAsync("--max-setups", "2");
        string[] answers = await Task.WhenAll(Enumerable.Range(0, Clients).Select(async number =>
        {
            using var socket = new TcpClient("127.0.0.1", tunnel.Port);
            await using var tls = new SslStream(socket.GetStream(), leaveInnerStreamOpen: false, (_, _, _, _) => true);
            await tls.AuthenticateAsClientAsync("server.example").WaitAsync(TimeSpan.FromSeconds(60));
            return await EchoAsync(tls, $"{number}");
        }));
        Assert.That(answers, Is.EqualTo(Enumerable.Range(0, Clients).Select(number => $"{number}")));
        Assert.That(await tunnel.ConnectionsAsync(Clients), Is.All.Contains("\"event\":\"established\""));
    }

    [Test]
    public async Task Connections_beyond_the_limit_wait()
    {
        await using TunnelProcess tunnel = await ServerAsync("--max-setups", "1");
        using var silent = new TcpClient("127.0.0.1", tunnel.Port);
        using var second = new TcpClient("127.0.0.1", tunnel.Port);
        await using var tls = new SslStream(second.GetStream(), leaveInnerStreamOpen: false, (_, _, _, _) => true);
        Task handshake = tls.AuthenticateAsClientAsync("server.example");
        await Assert.ThrowsAsync<TimeoutException>(() => handshake.WaitAsync(TimeSpan.FromMilliseconds(300)));
        silent.Close();
        await handshake.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(await EchoAsync(tls, "mine"), Is.EqualTo("mine"));
    }

    [Test]
    public async Task The_service_manager_hears_of_beginning_and_end()
    {
        string path = Path.Combine(_pool.Directory, "notify");
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(path));
        await using ChildProcess tunnel = _pool.Start(
            ["tunnel", "--server", "--listen", "127.0.0.1:0", "--connect", _backend.Address], ("NOTIFY_SOCKET", path));
        byte[] message = new byte[100];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        Assert.That(Encoding.ASCII.GetString(message, 0, await manager.ReceiveAsync(message, limit.Token)), Does.Contain("READY=1"));
        tunnel.Signal("TERM");
        Assert.That(Encoding.ASCII.GetString(message, 0, await manager.ReceiveAsync(message, limit.Token)), Does.Contain("STOPPING=1"));
    }

    [Test]
    public async Task The_service_manager_may_have_opened_the_socket()
    {
        string path = Path.Combine(_pool.Directory, "passed.sock");
        const string PassOn = """
            use Socket; use POSIX;
            $^F = 10;
            my $s;
            socket($s, PF_UNIX, SOCK_STREAM, 0) and bind($s, sockaddr_un(shift)) and listen($s, 10) or die;
            POSIX::dup2(fileno($s), 3) if fileno($s) != 3;
            $ENV{LISTEN_PID} = $$; $ENV{LISTEN_FDS} = 1;
            exec @ARGV;
            """;
        await using ChildProcess tunnel = ChildProcess.Start(
            "perl",
            ["-e", PassOn, path, PoolProcess.Program, "tunnel", "--server", "--listen", "systemd", "--connect", _backend.Address, "--socket", _pool.SocketPath, "--local-id", "server.example"]);
        await tunnel.WaitForAsync($"server tunnel: {path} ->");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        await using var tls = new SslStream(new NetworkStream(socket), leaveInnerStreamOpen: false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync("server.example").WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(await EchoAsync(tls, "passed"), Is.EqualTo("passed"));
        tunnel.Signal("TERM");
        Assert.That(await tunnel.ExitAsync(), Is.Zero, tunnel.Output);
        Assert.That(File.Exists(path), Is.True, "it is the service manager's");
    }

    [Test]
    public async Task A_backend_that_is_not_there_is_named()
    {
        string path = Path.Combine(_pool.Directory, "absent.sock");
        await using TunnelProcess tunnel = await _pool.TunnelAsync("--server", "--connect", path, "--local-id", "server.example");
        await using TunnelProcess client = await ClientAsync(tunnel);
        using var socket = new TcpClient("127.0.0.1", client.Port);
        await ExpectEndAsync(socket);
        Assert.That((await tunnel.ConnectionsAsync(1))[0], Does.Contain($"cannot connect to {path}: No such file or directory"));
    }

    [Test]
    public async Task A_tunnel_listens_on_IPv6_and_tells_the_backend()
    {
        var header = new TaskCompletionSource<byte[]>();
        using var backend = new Backend(async stream =>
        {
            byte[] start = new byte[16];
            await stream.ReadExactlyAsync(start);
            byte[] rest = new byte[(start[14] << 8) | start[15]];
            await stream.ReadExactlyAsync(rest);
            header.SetResult([.. start, .. rest]);
        });
        await using ChildProcess tunnel = _pool.Start(
            ["tunnel", "--server", "--listen", "[::1]:0", "--connect", backend.Address, "--local-id", "server.example", "--proxy-protocol", "--quiet", "--json"]);
        string output = await tunnel.WaitForAsync("\n");
        int port = IPEndPoint.Parse(System.Text.Json.JsonDocument.Parse(output).RootElement.GetProperty("listen").GetString()!).Port;
        using var socket = new TcpClient("::1", port);
        await using var tls = new SslStream(socket.GetStream(), leaveInnerStreamOpen: false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync("server.example").WaitAsync(TimeSpan.FromSeconds(30));
        byte[] got = await header.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Multiple(() =>
        {
            Assert.That(got[13], Is.EqualTo(0x21));
            Assert.That(got[16..32], Is.EqualTo(IPAddress.IPv6Loopback.GetAddressBytes()));
            Assert.That(Encoding.ASCII.GetString(got), Does.Contain("server.example").And.Contains("TLSv1.3").And.Contains("TLS_AES_"));
        });
    }

    [TestCase("--server --listen 127.0.0.1:0 --connect 127.0.0.1:0", "nobody listens on port 0")]
    [TestCase("--server --listen nonsense --connect 127.0.0.1:1", "write host:port")]
    [TestCase("--listen 127.0.0.1:0 --connect 127.0.0.1:1", "say --server")]
    [TestCase("--server --client --listen 127.0.0.1:0 --connect 127.0.0.1:1", "say --server")]
    [TestCase("--client --listen 127.0.0.1:0 --connect 127.0.0.1:1", "--remote-id")]
    [TestCase("--client --listen 127.0.0.1:0 --connect /run/%R --remote-id a.example", "use them with --server")]
    [TestCase("--server --listen 127.0.0.1:0 --connect /run/%R --starttls smtp", "after TLS")]
    [TestCase("--server --listen 127.0.0.1:0 --connect 127.0.0.1:1 --starttls mysql --fork", "go through the tunnel")]
    [TestCase("--server --listen 127.0.0.1:0 --connect 127.0.0.1:1 --max-setups 0", "takes 1 to")]
    [TestCase("--server --listen systemd --connect 127.0.0.1:1", "none was passed")]
    [TestCase("--server --listen 127.0.0.1:0 --connect 127.0.0.1:1 --socket /absent", "no TLS Pool at /absent (No such file")]
    [TestCase("--server --listen 127.0.0.1:0 --connect 127.0.0.1:1 --starttls gopher", "gopher")]
    public async Task A_mistake_is_told_with_what_to_do(string arguments, string advice)
    {
        (int code, string output) = await _pool.TryAsync(["tunnel", .. arguments.Split(' ')]);
        Assert.That(code, Is.EqualTo(1));
        Assert.That(output, Does.Contain(advice).And.Not.Contains("   at "));
    }

    [TestCase("--listen")]
    [TestCase("--connect")]
    [TestCase("--socket")]
    public async Task A_path_that_is_too_long_for_a_socket_is_told(string option)
    {
        var options = new Dictionary<string, string> { ["--listen"] = "127.0.0.1:0", ["--connect"] = "127.0.0.1:1", ["--socket"] = _pool.SocketPath };
        options[option] = "/tmp/" + new string('x', 120);
        (int code, string output) = await _pool.TryAsync(["tunnel", "--server", .. options.SelectMany(pair => new[] { pair.Key, pair.Value })]);
        Assert.That(code, Is.EqualTo(1));
        Assert.That(output, Does.Contain("a socket's path has 1 to 107 bytes").And.Not.Contains("   at "));
    }

    private Task<TunnelProcess> ServerAsync(params string[] options) =>
        _pool.TunnelAsync(["--server", "--connect", _backend.Address, "--local-id", "server.example", .. options]);

    private Task<TunnelProcess> ClientAsync(TunnelProcess server, params string[] options) =>
        _pool.TunnelAsync(["--client", "--connect", server.Address, "--remote-id", "server.example", .. options]);

    private static Task<string> EchoAsync(TcpClient socket, string text) => EchoAsync(socket.GetStream(), text);

    private static async Task<string> EchoAsync(Stream stream, string text)
    {
        byte[] sent = Encoding.ASCII.GetBytes(text);
        await stream.WriteAsync(sent);
        byte[] got = new byte[sent.Length];
        await stream.ReadExactlyAsync(got).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        return Encoding.ASCII.GetString(got);
    }

    private static async Task ExpectEndAsync(TcpClient socket)
    {
        try
        {
            Assert.That(await socket.GetStream().ReadAsync(new byte[1]).AsTask().WaitAsync(TimeSpan.FromSeconds(30)), Is.Zero);
        }
        catch (IOException reset) when (reset.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            return;
        }
    }
}
