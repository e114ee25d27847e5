using System.Net.Sockets;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>What clients show to whom: the daemon's decision, as the other side sees it.</summary>
[Parallelizable]
public sealed class DisclosureTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private PoolProcess _pool = null!;
    private TlsPoolClient _client = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _pool = await PoolProcess.StartAsync();
        await _pool.IdentityAsync("server.example");
        await _pool.IdentityAsync("john@a.example");
        await _pool.IdentityAsync("mary@a.example");
        await _pool.IdentityAsync("host.example", "--role", "server");
        _client = _pool.Client();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _client.DisposeAsync();
        await _pool.DisposeAsync();
    }

    [TearDown]
    public async Task Clear()
    {
        await _pool.TryAsync("disclose", "remove", ".example");
        await _pool.TryAsync("disclose", "remove", ".");
    }

    [TestCase("")]
    [TestCase("john@a.example")]
    public async Task Without_rules_the_other_side_sees_what_the_application_suggests(string suggestion) =>
        Assert.That(await SeenAsync(suggestion), Is.EqualTo(suggestion));

    [TestCase("", "john@a.example")]
    [TestCase("server.example", "john@a.example")]
    [TestCase("mary@a.example", "mary@a.example")]
    public async Task A_rule_fills_in_replaces_and_accepts(string suggestion, string seen)
    {
        await _pool.RunAsync("disclose", "add", ".example", "host.example", "john@a.example", "mary@a.example");
        Assert.That(await SeenAsync(suggestion), Is.EqualTo(seen), "host.example is no client");
        Assert.That(await SeenAsync(suggestion, remoteId: ""), Is.EqualTo(suggestion), "the rule is for others");
    }

    [Test]
    public async Task A_rule_hides_who_the_application_is()
    {
        await _pool.RunAsync("disclose", "add", ".", "--nobody");
        Assert.That(await SeenAsync("john@a.example"), Is.Empty);
        Assert.That(await SeenAsync("john@a.example", remoteId: ""), Is.Empty, "not saying with whom to talk is no way around");
    }

    [Test]
    public async Task A_ticket_of_an_earlier_session_does_not_tell_what_is_hidden_now()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        for (int i = 0; i < 2; i++)
            Assert.That((await SessionAsync("john@a.example", listener: listener)).RemoteId, Is.EqualTo("john@a.example"));
        await _pool.WaitForLogAsync("resumed yes");
        await _pool.RunAsync("disclose", "add", ".", "--nobody");
        Assert.That((await SessionAsync("john@a.example", listener: listener)).RemoteId, Is.Empty);
    }

    [Test]
    public async Task A_rule_refuses_before_anything_is_sent()
    {
        await _pool.RunAsync("disclose", "add", ".", "--refuse");
        (Socket near, Socket far) = RawApplication.TcpPair();
        using Socket peer = near;
        TlsPoolException? refused = await Assert.ThrowsAsync<TlsPoolException>(
            () => _client.StartTlsAsync(far, StartTlsOptions.Client("server.example") with { LocalId = "john@a.example" }).WaitAsync(Patience));
        Assert.That((refused!.Error, refused.Message), Is.EqualTo((PoolError.ConnectionDriverSetup, "the disclosure rule for . refuses to show john@a.example")));
        Assert.That(await peer.ReceiveAsync(new byte[100]).WaitAsync(Patience), Is.Zero, "not one byte");
        await _pool.WaitForAuditAsync("the disclosure rule for . refuses to show john@a.example", "--kind", "local-id-choice", "--decision", "refused");
        Assert.That(await SeenAsync(""), Is.Empty, "who suggests nobody is not refused");
    }

    [TestCase("mary@a.example", false)]
    [TestCase("john@a.example", true)]
    public async Task An_application_that_changes_its_mind_is_held_to_the_rules(string change, bool allowed)
    {
        await _pool.RunAsync("disclose", "add", ".", "john@a.example");
        StartTlsOptions changing = StartTlsOptions.Client("server.example") with
        {
            LocalId = "server.example",
            CheckLocalId = (_, _) => ValueTask.FromResult(LocalIdAnswer.Change(change)),
        };
        Task<TlsSession> session = SessionAsync(changing);
        if (allowed)
        {
            Assert.That((await session).RemoteId, Is.EqualTo(change));
            return;
        }
        TlsPoolException? refused = await Assert.ThrowsAsync<TlsPoolException>(() => session);
        Assert.That(refused!.Message, Does.Contain("the disclosure rule for . shows john@a.example, and not mary@a.example"));
    }

    private async Task<string> SeenAsync(string suggestion, string remoteId = "server.example") =>
        (await SessionAsync(suggestion, remoteId)).RemoteId;

    private Task<TlsSession> SessionAsync(string suggestion, string remoteId = "server.example", TcpListener? listener = null) =>
        SessionAsync(StartTlsOptions.Client(remoteId) with { LocalId = suggestion }, listener);

    /// <summary>Sets up a session; the result is the server's side of it.</summary>
    private async Task<TlsSession> SessionAsync(StartTlsOptions options, TcpListener? listener = null)
    {
        Socket near, far;
        if (listener is null)
        {
            (near, far) = RawApplication.TcpPair();
        }
        else
        {
            far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await far.ConnectAsync(listener.LocalEndpoint);
            near = await listener.AcceptSocketAsync();
        }
        Task<TlsSession> serving = _client.StartTlsAsync(near, StartTlsOptions.Server("server.example", StartTlsFlags.RequestRemoteId));
        Task<TlsSession> asking = _client.StartTlsAsync(far, options);
        try
        {
            using TlsSession asked = await asking.WaitAsync(Patience);
            using TlsSession served = await serving.WaitAsync(Patience);
            Assert.That(asked.LocalId, Is.EqualTo(served.RemoteId), "the application is told whom it is");
            // A ticket that comes after the handshake is in time for the next session.
            served.Socket.Send("x"u8);
            Assert.That(await asked.Socket.ReceiveAsync(new byte[1]).WaitAsync(Patience), Is.EqualTo(1));
            return served;
        }
        catch (TlsPoolException)
        {
            // What the client's side says is what the tests are about.
            (await serving.ContinueWith(ended => ended.IsCompletedSuccessfully ? ended.Result : null, TaskScheduler.Default).WaitAsync(Patience))?.Dispose();
            throw;
        }
    }
}
