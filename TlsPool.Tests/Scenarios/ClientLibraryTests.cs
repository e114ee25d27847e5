using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.IO;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>The client library with the daemon.</summary>
[Parallelizable]
public sealed class ClientLibraryTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private PoolProcess _pool = null!;
    private TlsPoolClient _client = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _pool = await PoolProcess.StartAsync();
        await _pool.IdentityAsync("server.example");
        await _pool.IdentityAsync("other.example");
    }

    [OneTimeTearDown]
    public async Task Stop() => await _pool.DisposeAsync();

    [SetUp]
    public async Task Connect() => _client = await TlsPoolClient.ConnectAsync(_pool.SocketPath);

    [TearDown]
    public async Task Disconnect() => await _client.DisposeAsync();

    [Test]
    public async Task Ping_tells_what_the_pool_can_do()
    {
        PingMessage answer = await _client.PingAsync(Facilities.StartTls | Facilities.StartSsh).WaitAsync(Patience);
        Assert.That(answer, Is.EqualTo(new PingMessage("20151111api@tlspool.arpa2.net", Facilities.StartTls)));
    }

    [Test]
    public async Task Many_sessions_run_side_by_side_over_one_connection()
    {
        int before = OpenDescriptors();
        await Task.WhenAll(Enumerable.Range(0, 40).Select(async number =>
        {
            (TlsSession asking, TlsSession serving) = await PairAsync(StartTlsFlags.None);
            await using NetworkStream left = asking.OpenStream();
            await using NetworkStream right = serving.OpenStream();
            Assert.That(await EchoAsync(left, right, $"session {number}"), Is.EqualTo($"session {number}"));
        }));
        Assert.That(OpenDescriptors, Is.LessThanOrEqualTo(before).After(20_000, 50));
    }

    [Test]
    public async Task Proposed_identities_are_judged_by_the_application()
    {
        var proposed = new List<string>();
        (Socket near, Socket far) = RawApplication.TcpPair();
        Task<TlsSession> serving = _client.StartTlsAsync(near, StartTlsOptions.Server("server.example", StartTlsFlags.IgnoreRemoteId) with
        {
            CheckLocalId = (proposal, _) =>
            {
                proposed.Add(proposal.LocalId);
                return ValueTask.FromResult(LocalIdAnswer.Change("other.example"));
            },
        });
        using TlsSession asking = await _client.StartTlsAsync(far, StartTlsOptions.Client("other.example")).WaitAsync(Patience);
        using TlsSession served = await serving.WaitAsync(Patience);
        Assert.That((served.LocalId, asking.RemoteId, proposed[0]), Is.EqualTo(("other.example", "other.example", "server.example")));
    }

    [Test]
    public async Task Rejecting_every_proposal_refuses_the_session()
    {
        (Socket near, Socket far) = RawApplication.TcpPair();
        using Socket peer = far;
        Task<TlsSession> serving = _client.StartTlsAsync(near, StartTlsOptions.Server("server.example", StartTlsFlags.IgnoreRemoteId) with
        {
            CheckLocalId = (_, _) => ValueTask.FromResult(LocalIdAnswer.Reject),
        });
        await using var tls = new SslStream(new NetworkStream(peer), leaveInnerStreamOpen: false, (_, _, _, _) => true);
        Assert.That(async () => await tls.AuthenticateAsClientAsync("server.example").WaitAsync(Patience), Throws.Exception);
        await Assert.ThrowsAsync<TlsPoolException>(() => serving.WaitAsync(Patience));
    }

    [Test]
    public async Task A_detached_session_outlives_its_client_and_is_taken_over()
    {
        ControlKey key;
        NetworkStream left, right;
        TlsPoolClient first = await TlsPoolClient.ConnectAsync(_pool.SocketPath);
        await using (first)
        {
            (TlsSession asking, TlsSession serving) = await PairAsync(StartTlsFlags.Fork, first);
            (left, right, key) = (asking.OpenStream(), serving.OpenStream(), asking.ControlKey);
            await first.DetachAsync(key).WaitAsync(Patience);
            TlsPoolException? twice = await Assert.ThrowsAsync<TlsPoolException>(() => first.DetachAsync(key).WaitAsync(Patience));
            Assert.That(twice!.Error, Is.EqualTo(PoolError.ControlKeyDetached));
        }
        Assert.That(await EchoAsync(left, right, "still here"), Is.EqualTo("still here"));
        await _client.ReattachAsync(key).WaitAsync(Patience);
        await using TlsPoolClient third = await TlsPoolClient.ConnectAsync(_pool.SocketPath);
        TlsPoolException? taken = await Assert.ThrowsAsync<TlsPoolException>(() => third.ReattachAsync(key).WaitAsync(Patience));
        Assert.That(taken!.Error, Is.EqualTo(PoolError.ControlKeyAttached));
        await left.DisposeAsync();
        await right.DisposeAsync();
    }

    [Test]
    public async Task A_session_without_fork_ends_with_its_client()
    {
        NetworkStream left, right;
        await using (TlsPoolClient first = await TlsPoolClient.ConnectAsync(_pool.SocketPath))
        {
            (TlsSession asking, TlsSession serving) = await PairAsync(StartTlsFlags.None, first);
            (left, right) = (asking.OpenStream(), serving.OpenStream());
        }
        await using (left)
        await using (right)
            Assert.That(await left.ReadAsync(new byte[1]).AsTask().WaitAsync(Patience), Is.Zero);
    }

    [Test]
    public async Task A_start_that_is_cancelled_in_mid_callback_leaves_nothing()
    {
        int before = _pool.Daemon.Descriptors, mine = OpenDescriptors();
        using var source = new CancellationTokenSource();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        (Socket near, Socket far) = RawApplication.TcpPair();
        Task<TlsSession> serving = _client.StartTlsAsync(near, StartTlsOptions.Server("server.example", StartTlsFlags.IgnoreRemoteId) with
        {
            ConnectPlaintext = async (_, cancellation) =>
            {
                asked.SetResult();
                await using CancellationTokenRegistration registration = cancellation.Register(told.SetResult);
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
                throw new InvalidOperationException("not reached");
            },
        }, source.Token);
        Task<TlsSession> asking = _client.StartTlsAsync(far, StartTlsOptions.Client("server.example"));
        await asked.Task.WaitAsync(Patience);
        await source.CancelAsync();
        Assert.That(async () => await serving.WaitAsync(Patience), Throws.InstanceOf<OperationCanceledException>());
        await told.Task.WaitAsync(Patience);
        try
        {
            // A client's handshake is over before its server's application has answered.
            using TlsSession session = await asking.WaitAsync(Patience);
            Assert.That(await session.OpenStream().ReadAsync(new byte[1]).AsTask().WaitAsync(Patience), Is.Zero);
        }
        catch (Exception ended) when (ended is IOException)
        {
            // Or it fails with the connection.
        }
        await _pool.ExpectDescriptorsAsync(before);
        Assert.That(OpenDescriptors, Is.LessThanOrEqualTo(mine).After(20_000, 50));
        Assert.That(_pool.IsAlive(), Is.True);
    }

    [Test]
    public async Task Whatever_fails_leaves_no_descriptor()
    {
        int before = OpenDescriptors();
        for (int i = 0; i < 20; i++)
        {
            // Nobody answers TLS; the name is too long; the request is cancelled; the plaintext cannot be had.
            (Socket near, Socket far) = RawApplication.TcpPair();
            far.Dispose();
            Assert.That(async () => await _client.StartTlsAsync(near, StartTlsOptions.Client("a.example")).WaitAsync(Patience), Throws.InstanceOf<TlsPoolException>());
            (near, far) = RawApplication.TcpPair();
            Assert.That(async () => await _client.StartTlsAsync(near, StartTlsOptions.Client(new string('a', 200))).WaitAsync(Patience), Throws.ArgumentException);
            far.Dispose();
            (near, far) = RawApplication.TcpPair();
            using (var source = new CancellationTokenSource())
            {
                Task<TlsSession> starting = _client.StartTlsAsync(near, StartTlsOptions.Client("a.example"), source.Token);
                await source.CancelAsync();
                Assert.That(async () => await starting.WaitAsync(Patience), Throws.InstanceOf<OperationCanceledException>());
            }
            far.Dispose();
            (near, far) = RawApplication.TcpPair();
            Task<TlsSession> serving = _client.StartTlsAsync(near, StartTlsOptions.Server("server.example", StartTlsFlags.IgnoreRemoteId) with
            {
                ConnectPlaintext = (_, _) => throw new TimeoutException("no backend"),
            });
            // A client's handshake may be over before its server's application has refused.
            Task<TlsSession> asking = _client.StartTlsAsync(far, StartTlsOptions.Client("server.example"));
            await Task.WhenAny(asking).WaitAsync(Patience);
            if (asking.IsCompletedSuccessfully)
                (await asking).Dispose();
            TlsPoolException? refused = await Assert.ThrowsAsync<TlsPoolException>(() => serving.WaitAsync(Patience));
            Assert.That(refused!.InnerException, Is.InstanceOf<TimeoutException>());
        }
        Assert.That(OpenDescriptors, Is.LessThanOrEqualTo(before).After(20_000, 50));
    }

    private async Task<(TlsSession Asking, TlsSession Serving)> PairAsync(StartTlsFlags flags, TlsPoolClient? client = null)
    {
        client ??= _client;
        (Socket near, Socket far) = RawApplication.TcpPair();
        Task<TlsSession> serving = client.StartTlsAsync(near, StartTlsOptions.Server("server.example", flags | StartTlsFlags.IgnoreRemoteId));
        TlsSession asking = await client.StartTlsAsync(far, StartTlsOptions.Client("server.example", flags)).WaitAsync(Patience);
        return (asking, await serving.WaitAsync(Patience));
    }

    private static async Task<string> EchoAsync(NetworkStream from, NetworkStream to, string text)
    {
        await from.WriteAsync(Encoding.UTF8.GetBytes(text));
        byte[] got = new byte[text.Length];
        await to.ReadExactlyAsync(got).AsTask().WaitAsync(Patience);
        return Encoding.UTF8.GetString(got);
    }

    // Sockets only: the runtime opens files as it likes.
    private static int OpenDescriptors() => Directory.GetFiles("/proc/self/fd")
        .Count(file => new FileInfo(file).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true);
}
