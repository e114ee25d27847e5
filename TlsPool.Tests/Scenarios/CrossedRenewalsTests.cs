using System.Net.Sockets;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Crypto;

namespace TlsPool.Tests.Scenarios;

/// <summary>Renewals that meet each other, or the answers to questions of the one before. The pool is on both ends.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class CrossedRenewalsTests
{
    private const string Tls12 = "tls_max_version 1.2\n";
    private const string User = "user@client.example";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Test]
    public async Task An_application_cannot_renew_while_the_peer_renegotiates()
    {
        await using var ends = await Ends.StartAsync(Tls12);
        TaskCompletionSource held = ends.Stores.HoldSignatures();
        Task<ValidatedIdentities> byClient = ends.RenewAsync(ends.Asked, StartTlsOptions.Renewal());
        // The server's signature is due, at the peer's wish.
        await Waiting.ForAsync(() => ends.Stores.HeldSignatures == 1);
        Task byServer = ends.RenewAsync(ends.Served, StartTlsOptions.Renewal(StartTlsFlags.IgnoreRemoteId));
        Assert.That(await RefusalAsync(byServer), Is.EqualTo(PoolError.RenegotiateNotInterruptable));
        held.SetResult();
        Assert.That((await byClient.WaitAsync(Patience)).RemoteId, Is.EqualTo("server.example"));
        await ends.ExchangeAsync();
        await ends.RenewAsync(ends.Served, StartTlsOptions.Renewal(StartTlsFlags.IgnoreRemoteId)).WaitAsync(Patience);
        await ends.ExchangeAsync();
    }

    [Test]
    public async Task An_application_cannot_renew_while_it_is_shown_to_the_peer_who_it_is()
    {
        await using var ends = await Ends.StartAsync();
        TaskCompletionSource held = ends.Stores.HoldSignatures();
        Task<ValidatedIdentities> byServer = ends.RenewAsync(ends.Served, StartTlsOptions.Renewal());
        await Waiting.ForAsync(() => ends.Stores.HeldSignatures == 1);
        Assert.That(await RefusalAsync(ends.RenewAsync(ends.Asked, StartTlsOptions.Renewal())), Is.EqualTo(PoolError.RenegotiateNotInterruptable));
        held.SetResult();
        Assert.That((await byServer.WaitAsync(Patience)).RemoteId, Is.EqualTo(User));
        await ends.RenewAsync(ends.Asked, StartTlsOptions.Renewal()).WaitAsync(Patience);
        await ends.ExchangeAsync();
    }

    [Test]
    public async Task A_signature_that_comes_too_late_is_not_taken_for_the_next_one()
    {
        await using var ends = await Ends.StartAsync("tls_handshake_timeout 3000\n");
        StartTlsOptions curious = StartTlsOptions.Renewal(StartTlsFlags.RequestRemoteId) with { Timeout = Patience };
        TaskCompletionSource late = ends.Stores.HoldSignatures();
        Assert.That((await ends.RenewAsync(ends.Served, curious).WaitAsync(Patience)).RemoteId, Is.Empty, "the client has waited for its token long enough");
        ends.Stores.HoldSignatures();
        Task<ValidatedIdentities> next = ends.RenewAsync(ends.Served, curious);
        await Waiting.ForAsync(() => ends.Stores.HeldSignatures == 2);
        late.SetResult();
        Assert.That((await next.WaitAsync(Patience)).RemoteId, Is.Empty, "nor has the second one come");
        await ends.ExchangeAsync();
    }

    [Test]
    public async Task A_verdict_that_comes_too_late_is_not_taken_for_the_next_one()
    {
        await using var ends = await Ends.StartAsync();
        StartTlsOptions hasty = StartTlsOptions.Renewal() with { Timeout = TimeSpan.FromSeconds(2) };
        TaskCompletionSource late = ends.Stores.HoldVerdicts();
        Assert.That(await RefusalAsync(ends.RenewAsync(ends.Served, hasty)), Is.EqualTo(PoolError.StirredNotShaken));
        ends.Stores.HoldVerdicts();
        Task<ValidatedIdentities> stricter = ends.RenewAsync(ends.Served, hasty with { RemoteId = "other.example" });
        await Waiting.ForAsync(() => ends.Stores.HeldVerdicts == 2);
        // What it says is true, but about another question.
        late.SetResult();
        Assert.That(await RefusalAsync(stricter), Is.EqualTo(PoolError.StirredNotShaken));
        await ends.ExchangeAsync();
    }

    [Test]
    public async Task The_peer_s_wish_is_heard_when_nothing_came_of_the_application_s()
    {
        await using var ends = await Ends.StartAsync(Tls12);
        ends.Stores.HoldReading();
        Task byServer = ends.RenewAsync(ends.Served, StartTlsOptions.Renewal(StartTlsFlags.IgnoreRemoteId) with { Timeout = TimeSpan.FromSeconds(2) });
        await Waiting.ForAsync(() => ends.Stores.HeldReadings == 1);
        ends.Stores.ReadAtOnce();
        Task<ValidatedIdentities> byClient = ends.RenewAsync(ends.Asked, StartTlsOptions.Renewal());
        Assert.That(await RefusalAsync(byServer), Is.EqualTo(PoolError.StirredNotShaken), "its time was up before the database was read");
        Assert.That((await byClient.WaitAsync(Patience)).RemoteId, Is.EqualTo("server.example"));
        await ends.ExchangeAsync();
    }

    [Test]
    public async Task A_renewal_does_not_wait_for_ever_for_an_application_that_is_gone([Values] bool detached)
    {
        await using var ends = await Ends.StartAsync(Tls12, StartTlsFlags.Fork);
        TaskCompletionSource held = ends.Stores.HoldReading();
        StartTlsOptions choosing = StartTlsOptions.Renewal(StartTlsFlags.IgnoreRemoteId) with
        {
            Timeout = Timeout.InfiniteTimeSpan,
            CheckLocalId = (_, _) => ValueTask.FromResult(LocalIdAnswer.Accept()),
        };
        Task renewal = ends.RenewAsync(ends.Served, choosing);
        await Waiting.ForAsync(() => ends.Stores.HeldReadings == 1);
        if (detached)
            await ends.Server.DetachAsync(ends.Served.ControlKey).WaitAsync(Patience);
        await ends.Server.DisposeAsync();
        await renewal.ContinueWith(_ => { }, TaskScheduler.Default).WaitAsync(Patience);
        await Waiting.ForAsync(() => ends.Pool.Log.Contains("ended: ", StringComparison.Ordinal));
        held.SetResult();
        Assert.That(await ends.Asked.Socket.ReceiveAsync(new byte[1]).WaitAsync(Patience), Is.Zero, "a refused choice ends the session");
    }

    private static async Task<PoolError> RefusalAsync(Task refused) =>
        (await Assert.ThrowsAsync<TlsPoolException>(() => refused.WaitAsync(Patience)))!.Error;

    /// <summary>A session between two applications of one pool.</summary>
    private sealed class Ends(TestStores stores, HostedPool pool, TlsPoolClient server, TlsPoolClient client, TlsSession served, TlsSession asked) : IAsyncDisposable
    {
        internal TestStores Stores => stores;

        internal HostedPool Pool => pool;

        internal TlsPoolClient Server => server;

        internal TlsSession Served => served;

        internal TlsSession Asked => asked;

        internal static async Task<Ends> StartAsync(string configuration = "", StartTlsFlags flags = StartTlsFlags.None)
        {
            var stores = new TestStores(TestIdentity.Ecdsa("server.example"), TestIdentity.Ecdsa(User));
            HostedPool pool = await HostedPool.StartAsync(stores, configuration);
            var options = new TlsPoolClientOptions { SocketPath = pool.SocketPath };
            TlsPoolClient server = new(options), client = new(options);
            (Socket a, Socket b) = RawApplication.TcpPair();
            Task<TlsSession> serving = server.StartTlsAsync(a, StartTlsOptions.Server("server.example", StartTlsFlags.IgnoreRemoteId | flags));
            TlsSession asked = await client.StartTlsAsync(b, StartTlsOptions.Client("server.example") with { LocalId = User }).WaitAsync(Patience);
            return new Ends(stores, pool, server, client, await serving.WaitAsync(Patience), asked);
        }

        internal Task<ValidatedIdentities> RenewAsync(TlsSession session, StartTlsOptions options) =>
            (session == served ? server : client).RenegotiateAsync(session.ControlKey, options);

        internal async Task ExchangeAsync()
        {
            await PassAsync(served, asked);
            await PassAsync(asked, served);
        }

        public async ValueTask DisposeAsync()
        {
            served.Dispose();
            asked.Dispose();
            await client.DisposeAsync();
            await server.DisposeAsync();
            await pool.DisposeAsync();
        }

        private static async Task PassAsync(TlsSession from, TlsSession to)
        {
            byte[] got = new byte[4];
            await from.Socket.SendAsync("data"u8.ToArray());
            await new NetworkStream(to.Socket).ReadExactlyAsync(got).AsTask().WaitAsync(Patience);
            Assert.That(got, Is.EqualTo("data"u8.ToArray()));
        }
    }
}
