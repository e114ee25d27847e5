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
            await Waiting.ForAsync(() => pool.Log.Contains(
                "SessionSetup, Allowed = False, Reason = TLS Pool failed to register control key", StringComparison.Ordinal));
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

    [Test]
    public async Task Sessions_end_with_the_connection_that_controls_them_unless_they_are_forked_or_detached()
    {
        await using HostedPool pool = await StartAsync("");
        var one = Client(pool);
        await using TlsPoolClient peers = Client(pool), other = Client(pool);
        (TlsSession bound, TlsSession boundPeer) = await SessionAsync(one, StartTlsFlags.None, peers);
        (TlsSession forked, TlsSession forkedPeer) = await SessionAsync(one, StartTlsFlags.Fork, peers);
        (TlsSession born, TlsSession bornPeer) = await SessionAsync(one, StartTlsFlags.Detach, peers);
        (TlsSession left, TlsSession leftPeer) = await SessionAsync(one, StartTlsFlags.None, peers);
        using (bound)
        using (boundPeer)
        using (forked)
        using (forkedPeer)
        using (born)
        using (bornPeer)
        using (left)
        using (leftPeer)
        {
            Assert.That(await RefusalAsync(one.DetachAsync(born.ControlKey)), Is.EqualTo(PoolError.ControlKeyDetached), "from the start");
            await one.DetachAsync(left.ControlKey).WaitAsync(Patience);
            await one.DisposeAsync();
            Assert.That(await bound.Socket.ReceiveAsync(new byte[1]).WaitAsync(Patience), Is.Zero, "it ends");
            Assert.That(await RefusalAsync(other.ReattachAsync(bound.ControlKey)), Is.EqualTo(PoolError.ControlKeyNotFound));
            foreach ((TlsSession session, TlsSession peer) in new[] { (forked, forkedPeer), (born, bornPeer), (left, leftPeer) })
            {
                await other.ReattachAsync(session.ControlKey).WaitAsync(Patience);
                await session.Socket.SendAsync("on"u8.ToArray());
                byte[] got = new byte[2];
                Assert.That(await peer.Socket.ReceiveAsync(got).WaitAsync(Patience), Is.EqualTo(2));
            }
            await other.DisposeAsync();
            foreach (TlsSession session in new[] { born, left })
                Assert.That(await session.Socket.ReceiveAsync(new byte[1]).WaitAsync(Patience), Is.Zero, "who took them has closed too");
            await using TlsPoolClient third = Client(pool);
            await third.ReattachAsync(forked.ControlKey).WaitAsync(Patience);
        }
    }

    [Test]
    public async Task Nobody_takes_a_session_that_ends_because_its_controlling_connection_closed()
    {
        await using HostedPool pool = await StartAsync("");
        await using TlsPoolClient other = Client(pool);
        for (int i = 0; i < 20; i++)
        {
            var one = Client(pool);
            (TlsSession served, TlsSession asked) = await SessionAsync(one);
            using (served)
            using (asked)
            {
                Task closing = one.DisposeAsync().AsTask();
                PoolError error = PoolError.ControlKeyAttached;
                while (error == PoolError.ControlKeyAttached)
                    error = await RefusalAsync(other.ReattachAsync(served.ControlKey));
                Assert.That(error, Is.EqualTo(PoolError.ControlKeyNotFound));
                await closing;
            }
        }
    }

    [Test]
    public async Task Who_guesses_control_keys_is_answered_ever_later_while_others_go_on()
    {
        await using HostedPool pool = await StartAsync("");
        await using TlsPoolClient honest = Client(pool);
        using var guesser = new RawApplication(pool.SocketPath);
        Command[] ways = [Command.ControlDetach, Command.ControlReattach, Command.Prng, Command.Info, Command.StartTls];
        const int guesses = 400;
        long start = Stopwatch.GetTimestamp();
        for (ushort i = 0; i < guesses; i++)
            guesser.Send((ushort)(i + 1), 0, ways[i % ways.Length], Guess(ways[i % ways.Length]));
        for (int i = 0; i < 32; i++)
            Assert.That(((ErrorMessage)guesser.Receive().Body).Code, Is.AnyOf(PoolError.ControlKeyNotFound, PoolError.RenegotiateNotFound));
        for (int i = 0; i < 2; i++)
            guesser.Receive();
        Assert.That(Stopwatch.GetElapsedTime(start), Is.GreaterThan(TimeSpan.FromSeconds(1.5)), "one answer in a second");
        (TlsSession served, TlsSession asked) = await SessionAsync(honest);
        served.Dispose();
        asked.Dispose();
        await Waiting.ForAsync(() => pool.Log.Contains("presents many control keys that are nobody's", StringComparison.Ordinal));
        Assert.That(pool.Log.Split("presents many").Length, Is.EqualTo(2).Or.EqualTo(3), "told once, in the log and the trail");
    }

    [Test]
    public async Task A_key_is_no_good_once_its_session_has_ended_and_good_for_a_new_one()
    {
        await using HostedPool pool = await StartAsync("");
        await using TlsPoolClient client = Client(pool);
        (TlsSession served, TlsSession asked) = await SessionAsync(client);
        ControlKey key = served.ControlKey;
        asked.Dispose();
        Assert.That(await served.Socket.ReceiveAsync(new byte[1]).WaitAsync(Patience), Is.Zero);
        served.Dispose();
        PoolError error = PoolError.ControlKeyAttached;
        while (error == PoolError.ControlKeyAttached)
            error = await RefusalAsync(client.ReattachAsync(key));
        Assert.That(error, Is.EqualTo(PoolError.ControlKeyNotFound));
        (Socket a, Socket b) = RawApplication.TcpPair();
        Task<TlsSession> serving = client.StartTlsAsync(a, StartTlsOptions.Server("server.example", StartTlsFlags.IgnoreRemoteId) with { ControlKey = key });
        using TlsSession second = await client.StartTlsAsync(b, StartTlsOptions.Client("server.example")).WaitAsync(Patience);
        using TlsSession again = await serving.WaitAsync(Patience);
        await client.DetachAsync(key).WaitAsync(Patience);
    }

    [Test]
    public async Task A_session_that_is_being_renewed_changes_hands_tells_facts_and_is_not_renewed_twice()
    {
        var stores = new TestStores(TestIdentity.Ecdsa("server.example"));
        await using HostedPool pool = await HostedPool.StartAsync(stores, "tls_max_version 1.2\n");
        await using TlsPoolClient one = Client(pool), other = Client(pool);
        (TlsSession served, TlsSession asked) = await SessionAsync(one);
        using (served)
        using (asked)
        {
            ControlKey key = served.ControlKey;
            byte[] before = await one.PrngAsync(key, "EXPERIMENTAL", null, 16).WaitAsync(Patience);
            TaskCompletionSource signature = stores.HoldSignatures();
            Task<ValidatedIdentities> renewing = one.RenegotiateAsync(key, StartTlsOptions.Server("server.example", StartTlsFlags.IgnoreRemoteId));
            Assert.That(await RefusalAsync(one.RenegotiateAsync(key, StartTlsOptions.Server("server.example"))), Is.EqualTo(PoolError.RenegotiateNotInterruptable));
            Assert.That(await RefusalAsync(other.RenegotiateAsync(key, StartTlsOptions.Server("server.example"))), Is.EqualTo(PoolError.ControlKeyNotYours));
            Assert.That(await one.PrngAsync(key, "EXPERIMENTAL", null, 16).WaitAsync(Patience), Is.EqualTo(before));
            await one.DetachAsync(key).WaitAsync(Patience);
            Assert.That(await RefusalAsync(other.RenegotiateAsync(key, StartTlsOptions.Server("server.example"))), Is.EqualTo(PoolError.ControlKeyDetached));
            await other.ReattachAsync(key).WaitAsync(Patience);
            signature.SetResult();
            Assert.That((await renewing.WaitAsync(Patience)).LocalId, Is.EqualTo("server.example"), "who asked is answered");
            Assert.That(await other.PrngAsync(key, "EXPERIMENTAL", null, 16).WaitAsync(Patience), Is.Not.EqualTo(before));
            await served.Socket.SendAsync("on"u8.ToArray());
            Assert.That(await asked.Socket.ReceiveAsync(new byte[2]).WaitAsync(Patience), Is.EqualTo(2));
        }
    }

    private static Message Guess(Command way) => way switch
    {
        Command.Prng => PrngMessage.Request(ControlKey.Random(), "EXPERIMENTAL"u8, null, 16),
        Command.Info => new InfoMessage(ControlKey.Random(), InfoKind.MyCertSubject, InfoMessage.Query, default),
        Command.StartTls => RawApplication.StartTls(ServerFlags | StartTlsFlags.Renegotiate, key: ControlKey.Random()),
        _ => new ControlMessage(0, ControlKey.Random(), ""),
    };

    private static Task<HostedPool> StartAsync(string configuration) =>
        HostedPool.StartAsync(new TestStores(TestIdentity.Ecdsa("server.example")), configuration);

    private static TlsPoolClient Client(HostedPool pool) => new(new TlsPoolClientOptions { SocketPath = pool.SocketPath });

    private static async Task<(TlsSession Served, TlsSession Asked)> SessionAsync(
        TlsPoolClient client, StartTlsFlags flags = StartTlsFlags.None, TlsPoolClient? peer = null)
    {
        (Socket a, Socket b) = RawApplication.TcpPair();
        Task<TlsSession> serving = client.StartTlsAsync(a, StartTlsOptions.Server("server.example", StartTlsFlags.IgnoreRemoteId | flags));
        TlsSession asked = await (peer ?? client).StartTlsAsync(b, StartTlsOptions.Client("server.example")).WaitAsync(Patience);
        return (await serving.WaitAsync(Patience), asked);
    }

    private static async Task<PoolError> RefusalAsync(Task refused) =>
        (await Assert.ThrowsAsync<TlsPoolException>(() => refused.WaitAsync(Patience)))!.Error;
}
