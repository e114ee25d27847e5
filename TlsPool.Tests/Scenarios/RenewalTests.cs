using System.Net.Sockets;
using System.Security.Cryptography;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Crypto;

namespace TlsPool.Tests.Scenarios;

/// <summary>STARTTLS with RENEGOTIATE: who may ask, when, and what comes of it. The pool is on both ends.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class RenewalTests
{
    private const string Tls12 = "tls_max_version 1.2\n";
    private const StartTlsFlags RenegotiateFlags = StartTlsFlags.Renegotiate | StartTlsFlags.LocalRolePeer | StartTlsFlags.RemoteRolePeer;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Test]
    public async Task Either_side_renews_a_session([Values(Tls12, "")] string configuration, [Values] bool server)
    {
        await using HostedPool pool = await StartAsync(configuration);
        await using TlsPoolClient client = Client(pool);
        (TlsSession served, TlsSession asked) = await SessionAsync(client);
        using (served)
        using (asked)
        {
            for (int i = 0; i < 3; i++)
            {
                ValidatedIdentities renewed = await client
                    .RenegotiateAsync((server ? served : asked).ControlKey, StartTlsOptions.Renewal(StartTlsFlags.IgnoreRemoteId)).WaitAsync(Patience);
                Assert.That(renewed, Is.EqualTo((server ? served : asked).Identities));
                await ExchangeAsync(served, asked);
            }
            await Waiting.ForAsync(() => pool.Log.Contains("renewed at the application's wish", StringComparison.Ordinal));
        }
    }

    [Test]
    public async Task A_server_asks_for_the_client_s_identity_later([Values(Tls12, "")] string configuration)
    {
        await using HostedPool pool = await StartAsync(configuration);
        await using TlsPoolClient client = Client(pool);
        (TlsSession served, TlsSession asked) = await SessionAsync(client, "user@client.example");
        using (served)
        using (asked)
        {
            Assert.That(served.RemoteId, Is.Empty);
            Assert.That(async () => await client.InfoAsync(served.ControlKey, InfoKind.PeerCertSubject).WaitAsync(Patience), Throws.InstanceOf<TlsPoolException>());
            ValidatedIdentities renewed = await client.RenegotiateAsync(served.ControlKey, StartTlsOptions.Renewal()).WaitAsync(Patience);
            byte[] subject = await client.InfoAsync(asked.ControlKey, InfoKind.MyCertSubject).WaitAsync(Patience);
            Assert.That(await client.InfoAsync(served.ControlKey, InfoKind.PeerCertSubject).WaitAsync(Patience), Is.EqualTo(subject), "and INFO tells who it is");
            Assert.That(renewed.RemoteId, Is.EqualTo("user@client.example"));
            Assert.That(renewed.LocalId, Is.EqualTo("server.example"));
            await ExchangeAsync(served, asked);
            // It is the session's now: the next renewal keeps it.
            renewed = await client.RenegotiateAsync(served.ControlKey, StartTlsOptions.Renewal(StartTlsFlags.IgnoreRemoteId)).WaitAsync(Patience);
            Assert.That(renewed.RemoteId, Is.EqualTo("user@client.example"));
            await ExchangeAsync(served, asked);
        }
    }

    [Test]
    public async Task A_server_may_become_somebody_else_when_its_application_wants_to()
    {
        await using HostedPool pool = await StartAsync(Tls12);
        await using TlsPoolClient client = Client(pool);
        (TlsSession served, TlsSession asked) = await SessionAsync(client);
        using (served)
        using (asked)
        {
            StartTlsOptions flags = StartTlsOptions.Renewal(StartTlsFlags.IgnoreRemoteId) with { LocalId = "other.example" };
            // The client has not been asked, and the peer may not change whom it talks to.
            Assert.That(await RefusalAsync(client.RenegotiateAsync(served.ControlKey, flags)), Is.EqualTo(PoolError.StirredNotShaken));
            Assert.That(await asked.Socket.ReceiveAsync(new byte[1]).WaitAsync(Patience), Is.Zero);
        }
    }

    [Test]
    public async Task The_application_checks_the_local_identity_again()
    {
        await using HostedPool pool = await StartAsync(Tls12);
        await using TlsPoolClient client = Client(pool);
        (TlsSession served, TlsSession asked) = await SessionAsync(client);
        using (served)
        using (asked)
        {
            var proposed = new List<string>();
            StartTlsOptions options = StartTlsOptions.Renewal(StartTlsFlags.IgnoreRemoteId) with
            {
                CheckLocalId = (proposal, _) =>
                {
                    proposed.Add(proposal.LocalId);
                    return ValueTask.FromResult(LocalIdAnswer.Accept());
                },
            };
            ValidatedIdentities renewed = await client.RenegotiateAsync(served.ControlKey, options).WaitAsync(Patience);
            Assert.That(proposed, Is.EqualTo(new[] { "server.example" }));
            Assert.That(renewed.LocalId, Is.EqualTo("server.example"));
            await ExchangeAsync(served, asked);
        }
    }

    [Test]
    public async Task Only_the_controlling_connection_renews_a_session()
    {
        await using HostedPool pool = await StartAsync(Tls12);
        await using TlsPoolClient one = Client(pool), other = Client(pool);
        (TlsSession served, TlsSession asked) = await SessionAsync(one);
        using (served)
        using (asked)
        {
            StartTlsOptions options = StartTlsOptions.Renewal(StartTlsFlags.IgnoreRemoteId);
            ControlKey key = served.ControlKey;
            Assert.That(await RefusalAsync(one.RenegotiateAsync(ControlKey.Random(), options)), Is.EqualTo(PoolError.RenegotiateNotFound));
            Assert.That(await RefusalAsync(one.RenegotiateAsync(default, options)), Is.EqualTo(PoolError.RenegotiateNotFound));
            Assert.That(await RefusalAsync(other.RenegotiateAsync(key, options)), Is.EqualTo(PoolError.ControlKeyNotYours));
            await one.DetachAsync(key).WaitAsync(Patience);
            Assert.That(await RefusalAsync(one.RenegotiateAsync(key, options)), Is.EqualTo(PoolError.ControlKeyDetached));
            await other.ReattachAsync(key).WaitAsync(Patience);
            await other.RenegotiateAsync(key, options).WaitAsync(Patience);
            await ExchangeAsync(served, asked);
        }
    }

    [Test]
    public async Task A_descriptor_has_no_place_in_a_renewal()
    {
        await using HostedPool pool = await StartAsync(Tls12);
        using var application = new RawApplication(pool.SocketPath);
        application.Send(1, 0, Command.StartTls, RawApplication.StartTls(RenegotiateFlags, key: ControlKey.Random()), (int)application.Socket.Handle);
        Assert.That(application.ReceiveError(1), Is.EqualTo(PoolError.SuperfluousSocket));
        application.Send(2, 0, Command.StartTls, RawApplication.StartTls(RenegotiateFlags | StartTlsFlags.LocalIdOnTheFly, key: ControlKey.Random()));
        Assert.That(application.ReceiveError(2), Is.EqualTo(PoolError.CommandNotImplemented));
    }

    [Test]
    public async Task A_session_that_is_being_set_up_is_not_to_be_interrupted()
    {
        await using HostedPool pool = await StartAsync(Tls12);
        using var application = new RawApplication(pool.SocketPath);
        var key = ControlKey.Random();
        (Socket near, Socket far) = RawApplication.TcpPair();
        using (near)
        using (far)
        {
            const StartTlsFlags flags = StartTlsFlags.LocalRoleServer | StartTlsFlags.RemoteRoleClient | StartTlsFlags.IgnoreRemoteId;
            application.Send(1, 0, Command.StartTls, RawApplication.StartTls(flags, "server.example", key: key, timeout: 60_000), (int)far.Handle);
            application.Send(2, 0, Command.StartTls, RawApplication.StartTls(RenegotiateFlags, key: key));
            Assert.That(application.ReceiveError(2), Is.EqualTo(PoolError.RenegotiateNotInterruptable));
        }
    }

    [Test]
    public async Task A_session_is_renewed_once_at_a_time_and_not_for_ever()
    {
        await using HostedPool pool = await StartAsync(Tls12);
        await using TlsPoolClient client = Client(pool);
        using var application = new RawApplication(pool.SocketPath);
        (TlsSession served, TlsSession asked) = await SessionAsync(client);
        using (served)
        using (asked)
        {
            await client.DetachAsync(served.ControlKey).WaitAsync(Patience);
            application.Send(1, 0, Command.ControlReattach, new ControlMessage(0, served.ControlKey, ""));
            Assert.That(application.Receive().Command, Is.EqualTo(Command.Success));
            const StartTlsFlags flags = RenegotiateFlags | StartTlsFlags.IgnoreRemoteId | StartTlsFlags.LocalIdCheck;
            application.Send(2, 0, Command.StartTls, RawApplication.StartTls(flags, key: served.ControlKey, timeout: 2_000));
            Frame question = application.Receive();
            Assert.That(question.Command, Is.EqualTo(Command.StartTlsLocalId));
            application.Send(3, 0, Command.StartTls, RawApplication.StartTls(flags, key: served.ControlKey));
            Assert.That(application.ReceiveError(3), Is.EqualTo(PoolError.RenegotiateNotInterruptable));
            Assert.That(application.ReceiveError(2), Is.EqualTo(PoolError.StirredNotShaken));
            // Swallowed.
            application.Send(2, question.CallbackId, Command.StartTlsLocalId, question.Body);
            Assert.That(application.Ping());
        }
    }

    [Test]
    public async Task An_application_that_refuses_the_choice_ends_the_session()
    {
        await using HostedPool pool = await StartAsync(Tls12);
        await using TlsPoolClient client = Client(pool);
        (TlsSession served, TlsSession asked) = await SessionAsync(client);
        using (served)
        using (asked)
        {
            StartTlsOptions options = StartTlsOptions.Renewal(StartTlsFlags.IgnoreRemoteId) with
            {
                CheckLocalId = (_, _) => throw new InvalidOperationException("not that one"),
            };
            Assert.That(await RefusalAsync(client.RenegotiateAsync(served.ControlKey, options)), Is.EqualTo(PoolError.ClientRefusesCallback));
            Assert.That(await asked.Socket.ReceiveAsync(new byte[1]).WaitAsync(Patience), Is.Zero);
        }
    }

    [Test]
    public async Task A_session_changes_hands_and_is_renewed_without_a_lost_byte()
    {
        const int size = 4 << 20;
        await using HostedPool pool = await StartAsync(Tls12);
        await using TlsPoolClient peer = Client(pool), second = Client(pool);
        TlsPoolClient first = Client(pool);
        (Socket a, Socket b) = RawApplication.TcpPair();
        Task<TlsSession> serving = first.StartTlsAsync(a, StartTlsOptions.Server("server.example", StartTlsFlags.IgnoreRemoteId | StartTlsFlags.Fork));
        using TlsSession asked = await peer.StartTlsAsync(b, StartTlsOptions.Client("server.example")).WaitAsync(Patience);
        using TlsSession served = await serving.WaitAsync(Patience);
        byte[] up = RandomNumberGenerator.GetBytes(size), down = RandomNumberGenerator.GetBytes(size);
        Task sending = Task.WhenAll(SendAsync(asked, up), SendAsync(served, down));
        Task<byte[]> atServer = ReceiveAsync(served, size), atClient = ReceiveAsync(asked, size);

        await first.DetachAsync(served.ControlKey).WaitAsync(Patience);
        await first.DisposeAsync();
        await second.ReattachAsync(served.ControlKey).WaitAsync(Patience);
        for (int i = 0; i < 3; i++)
            await second.RenegotiateAsync(served.ControlKey, StartTlsOptions.Renewal(StartTlsFlags.IgnoreRemoteId)).WaitAsync(Patience);

        await sending.WaitAsync(Patience);
        Assert.That(SHA256.HashData(await atServer.WaitAsync(Patience)), Is.EqualTo(SHA256.HashData(up)));
        Assert.That(SHA256.HashData(await atClient.WaitAsync(Patience)), Is.EqualTo(SHA256.HashData(down)));
    }

    [Test]
    public async Task A_forked_session_survives_the_application_that_was_renewing_it()
    {
        await using HostedPool pool = await StartAsync(Tls12);
        await using TlsPoolClient peer = Client(pool);
        TlsPoolClient first = Client(pool);
        (Socket a, Socket b) = RawApplication.TcpPair();
        Task<TlsSession> serving = first.StartTlsAsync(a, StartTlsOptions.Server("server.example", StartTlsFlags.IgnoreRemoteId | StartTlsFlags.Fork));
        using TlsSession asked = await peer.StartTlsAsync(b, StartTlsOptions.Client("server.example")).WaitAsync(Patience);
        using TlsSession served = await serving.WaitAsync(Patience);
        Task renewing = first.RenegotiateAsync(served.ControlKey, StartTlsOptions.Renewal(StartTlsFlags.IgnoreRemoteId));
        await first.DisposeAsync();
        await renewing.ContinueWith(_ => { }, TaskScheduler.Default).WaitAsync(Patience);
        await ExchangeAsync(served, asked);
    }

    private static Task<HostedPool> StartAsync(string configuration) => HostedPool.StartAsync(
        new TestStores(TestIdentity.Ecdsa("server.example"), TestIdentity.Ecdsa("other.example"), TestIdentity.Ecdsa("user@client.example")), configuration);

    private static TlsPoolClient Client(HostedPool pool) => new(new TlsPoolClientOptions { SocketPath = pool.SocketPath });

    private static async Task<(TlsSession Served, TlsSession Asked)> SessionAsync(TlsPoolClient client, string localId = "")
    {
        (Socket a, Socket b) = RawApplication.TcpPair();
        Task<TlsSession> serving = client.StartTlsAsync(a, StartTlsOptions.Server("server.example", StartTlsFlags.IgnoreRemoteId));
        TlsSession asked = await client.StartTlsAsync(b, StartTlsOptions.Client("server.example") with { LocalId = localId }).WaitAsync(Patience);
        return (await serving.WaitAsync(Patience), asked);
    }

    private static async Task ExchangeAsync(TlsSession one, TlsSession other)
    {
        byte[] got = new byte[4];
        await one.Socket.SendAsync("ping"u8.ToArray());
        await new NetworkStream(other.Socket).ReadExactlyAsync(got).AsTask().WaitAsync(Patience);
        Assert.That(got, Is.EqualTo("ping"u8.ToArray()));
        await other.Socket.SendAsync("pong"u8.ToArray());
        await new NetworkStream(one.Socket).ReadExactlyAsync(got).AsTask().WaitAsync(Patience);
        Assert.That(got, Is.EqualTo("pong"u8.ToArray()));
    }

    private static async Task SendAsync(TlsSession session, byte[] bytes) => await new NetworkStream(session.Socket).WriteAsync(bytes);

    private static async Task<byte[]> ReceiveAsync(TlsSession session, int size)
    {
        byte[] bytes = new byte[size];
        await new NetworkStream(session.Socket).ReadExactlyAsync(bytes);
        return bytes;
    }

    private static async Task<PoolError> RefusalAsync(Task refused) =>
        (await Assert.ThrowsAsync<TlsPoolException>(() => refused.WaitAsync(Patience)))!.Error;
}
