using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>Much of everything: data, handshakes, sessions.</summary>
[Parallelizable]
public sealed class LoadTests
{
    private const int Mebibyte = 1 << 20;

    private PoolProcess _pool = null!;

    [SetUp]
    public async Task Start()
    {
        _pool = await PoolProcess.StartAsync("log_level WARNING\n");
        await _pool.IdentityAsync("server.example");
    }

    [TearDown]
    public async Task Stop() => await _pool.DisposeAsync();

    [TestCase(64)]
    [TestCase(1024, Category = "Soak")]
    public async Task Data_arrives_intact_both_ways_in_random_pieces_with_a_reader_that_pauses(int mebibytes)
    {
        await using TlsPoolClient client = _pool.Client();
        (Socket a, Socket b) = RawApplication.TcpPair();
        Task<TlsSession> serving = client.StartTlsAsync(a, StartTlsOptions.Server("server.example", StartTlsFlags.IgnoreRemoteId));
        using TlsSession asking = await client.StartTlsAsync(b, StartTlsOptions.Client("server.example"));
        using TlsSession served = await serving;
        Task<byte[]> there = SendAsync(asking.Socket, mebibytes, seed: 1);
        Task<byte[]> back = SendAsync(served.Socket, mebibytes, seed: 2);
        Task<byte[]> arrivedThere = ReceiveAsync(served.Socket, seed: 3);
        Task<byte[]> arrivedBack = ReceiveAsync(asking.Socket, seed: 4);
        await Task.WhenAll(there, back, arrivedThere, arrivedBack).WaitAsync(TimeSpan.FromMinutes(5));
        Assert.That(arrivedThere.Result, Is.EqualTo(there.Result));
        Assert.That(arrivedBack.Result, Is.EqualTo(back.Result));
    }

    [Test]
    public async Task Both_sides_may_send_more_than_all_buffers_take_before_anybody_reads()
    {
        await using TlsPoolClient client = _pool.Client();
        (Socket a, Socket b) = RawApplication.TcpPair();
        Task<TlsSession> serving = client.StartTlsAsync(a, StartTlsOptions.Server("server.example", StartTlsFlags.IgnoreRemoteId));
        using TlsSession asking = await client.StartTlsAsync(b, StartTlsOptions.Client("server.example"));
        using TlsSession served = await serving;
        Task<byte[]> there = SendAsync(asking.Socket, 32, seed: 1);
        Task<byte[]> back = SendAsync(served.Socket, 32, seed: 2);
        // Both are stuck when neither socket has taken anything for a while.
        await Waiting.ForAsync(() => there.IsCompleted || back.IsCompleted || (IsFull(asking.Socket) && IsFull(served.Socket)));
        Assert.That(there.IsCompleted || back.IsCompleted, Is.False, "the buffers are larger than the test thinks");
        byte[][] arrived = await Task.WhenAll(ReceiveAsync(served.Socket, seed: 3), ReceiveAsync(asking.Socket, seed: 4)).WaitAsync(TimeSpan.FromMinutes(1));
        Assert.That(arrived, Is.EqualTo(new[] { await there, await back }));
    }

    [Test]
    public async Task Two_thousand_handshakes_sixty_four_at_a_time_leave_nothing_behind()
    {
        using Backend backend = Backend.Echo();
        await using TunnelProcess tunnel = await _pool.TunnelAsync("--server", "--connect", backend.Address, "--local-id", "server.example", "--quiet", "--json");
        await HandshakesAsync(tunnel, 200);
        await _pool.SettleAsync();
        int descriptors = _pool.Daemon.Descriptors, tunnelDescriptors = tunnel.Process.Descriptors;
        long memory = _pool.Daemon.Memory;
        await HandshakesAsync(tunnel, 2000);
        await _pool.ExpectDescriptorsAsync(descriptors);
        Assert.That(_pool.Daemon.Memory - memory, Is.LessThan(64 * 1024), "kB of memory");
        await Waiting.ForAsync(() => tunnel.Process.Descriptors <= tunnelDescriptors + 2);
        Assert.That(tunnel.Output, Does.Not.Contain("failed"));
    }

    [TestCase(500)]
    [TestCase(5000, Category = "Soak")]
    public async Task Idle_sessions_take_no_threads_and_little_memory(int pairs)
    {
        // Each pair is two sessions with two descriptors each; a usual limit of 20,000 files leaves 9,800 sessions of 10,000.
        int allowed = (OpenFiles() - 400) / 4;
        if (pairs > allowed)
            TestContext.Out.WriteLine($"{2 * allowed} sessions are all that the limit of open files allows");
        pairs = Math.Min(pairs, allowed / 50 * 50);
        await using TlsPoolClient client = _pool.Client();
        var sessions = new List<TlsSession>();
        try
        {
            await PairsAsync(client, 50, sessions);
            int threads = _pool.Daemon.Threads;
            long memory = _pool.Daemon.Memory;
            await PairsAsync(client, pairs, sessions);
            double each = (_pool.Daemon.Memory - memory) / (2.0 * pairs);
            TestContext.Out.WriteLine($"{each:f1} kB per idle session");
            Assert.That(_pool.Daemon.Threads, Is.LessThanOrEqualTo(threads + 8), "no thread per session");
            Assert.That(_pool.Daemon.Descriptors, Is.GreaterThanOrEqualTo(4 * pairs), "all of them are there");
            Assert.That(each, Is.LessThan(80));
            // They still work.
            sessions[^1].Socket.Send("x"u8);
            Assert.That(sessions[^2].Socket.Receive(new byte[1]), Is.EqualTo(1));
        }
        finally
        {
            sessions.ForEach(session => session.Dispose());
        }
    }

    private static bool IsFull(Socket socket) => !socket.Poll(500_000, SelectMode.SelectWrite);

    private static int OpenFiles() => int.Parse(
        File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[4],
        System.Globalization.CultureInfo.InvariantCulture);

    private static async Task PairsAsync(TlsPoolClient client, int count, List<TlsSession> sessions)
    {
        for (int done = 0; done < count; done += 50)
        {
            TlsSession[][] made = await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ =>
            {
                (Socket a, Socket b) = RawApplication.TcpPair();
                Task<TlsSession> serving = client.StartTlsAsync(a, StartTlsOptions.Server("server.example", StartTlsFlags.IgnoreRemoteId));
                TlsSession asking = await client.StartTlsAsync(b, StartTlsOptions.Client("server.example"));
                return new[] { asking, await serving };
            }));
            sessions.AddRange(made.SelectMany(pair => pair));
        }
    }

    private static async Task HandshakesAsync(TunnelProcess tunnel, int count) => await Parallel.ForEachAsync(
        Enumerable.Range(0, count),
        new ParallelOptions { MaxDegreeOfParallelism = 64 },
        async (_, cancellation) =>
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync("127.0.0.1", tunnel.Port, cancellation);
            await using var tls = new SslStream(socket.GetStream(), leaveInnerStreamOpen: false, (_, _, _, _) => true);
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "server.example", AllowTlsResume = false }, cancellation);
            await tls.WriteAsync("ping"u8.ToArray(), cancellation);
            byte[] answer = new byte[4];
            await tls.ReadExactlyAsync(answer, cancellation);
            if (!answer.AsSpan().SequenceEqual("ping"u8))
                throw new InvalidDataException("the answer is not what was sent");
        });

    private static Task<byte[]> SendAsync(Socket socket, int mebibytes, int seed) => Task.Run(() =>
    {
        var random = new Random(seed);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] data = new byte[Mebibyte];
        random.NextBytes(data);
        socket.SendTimeout = 60_000;
        for (long left = (long)mebibytes * Mebibyte; left > 0;)
        {
            int length = (int)Math.Min(left, random.Next(4) == 0 ? random.Next(1, 2000) : random.Next(1, Mebibyte));
            Span<byte> piece = data.AsSpan(0, length);
            BitConverter.TryWriteBytes(data, left);
            hash.AppendData(piece);
            while (piece.Length > 0)
                piece = piece[socket.Send(piece)..];
            left -= length;
        }
        socket.Shutdown(SocketShutdown.Send);
        return hash.GetHashAndReset();
    });

    private static Task<byte[]> ReceiveAsync(Socket socket, int seed) => Task.Run(() =>
    {
        var random = new Random(seed);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[Mebibyte];
        socket.ReceiveTimeout = 60_000;
        while (true)
        {
            int count = socket.Receive(buffer, 0, random.Next(1, buffer.Length), SocketFlags.None);
            if (count == 0)
                return hash.GetHashAndReset();
            hash.AppendData(buffer, 0, count);
            if (random.Next(2000) == 0)
                Thread.Sleep(100);
        }
    });
}
