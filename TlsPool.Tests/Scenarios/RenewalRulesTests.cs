using System.Net.Sockets;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>Whom a session may become in a renewal: the rules that hold for first handshakes hold there too.</summary>
[Parallelizable]
public sealed class RenewalRulesTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private PoolProcess _pool = null!;
    private TlsPoolClient _client = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _pool = await PoolProcess.StartAsync("tls_max_version 1.2\n");
        await _pool.IdentityAsync("server.example");
        await _pool.IdentityAsync("secret.example");
        await _pool.IdentityAsync("john@a.example");
        await _pool.IdentityAsync("mary@a.example");
        await _pool.RunAsync("access", "add", "secret.example", "--user", "nobody");
        _client = _pool.Client();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _client.DisposeAsync();
        await _pool.DisposeAsync();
    }

    [TearDown]
    public async Task Clear() => await _pool.TryAsync("disclose", "remove", "server.example");

    [Test]
    public async Task No_application_becomes_whom_it_may_not_be()
    {
        (TlsSession served, TlsSession asked) = await SessionAsync("john@a.example");
        using (served)
        using (asked)
        {
            await ExpectAsync(PoolError.ConnectionDriverSetup, served, Renewal("secret.example"));
            await ExpectAsync(PoolError.ConnectionDriverSetup, asked, Renewal("secret.example"));
            await ExpectAsync(PoolError.ConnectionDriverSetup, asked, Renewal("unknown@a.example"));
            await ExchangeAsync(served, asked);
            await _pool.WaitForAuditAsync("no access to secret.example", "--kind", "session-renewal", "--decision", "refused");
            // Half of the handshake is done when the application answers.
            await ExpectAsync(PoolError.StirredNotShaken, served, Renewal("") with { CheckLocalId = (_, _) => ValueTask.FromResult(LocalIdAnswer.Change("secret.example")) });
            Assert.That(await asked.Socket.ReceiveAsync(new byte[1]).WaitAsync(Patience), Is.Zero);
        }
    }

    [Test]
    public async Task A_client_becomes_only_whom_it_may_show()
    {
        (TlsSession served, TlsSession asked) = await SessionAsync("john@a.example", StartTlsFlags.RequestRemoteId);
        using (served)
        using (asked)
        {
            Assert.That(served.RemoteId, Is.EqualTo("john@a.example"));
            await _pool.RunAsync("disclose", "add", "server.example", "john@a.example");
            await ExpectAsync(PoolError.ConnectionDriverSetup, asked, Renewal("mary@a.example"));
            await ExchangeAsync(served, asked);
            Assert.That((await _client.RenegotiateAsync(asked.ControlKey, Renewal("")).WaitAsync(Patience)).LocalId, Is.EqualTo("john@a.example"));
        }
    }

    [TestCase(false, "john@a.example")]
    [TestCase(true, "")]
    public async Task A_server_that_asks_late_sees_what_may_be_shown_now(bool hidden, string seen)
    {
        (TlsSession served, TlsSession asked) = await SessionAsync("john@a.example");
        using (served)
        using (asked)
        {
            if (hidden)
                await _pool.RunAsync("disclose", "add", "server.example", "--nobody");
            ValidatedIdentities renewed = await _client
                .RenegotiateAsync(served.ControlKey, StartTlsOptions.Renewal(StartTlsFlags.RequestRemoteId)).WaitAsync(Patience);
            Assert.That(renewed.RemoteId, Is.EqualTo(seen));
            await ExchangeAsync(served, asked);
        }
    }

    private static StartTlsOptions Renewal(string localId) => StartTlsOptions.Renewal(StartTlsFlags.IgnoreRemoteId) with { LocalId = localId };

    private async Task ExpectAsync(PoolError error, TlsSession session, StartTlsOptions options) => Assert.That(
        (await Assert.ThrowsAsync<TlsPoolException>(() => _client.RenegotiateAsync(session.ControlKey, options).WaitAsync(Patience)))!.Error, Is.EqualTo(error));

    private async Task<(TlsSession Served, TlsSession Asked)> SessionAsync(string localId, StartTlsFlags flags = StartTlsFlags.IgnoreRemoteId)
    {
        (Socket a, Socket b) = RawApplication.TcpPair();
        Task<TlsSession> serving = _client.StartTlsAsync(a, StartTlsOptions.Server("server.example", flags));
        TlsSession asked = await _client.StartTlsAsync(b, StartTlsOptions.Client("server.example") with { LocalId = localId }).WaitAsync(Patience);
        return (await serving.WaitAsync(Patience), asked);
    }

    private static async Task ExchangeAsync(TlsSession one, TlsSession other)
    {
        byte[] got = new byte[4];
        await one.Socket.SendAsync("ping"u8.ToArray());
        await new NetworkStream(other.Socket).ReadExactlyAsync(got).AsTask().WaitAsync(Patience);
        await other.Socket.SendAsync(got);
        await new NetworkStream(one.Socket).ReadExactlyAsync(got).AsTask().WaitAsync(Patience);
        Assert.That(got, Is.EqualTo("ping"u8.ToArray()));
    }
}
