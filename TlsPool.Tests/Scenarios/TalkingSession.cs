using System.Net.Sockets;
using System.Security.Cryptography;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;

namespace TlsPool.Tests.Scenarios;

/// <summary>A session between two sides of one pool, over which something is said.</summary>
internal sealed class TalkingSession : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TlsSession _asking;
    private readonly TlsSession _serving;

    private TalkingSession(TlsSession asking, TlsSession serving) => (_asking, _serving) = (asking, serving);

    internal ControlKey Key => _asking.ControlKey;

    internal static async Task<TalkingSession> StartAsync(TlsPoolClient client, TlsPoolClient? server = null)
    {
        (Socket near, Socket far) = RawApplication.TcpPair();
        Task<TlsSession> serving = (server ?? client).StartTlsAsync(near, StartTlsOptions.Server("www.example", StartTlsFlags.IgnoreRemoteId));
        TlsSession asking = await client.StartTlsAsync(far, StartTlsOptions.Client("www.example") with { ControlKey = ControlKey.Random() }).WaitAsync(Patience);
        return new TalkingSession(asking, await serving.WaitAsync(Patience));
    }

    internal async Task TalkAsync()
    {
        foreach ((Socket from, Socket to) in new[] { (_asking.Socket, _serving.Socket), (_serving.Socket, _asking.Socket) })
        {
            byte[] sent = RandomNumberGenerator.GetBytes(100_000), got = new byte[sent.Length];
            Task<int> sending = from.SendAsync(sent);
            await using (var stream = new NetworkStream(to))
                await stream.ReadExactlyAsync(got).AsTask().WaitAsync(Patience);
            Assert.That((await sending, got.AsSpan().SequenceEqual(sent)), Is.EqualTo((sent.Length, true)));
        }
    }

    public ValueTask DisposeAsync()
    {
        _asking.Dispose();
        _serving.Dispose();
        return ValueTask.CompletedTask;
    }
}
