using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using TlsPool.Bench.Peers;

namespace TlsPool.Bench.Loads;

/// <summary>Many TLS connections that made one request each and then stay silent.</summary>
internal sealed class IdleSessions : IDisposable
{
    private const int AtOnce = 32;
    private static readonly byte[] Request =
        Encoding.ASCII.GetBytes($"GET {Backend.SmallPath} HTTP/1.1\r\nHost: localhost\r\n\r\n");

    private static readonly byte[] Answer = Encoding.ASCII.GetBytes("small\n");
    private readonly List<SslStream> _streams = [];

    public static async Task<IdleSessions> OpenAsync(int port, int count, CancellationToken cancellation)
    {
        var sessions = new IdleSessions();
        try
        {
            await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation },
                async (_, stop) =>
                {
                    var stream = await ConnectAsync(port, stop);
                    lock (sessions._streams) sessions._streams.Add(stream);
                    await AskAsync(stream, stop);
                });
            return sessions;
        }
        catch
        {
            sessions.Dispose();
            throw;
        }
    }

    /// <summary>How many of them still answer.</summary>
    public async Task<int> CountLiveAsync(CancellationToken cancellation)
    {
        var live = 0;
        await Parallel.ForEachAsync(_streams, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation },
            async (stream, stop) =>
            {
                try
                {
                    await AskAsync(stream, stop);
                    Interlocked.Increment(ref live);
                }
                catch (IOException problem)
                {
                    await Console.Error.WriteLineAsync($"An idle session was lost: {problem.Message}");
                }
            });
        return live;
    }

    public void Dispose()
    {
        foreach (var stream in _streams) stream.Dispose();
    }

    private static async Task<SslStream> ConnectAsync(int port, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        SslStream? stream = null;
        try
        {
            await socket.ConnectAsync("127.0.0.1", port, cancellation);
            stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                // every session is a full one: the contestant pays for its own state, not for a shared one
                AllowTlsResume = false,
#pragma warning disable CA5359 // what is measured is the server; its certificate was made a moment ago by this program
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
#pragma warning restore CA5359
            }, cancellation);
            return stream;
        }
        catch
        {
            stream?.Dispose();
            socket.Dispose();
            throw;
        }
    }

    private static async Task AskAsync(SslStream stream, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        await stream.WriteAsync(Request, limit.Token);
        var buffer = new byte[1024];
        var length = 0;
        while (!buffer.AsSpan(0, length).EndsWith(Answer))
        {
            var read = await stream.ReadAsync(buffer.AsMemory(length), limit.Token);
            if (read == 0) throw new IOException("The server ended the connection.");
            length += read;
        }
    }
}
