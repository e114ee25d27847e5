using System.Net.Sockets;
using System.Security.Cryptography;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Crypto;

namespace TlsPool.Tests.Scenarios;

/// <summary>Both ends of a connection handed to the pool by one application.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class ClientAndServerTests
{
    [TestCase("1.2")]
    [TestCase("1.3")]
    public async Task Plaintext_goes_through_both_ways_and_ends_cleanly(string version)
    {
        var stores = new TestStores(TestIdentity.Ecdsa("server.example"));
        await using HostedPool pool = await HostedPool.StartAsync(stores, $"tls_max_version {version}\n");
        await using var client = new TlsPoolClient(new TlsPoolClientOptions { SocketPath = pool.SocketPath });
        (Socket a, Socket b) = RawApplication.TcpPair();
        Task<TlsSession> serving = client.StartTlsAsync(a, StartTlsOptions.Server("server.example", StartTlsFlags.IgnoreRemoteId));
        using TlsSession asking = await client.StartTlsAsync(b, StartTlsOptions.Client("server.example")).WaitAsync(TimeSpan.FromSeconds(10));
        using TlsSession served = await serving;
        Assert.That(asking.RemoteId, Is.EqualTo("server.example"));

        byte[] data = RandomNumberGenerator.GetBytes(3_000_000);
        Task sending = Task.Run(() =>
        {
            asking.Socket.Send(data);
            asking.Socket.Shutdown(SocketShutdown.Send);
        });
        byte[] received = await ReadAll(served.Socket);
        await sending;
        Assert.That(received.AsSpan().SequenceEqual(data));
        // The other direction goes on after the half-close.
        served.Socket.Send("answer"u8);
        served.Socket.Shutdown(SocketShutdown.Send);
        Assert.That(await ReadAll(asking.Socket), Is.EqualTo("answer"u8.ToArray()));
    }

    private static async Task<byte[]> ReadAll(Socket socket)
    {
        using var content = new MemoryStream();
        byte[] buffer = new byte[65536];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (await socket.ReceiveAsync(buffer, limit.Token) is > 0 and var length)
            content.Write(buffer, 0, length);
        return content.ToArray();
    }
}
