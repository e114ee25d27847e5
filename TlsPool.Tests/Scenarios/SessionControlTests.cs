using System.Diagnostics;
using System.Net.Sockets;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Crypto;

namespace TlsPool.Tests.Scenarios;

/// <summary>Who controls a session, and how long it may take to come about.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class SessionControlTests
{
    private const StartTlsFlags ServerFlags = StartTlsFlags.LocalRoleServer | StartTlsFlags.RemoteRoleClient | StartTlsFlags.IgnoreRemoteId;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Test]
    public async Task Control_goes_from_hand_to_hand_and_never_to_two()
    {
        await using HostedPool pool = await StartAsync("");
        await using TlsPoolClient one = Client(pool), other = Client(pool);
        (TlsSession served, TlsSession asked) = await SessionAsync(one);
        using (served)
        using (asked)
        {
            ControlKey key = served.ControlKey;
            Assert.That(await RefusalAsync(other.DetachAsync(key)), Is.EqualTo(PoolError.ControlKeyNotYours));
            Assert.That(await RefusalAsync(other.ReattachAsync(key)), Is.EqualTo(PoolError.ControlKeyAttached));
            Assert.That(await RefusalAsync(one.ReattachAsync(key)), Is.EqualTo(PoolError.ControlKeyAttached));
            await one.DetachAsync(key).WaitAsync(Patience);
            Assert.That(await RefusalAsync(one.DetachAsync(key)), Is.EqualTo(PoolError.ControlKeyDetached));
            Assert.That(await RefusalAsync(other.DetachAsync(key)), Is.EqualTo(PoolError.ControlKeyDetached));
            await other.ReattachAsync(key).WaitAsync(Patience);
            Assert.That(await RefusalAsync(one.DetachAsync(key)), Is.EqualTo(PoolError.ControlKeyNotYours));
            Assert.That(await RefusalAsync(one.DetachAsync(ControlKey.Random())), Is.EqualTo(PoolError.ControlKeyNotFound));
            Assert.That(await RefusalAsync(one.ReattachAsync(ControlKey.Random())), Is.EqualTo(PoolError.ControlKeyNotFound));
        }
    }

    [Test]
    public async Task A_key_is_one_session_s_as_long_as_it_lives()
    {
        await using HostedPool pool = await StartAsync("");
        using var application = new RawApplication(pool.SocketPath);
        var key = ControlKey.Random();
        (Socket near, Socket far) = RawApplication.TcpPair();
        (Socket secondNear, Socket secondFar) = RawApplication.TcpPair();
        using (far)
        using (secondNear)
        using (secondFar)
        {
            application.Send(1, 0, Command.StartTls, RawApplication.StartTls(ServerFlags, "server.example", key: key, timeout: 60_000), (int)far.Handle);
            application.Send(2, 0, Command.StartTls, RawApplication.StartTls(ServerFlags, "server.example", key: key, timeout: 60_000), (int)secondFar.Handle);
            Assert.That(application.ReceiveError(2), Is.EqualTo(PoolError.ControlKeyRegistrationFailed));
            // A session that is not set up yet cannot change hands.
            application.Send(3, 0, Command.ControlDetach, new ControlMessage(0, key, ""));
            Assert.That(application.ReceiveError(3), Is.EqualTo(PoolError.ControlKeyNotFound));
            near.Dispose();
            application.Receive();
            application.Send(4, 0, Command.StartTls, RawApplication.StartTls(ServerFlags, "server.example", key: key, timeout: 1), (int)secondFar.Handle);
            Assert.That(application.ReceiveError(4), Is.Not.EqualTo(PoolError.ControlKeyRegistrationFailed), "the key is free again");
        }
    }

    [TestCase(0u, "300", TestName = "Setup_ends_after_the_configured_time_where_the_application_does_not_say")]
    [TestCase(300u, "3600000", TestName = "Setup_ends_after_the_time_that_the_application_asks_for")]
    public async Task Setup_ends_in_time(uint asked, string configured)
    {
        await using HostedPool pool = await StartAsync($"tls_handshake_timeout {configured}\n");
        using var application = new RawApplication(pool.SocketPath);
        (Socket near, Socket far) = RawApplication.TcpPair();
        using (near)
        using (far)
        {
            long start = Stopwatch.GetTimestamp();
            application.Send(1, 0, Command.StartTls, RawApplication.StartTls(ServerFlags, "server.example", timeout: asked), (int)far.Handle);
            application.ReceiveError(1);
            Assert.That(Stopwatch.GetElapsedTime(start), Is.GreaterThan(TimeSpan.FromMilliseconds(250)));
        }
    }

    [Test]
    public async Task An_application_that_does_not_say_where_plaintext_goes_is_waited_for_in_bounds()
    {
        await using HostedPool pool = await StartAsync("");
        await using TlsPoolClient client = Client(pool);
        using var application = new RawApplication(pool.SocketPath);
        (Socket a, Socket b) = RawApplication.TcpPair();
        using (a)
        {
            application.Send(1, 0, Command.StartTls, RawApplication.StartTls(ServerFlags, "server.example", timeout: 6_000), (int)a.Handle);
            Task<TlsSession> asking = client.StartTlsAsync(b, StartTlsOptions.Client("server.example"));
            Frame callback = application.Receive();
            Assert.That(callback.Command, Is.EqualTo(Command.PlaintextConnect));
            application.ReceiveError(1);
            // An answer that comes too late is no second request, and has had its final response.
            application.Send(1, callback.CallbackId, Command.PlaintextConnect, callback.Body, (int)a.Handle);
            Assert.That(application.Ping());
            await asking.WaitAsync(Patience).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    private static Task<HostedPool> StartAsync(string configuration) =>
        HostedPool.StartAsync(new TestStores(TestIdentity.Ecdsa("server.example")), configuration);

    private static TlsPoolClient Client(HostedPool pool) => new(new TlsPoolClientOptions { SocketPath = pool.SocketPath });

    private static async Task<(TlsSession Served, TlsSession Asked)> SessionAsync(TlsPoolClient client)
    {
        (Socket a, Socket b) = RawApplication.TcpPair();
        Task<TlsSession> serving = client.StartTlsAsync(a, StartTlsOptions.Server("server.example", StartTlsFlags.IgnoreRemoteId));
        TlsSession asked = await client.StartTlsAsync(b, StartTlsOptions.Client("server.example")).WaitAsync(Patience);
        return (await serving.WaitAsync(Patience), asked);
    }

    private static async Task<PoolError> RefusalAsync(Task refused) =>
        (await Assert.ThrowsAsync<TlsPoolException>(() => refused.WaitAsync(Patience)))!.Error;
}
