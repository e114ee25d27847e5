using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using NUnit.Framework;
using TlsPool.Protocol.IO;
using TlsPool.Protocol.Transport;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>Tunnels that hand their place over to another process while connections come and bytes flow.</summary>
[Parallelizable]
public sealed class HandOverTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private PoolProcess _pool = null!;
    private Backend _backend = null!;

    private string Point => Path.Combine(_pool.Directory, TestContext.CurrentContext.Test.ID + ".hand");

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
    public async Task Sessions_outlive_the_tunnel_that_made_them_generation_after_generation()
    {
        TunnelProcess tunnel = await TunnelAsync();
        int port = tunnel.Port;
        var clients = new List<SslStream> { await ConnectAsync(port) };
        for (int generation = 1; generation <= 3; generation++)
        {
            TunnelProcess before = tunnel;
            tunnel = await TunnelAsync();
            Assert.That(tunnel.Port, Is.EqualTo(port));
            Assert.That(await before.Process.ExitAsync(), Is.Zero, before.Output);
            Assert.That(before.Output, Does.Contain("a successor has taken over"));
            await before.DisposeAsync();
            clients.Add(await ConnectAsync(port));
            foreach (SslStream client in clients)
                await EchoAsync(client, 1000);
        }
        tunnel.Process.Signal("KILL");
        await tunnel.Process.ExitAsync();
        foreach (SslStream client in clients)
        {
            Assert.That(async () => await client.ReadAsync(new byte[1]).AsTask().WaitAsync(Patience), Is.Zero.Or.Message.Contains("reset"), "they were the last one's");
            await client.DisposeAsync();
        }
        await tunnel.DisposeAsync();
    }

    [Test]
    public async Task No_byte_is_lost_and_no_connection_refused_while_tunnels_change()
    {
        TunnelProcess tunnel = await TunnelAsync();
        int port = tunnel.Port;
        using var over = new CancellationTokenSource();
        Task<int>[] streams = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(() => StreamAsync(port, over.Token)))];
        Task<int> comers = Task.Run(async () =>
        {
            int served = 0;
            for (; !over.IsCancellationRequested; served++)
            {
                await using SslStream client = await ConnectAsync(port);
                await EchoAsync(client, 100);
            }
            return served;
        });
        for (int i = 0; i < 3; i++)
        {
            TunnelProcess before = tunnel;
            tunnel = await TunnelAsync();
            Assert.That(await before.Process.ExitAsync(), Is.Zero, before.Output);
            await before.DisposeAsync();
        }
        await over.CancelAsync();
        foreach (Task<int> stream in streams)
            Assert.That(await stream.WaitAsync(Patience), Is.GreaterThan(0));
        Assert.That(await comers.WaitAsync(Patience), Is.GreaterThan(0));
        Assert.That(tunnel.Output, Does.Not.Contain("\"failed\""));
        await tunnel.DisposeAsync();
    }

    [Test]
    public async Task A_successor_that_fails_halfway_leaves_the_tunnel_at_work()
    {
        await using TunnelProcess tunnel = await TunnelAsync();
        await using SslStream client = await ConnectAsync(tunnel.Port);
        await EchoAsync(client, 100);
        (int code, string output) = await _pool.TryAsync(
            "tunnel", "--server", "--listen", "127.0.0.1:1", "--connect", _backend.Address, "--local-id", "server.example", "--hand-over", Point);
        Assert.That(code, Is.EqualTo(1));
        Assert.That(output, Does.Contain("the tunnel there listens on 127.0.0.1:0, and not on 127.0.0.1:1"));
        for (int i = 0; i < 3; i++)
        {
            using (DescriptorChannel channel = await ReachAsync())
            {
                channel.Send('T', "127.0.0.1:0");
                (char kind, _, SafeDescriptor? listening) = await channel.ReceiveAsync(CancellationToken.None).WaitAsync(Patience);
                listening?.Dispose();
                Assert.That(kind, Is.EqualTo('L'));
            }
            await using SslStream other = await ConnectAsync(tunnel.Port);
            await EchoAsync(other, 100);
        }
        using (DescriptorChannel channel = await ReachAsync())
            channel.Send('?', "what is this?");
        await EchoAsync(client, 100);
        await using TunnelProcess successor = await TunnelAsync();
        Assert.That(await tunnel.Process.ExitAsync(), Is.Zero);
        await EchoAsync(client, 100);
    }

    [Test]
    public async Task The_path_of_a_UNIX_socket_stays_until_the_last_tunnel_ends()
    {
        string path = Path.Combine(_pool.Directory, "handed.sock");
        string[] arguments = ["tunnel", "--server", "--listen", path, "--connect", _backend.Address, "--local-id", "server.example", "--hand-over", Point];
        await using ChildProcess first = _pool.Start(arguments);
        await first.WaitForAsync("server tunnel:");
        Assert.That(File.GetUnixFileMode(Point), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite), "nobody else may take the place");
        await using ChildProcess second = _pool.Start(arguments);
        Assert.That(await first.ExitAsync(), Is.Zero, first.Output);
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
            await using SslStream client = await HandshakeAsync(new NetworkStream(socket));
            await EchoAsync(client, 100);
        }
        second.Signal("TERM");
        Assert.That(await second.ExitAsync(), Is.Zero, second.Output);
        Assert.That((File.Exists(path), File.Exists(Point)), Is.EqualTo((false, false)));
    }

    private Task<TunnelProcess> TunnelAsync() =>
        _pool.TunnelAsync("--server", "--connect", _backend.Address, "--local-id", "server.example", "--hand-over", Point);

    private async Task<DescriptorChannel> ReachAsync()
    {
        DescriptorChannel? channel = null;
        DateTime until = DateTime.UtcNow + Patience;
        while (channel is null && DateTime.UtcNow < until)
            channel = await DescriptorChannel.ConnectAsync(Point, CancellationToken.None);
        return channel ?? throw new TimeoutException("nobody hands over");
    }

    private static async Task<SslStream> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync("127.0.0.1", port);
        return await HandshakeAsync(new NetworkStream(socket, ownsSocket: true));
    }

    private static async Task<SslStream> HandshakeAsync(Stream network)
    {
        var client = new SslStream(network);
        await client.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "server.example",
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        }).WaitAsync(Patience);
        return client;
    }

    private static async Task EchoAsync(SslStream client, int size)
    {
        byte[] sent = RandomNumberGenerator.GetBytes(size), got = new byte[size];
        await client.WriteAsync(sent).AsTask().WaitAsync(Patience);
        await client.ReadExactlyAsync(got).AsTask().WaitAsync(Patience);
        Assert.That(got.AsSpan().SequenceEqual(sent), Is.True);
    }

    /// <summary>One long connection that never rests; gives the number of blocks that came back.</summary>
    private static async Task<int> StreamAsync(int port, CancellationToken over)
    {
        await using SslStream client = await ConnectAsync(port);
        int blocks = 0;
        for (; !over.IsCancellationRequested; blocks++)
            await EchoAsync(client, 30_000);
        return blocks;
    }
}
