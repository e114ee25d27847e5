using System.Net.Sockets;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.IO;

namespace TlsPool.Tests.Protocol.Client;

[TestFixture]
[Parallelizable]
public sealed class TlsPoolClientTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private ScriptedPool _pool = null!;
    private TlsPoolClient _client = null!;

    [SetUp]
    public void Start()
    {
        _pool = new ScriptedPool();
        _client = new TlsPoolClient(new TlsPoolClientOptions { SocketPath = _pool.Path });
    }

    [TearDown]
    public async Task Stop()
    {
        await _client.DisposeAsync();
        await _pool.DisposeAsync();
    }

    [Test]
    public async Task Ping_tells_identity_and_facilities()
    {
        Task<PingMessage> ping = _client.PingAsync(Facilities.StartTls | Facilities.StartSsh);
        ScriptedPool.Received asked = await _pool.NextAsync(Command.Ping);
        Assert.That(asked.Frame.Body, Is.EqualTo(new PingMessage(PingMessage.IdentityV2, Facilities.StartTls | Facilities.StartSsh)));
        var answer = new PingMessage("20260101pool@example.com", Facilities.StartTls);
        asked.Respond(Command.Ping, answer);
        Assert.That(await ping.WaitAsync(Patience), Is.EqualTo(answer));
    }

    [Test]
    public async Task Error_of_the_pool_is_an_exception_with_its_number_and_text()
    {
        Task detach = _client.DetachAsync(ControlKey.Random());
        (await _pool.NextAsync(Command.ControlDetach)).Respond(
            Command.Error, new ErrorMessage(PoolError.ControlKeyDetached, "detached already"));
        TlsPoolException? exception = await Assert.ThrowsAsync<TlsPoolException>(() => detach.WaitAsync(Patience));
        Assert.That((exception!.Error, exception.Message), Is.EqualTo((PoolError.ControlKeyDetached, "detached already")));
    }

    [Test]
    public async Task Detach_and_reattach_carry_the_control_key()
    {
        ControlKey key = ControlKey.Random();
        Task detach = _client.DetachAsync(key);
        ScriptedPool.Received asked = await _pool.NextAsync(Command.ControlDetach);
        Assert.That(((ControlMessage)asked.Frame.Body).ControlKey, Is.EqualTo(key));
        asked.Respond(Command.Success, EmptyMessage.Instance);
        await detach.WaitAsync(Patience);
        Task reattach = _client.ReattachAsync(key);
        asked = await _pool.NextAsync(Command.ControlReattach);
        Assert.That(((ControlMessage)asked.Frame.Body).ControlKey, Is.EqualTo(key));
        asked.Respond(Command.Success, EmptyMessage.Instance);
        await reattach.WaitAsync(Patience);
    }

    [Test]
    public async Task Requests_run_side_by_side_and_are_answered_in_any_order()
    {
        Task<PingMessage>[] pings = [.. Enumerable.Range(0, 200).Select(_ => _client.PingAsync())];
        var asked = new List<ScriptedPool.Received>();
        foreach (Task<PingMessage> _ in pings)
            asked.Add(await _pool.NextAsync(Command.Ping));
        Assert.That(asked.Select(received => received.Frame.RequestId), Is.Unique);
        asked.Reverse();
        foreach (ScriptedPool.Received received in asked)
            received.Respond(Command.Ping, new PingMessage($"{received.Frame.RequestId}", Facilities.None));
        PingMessage[] answers = await Task.WhenAll(pings).WaitAsync(Patience);
        Assert.That(answers.Select(answer => answer.Producer), Is.Unique);
    }

    [Test]
    public async Task Request_ids_are_used_again_only_when_free()
    {
        Task<PingMessage> held = _client.PingAsync();
        ScriptedPool.Received first = await _pool.NextAsync();
        _pool.Automatic = received => received.Respond(
            Command.Ping, new PingMessage(received.Frame.RequestId == first.Frame.RequestId ? "used twice" : "fine", Facilities.None));
        // More than there are numbers: the held one is passed over.
        for (int i = 0; i < 70_000 / 500; i++)
        {
            Task<PingMessage>[] pings = [.. Enumerable.Range(0, 500).Select(_ => _client.PingAsync())];
            PingMessage[] answers = await Task.WhenAll(pings).WaitAsync(Patience);
            Assert.That(answers.Select(answer => answer.Producer), Is.All.EqualTo("fine"));
        }
        first.Respond(Command.Ping, new PingMessage("held", Facilities.None));
        Assert.That((await held.WaitAsync(Patience)).Producer, Is.EqualTo("held"));
    }

    [Test]
    public async Task Cancelled_request_does_not_disturb_later_ones()
    {
        using var source = new CancellationTokenSource();
        Task<PingMessage> cancelled = _client.PingAsync(cancellation: source.Token);
        ScriptedPool.Received asked = await _pool.NextAsync(Command.Ping);
        await source.CancelAsync();
        Assert.That(async () => await cancelled.WaitAsync(Patience), Throws.InstanceOf<OperationCanceledException>());
        asked.Respond(Command.Ping, new PingMessage("late", Facilities.None));
        Task<PingMessage> next = _client.PingAsync();
        (await _pool.NextAsync(Command.Ping)).Respond(Command.Ping, new PingMessage("next", Facilities.None));
        Assert.That((await next.WaitAsync(Patience)).Producer, Is.EqualTo("next"));
    }

    [Test]
    public async Task Keying_material_and_facts_are_read()
    {
        ControlKey key = ControlKey.Random();
        Task<byte[]> prng = _client.PrngAsync(key, "EXPERIMENTAL x", [], 4);
        ScriptedPool.Received asked = await _pool.NextAsync(Command.Prng);
        Assert.That(((PrngMessage)asked.Frame.Body).TryReadRequest(out ControlKey sent, out _, out ReadOnlyMemory<byte>? context), Is.True);
        Assert.That((sent, context?.Length), Is.EqualTo((key, (int?)0)));
        asked.Respond(Command.Prng, new PrngMessage(0, 0, 4, new byte[] { 1, 2, 3, 4 }));
        Assert.That(await prng.WaitAsync(Patience), Is.EqualTo(new byte[] { 1, 2, 3, 4 }));

        Task<byte[]> info = _client.InfoAsync(key, InfoKind.PeerCertSubject);
        asked = await _pool.NextAsync(Command.Info);
        Assert.That(((InfoMessage)asked.Frame.Body).Length, Is.EqualTo(InfoMessage.Query));
        asked.Respond(Command.Info, new InfoMessage(key, InfoKind.PeerCertSubject, 2, new byte[] { 0x30, 0 }));
        Assert.That(await info.WaitAsync(Patience), Is.EqualTo(new byte[] { 0x30, 0 }));

        Task<bool> wrong = _client.CheckInfoAsync(key, InfoKind.PeerCertSubjectAltName, new byte[] { 1 });
        (await _pool.NextAsync(Command.Info)).Fail(PoolError.InfoNotFound);
        Assert.That(await wrong.WaitAsync(Patience), Is.False);
        Task<bool> right = _client.CheckInfoAsync(key, InfoKind.PeerCertSubjectAltName, new byte[] { 1 });
        asked = await _pool.NextAsync(Command.Info);
        asked.Respond(Command.Info, asked.Frame.Body);
        Assert.That(await right.WaitAsync(Patience), Is.True);
    }

    [Test]
    public async Task Fact_longer_than_its_field_is_refused()
    {
        Task<byte[]> info = _client.InfoAsync(ControlKey.Random(), InfoKind.PeerCertSubject);
        ScriptedPool.Received asked = await _pool.NextAsync(Command.Info);
        asked.Respond(Command.Info, (InfoMessage)asked.Frame.Body with { Length = 335 });
        await Assert.ThrowsAsync<TlsPoolException>(() => info.WaitAsync(Patience));
    }

    [Test]
    public async Task Answer_that_does_not_decode_fails_its_request_only()
    {
        Task<PingMessage> broken = _client.PingAsync();
        ScriptedPool.Received first = await _pool.NextAsync();
        // Only now: requests that wait for the connection together are sent in any order.
        Task<PingMessage> whole = _client.PingAsync();
        ScriptedPool.Received second = await _pool.NextAsync();
        byte[] bytes = new byte[Frame.Size];
        FrameCodec.Encode(first.Frame, bytes);
        bytes[4] = 0x77;
        first.Connection.Send(bytes);
        second.Respond(Command.Ping, new PingMessage("fine", Facilities.None));
        Assert.That((await whole.WaitAsync(Patience)).Producer, Is.EqualTo("fine"));
        TlsPoolException? nonsense = await Assert.ThrowsAsync<TlsPoolException>(() => broken.WaitAsync(Patience));
        Assert.That(nonsense!.Error, Is.EqualTo(PoolError.CommandUnknown));
    }

    [Test]
    public async Task Lost_connection_fails_open_requests_and_the_next_one_connects_again()
    {
        Task<PingMessage> open = _client.PingAsync();
        ScriptedPool.Received asked = await _pool.NextAsync();
        asked.Connection.Close();
        TlsPoolException? lost = await Assert.ThrowsAsync<TlsPoolException>(() => open.WaitAsync(Patience));
        Assert.That(lost!.Error, Is.EqualTo(PoolError.ClientDisconnect));
        Task<PingMessage> next = _client.PingAsync();
        (await _pool.NextAsync()).Respond(Command.Ping, new PingMessage("again", Facilities.None));
        Assert.That((await next.WaitAsync(Patience)).Producer, Is.EqualTo("again"));
    }

    [Test]
    public async Task Request_waits_for_a_pool_that_restarts()
    {
        Task<PingMessage> first = _client.PingAsync();
        (await _pool.NextAsync()).Respond(Command.Ping, new PingMessage("first", Facilities.None));
        await first.WaitAsync(Patience);
        Task<PingMessage> open = _client.PingAsync();
        await _pool.NextAsync();
        await _pool.DisposeAsync();
        await Assert.ThrowsAsync<TlsPoolException>(() => open.WaitAsync(Patience));
        Task<PingMessage> waiting = _client.PingAsync();
        Assert.That(waiting.IsCompleted, Is.False);
        _pool = new ScriptedPool(_pool.Path);
        (await _pool.NextAsync()).Respond(Command.Ping, new PingMessage("second", Facilities.None));
        Assert.That((await waiting.WaitAsync(Patience)).Producer, Is.EqualTo("second"));
    }

    [Test]
    public async Task Requests_that_wait_for_a_pool_that_stays_away_fail_together()
    {
        await using var client = new TlsPoolClient(new TlsPoolClientOptions
        {
            SocketPath = _pool.Path,
            ReconnectTime = TimeSpan.FromMilliseconds(400),
        });
        Task<PingMessage> first = client.PingAsync();
        (await _pool.NextAsync()).Respond(Command.Ping, new PingMessage("first", Facilities.None));
        await first.WaitAsync(Patience);
        Task<PingMessage> open = client.PingAsync();
        await _pool.NextAsync();
        await _pool.DisposeAsync();
        await Assert.ThrowsAsync<TlsPoolException>(() => open.WaitAsync(Patience));
        Task<PingMessage>[] waiting = [.. Enumerable.Range(0, 200).Select(_ => client.PingAsync())];
        foreach (Task<PingMessage> request in waiting)
        {
            TlsPoolException? lost = await Assert.ThrowsAsync<TlsPoolException>(() => request.WaitAsync(Patience));
            Assert.That(lost!.Error, Is.EqualTo(PoolError.ClientDisconnect));
        }
    }

    [Test]
    public async Task Disposing_ends_the_wait_for_a_pool()
    {
        var client = new TlsPoolClient(new TlsPoolClientOptions { SocketPath = _pool.Path, ReconnectTime = TimeSpan.FromHours(1) });
        Task<PingMessage> open = client.PingAsync();
        await _pool.NextAsync();
        await _pool.DisposeAsync();
        await Assert.ThrowsAsync<TlsPoolException>(() => open.WaitAsync(Patience));
        Task<PingMessage> waiting = client.PingAsync();
        await client.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting.WaitAsync(Patience));
    }

    [Test]
    public async Task Pool_that_is_not_there_is_reported_with_its_path()
    {
        await using var client = new TlsPoolClient(new TlsPoolClientOptions { SocketPath = _pool.Path + ".absent" });
        TlsPoolException? absent = await Assert.ThrowsAsync<TlsPoolException>(() => client.PingAsync().WaitAsync(Patience));
        Assert.Multiple(() =>
        {
            Assert.That(absent!.Error, Is.EqualTo(PoolError.ClientDisconnect));
            Assert.That(absent.Message, Does.Contain(_pool.Path + ".absent"));
        });
    }

    [Test]
    public async Task Disposed_client_fails_its_requests_and_takes_no_more()
    {
        Task<PingMessage> open = _client.PingAsync();
        await _pool.NextAsync();
        await _client.DisposeAsync();
        await Assert.ThrowsAsync<TlsPoolException>(() => open.WaitAsync(Patience));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _client.PingAsync().WaitAsync(Patience));
    }

    [Test]
    public async Task Clients_can_share_a_loop()
    {
        using var loop = new EventLoop("shared");
        _pool.Automatic = received => received.Respond(Command.Ping, new PingMessage("shared", Facilities.None));
        for (int i = 0; i < 3; i++)
        {
            await using var client = new TlsPoolClient(new TlsPoolClientOptions { SocketPath = _pool.Path, Loop = loop });
            Assert.That((await client.PingAsync().WaitAsync(Patience)).Producer, Is.EqualTo("shared"));
        }
    }

    [Test]
    public async Task Connecting_at_once_finds_out_at_once()
    {
        await using TlsPoolClient client = await TlsPoolClient.ConnectAsync(_pool.Path).WaitAsync(Patience);
        Assert.That(await _pool.AcceptedAsync(), Is.Not.Null);
        await Assert.ThrowsAsync<TlsPoolException>(() => TlsPoolClient.ConnectAsync(_pool.Path + ".absent").WaitAsync(Patience));
    }
}
