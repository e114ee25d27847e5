using System.Net.Sockets;
using System.Text;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.IO;

namespace TlsPool.Tests.Protocol.Client;

[TestFixture]
[Parallelizable]
public sealed class StartTlsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private ScriptedPool _pool = null!;
    private TlsPoolClient _client = null!;
    private Socket _near = null!;
    private Socket _far = null!;

    [SetUp]
    public async Task Start()
    {
        _pool = new ScriptedPool();
        _client = new TlsPoolClient(new TlsPoolClientOptions { SocketPath = _pool.Path });
        (_near, _far) = await Descriptors.ConnectedAsync();
    }

    [TearDown]
    public async Task Stop()
    {
        await _client.DisposeAsync();
        await _pool.DisposeAsync();
        _near.Dispose();
        _far.Dispose();
    }

    [Test]
    public async Task Session_joins_both_descriptors_and_tells_validated_identities()
    {
        StartTlsOptions options = StartTlsOptions.Client("www.example.com") with { Service = "http", Timeout = TimeSpan.FromSeconds(3) };
        Task<TlsSession> starting = _client.StartTlsAsync(_near, options);
        ScriptedPool.Received asked = await _pool.NextAsync(Command.StartTls);
        StartTlsMessage request = asked.StartTls;
        Assert.Multiple(() =>
        {
            Assert.That(request.Flags, Is.EqualTo(StartTlsFlags.LocalRoleClient | StartTlsFlags.RemoteRoleServer));
            Assert.That((request.RemoteId, request.Service, request.Timeout, request.IpProtocol), Is.EqualTo(("www.example.com", "http", 3000u, (byte)6)));
            Assert.That(request.ControlKey.IsZero, Is.False);
        });
        using Socket ciphertext = Descriptors.ToSocket(asked.Descriptor!);
        using Socket plaintext = await ConnectPlaintextAsync(asked, request with { LocalId = "me@example.com" });
        asked.Respond(Command.StartTls, request with { LocalId = "me@example.com" });
        using TlsSession session = await starting.WaitAsync(Patience);
        Assert.That((session.LocalId, session.RemoteId, session.ControlKey), Is.EqualTo(("me@example.com", "www.example.com", request.ControlKey)));

        await using NetworkStream stream = session.OpenStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes("hello"));
        byte[] buffer = new byte[16];
        Assert.That(await plaintext.ReceiveAsync(buffer), Is.EqualTo(5));
        await ciphertext.SendAsync(Encoding.ASCII.GetBytes("bye"));
        Assert.That(await _far.ReceiveAsync(buffer), Is.EqualTo(3));
    }

    [Test]
    public async Task Roles_become_flags()
    {
        (StartTlsOptions Options, StartTlsFlags Flags)[] cases =
        [
            (StartTlsOptions.Server("a.example", StartTlsFlags.Fork), StartTlsFlags.LocalRoleServer | StartTlsFlags.RemoteRoleClient | StartTlsFlags.Fork),
            (StartTlsOptions.Peer(), StartTlsFlags.BothRolesPeer),
            (StartTlsOptions.Peer() with { Timeout = Timeout.InfiniteTimeSpan }, StartTlsFlags.BothRolesPeer),
        ];
        foreach ((StartTlsOptions options, StartTlsFlags flags) in cases)
        {
            (SafeDescriptor near, SafeDescriptor far) = SocketPair.Create();
            using (far)
            {
                Task<TlsSession> starting = _client.StartTlsAsync(near, options);
                ScriptedPool.Received asked = await _pool.NextAsync(Command.StartTls);
                asked.Descriptor!.Dispose();
                asked.Fail(PoolError.StirredNotShaken);
                Assert.That(asked.StartTls.Flags, Is.EqualTo(flags));
                Assert.That(asked.StartTls.Timeout, Is.EqualTo(options.Timeout is null ? 0 : uint.MaxValue));
                await Assert.ThrowsAsync<TlsPoolException>(() => starting.WaitAsync(Patience));
            }
        }
    }

    [Test]
    public async Task Failed_handshake_is_an_exception_and_leaves_no_descriptor()
    {
        Task<TlsSession> starting = _client.StartTlsAsync(_near, StartTlsOptions.Client("www.example.com"));
        ScriptedPool.Received asked = await _pool.NextAsync(Command.StartTls);
        using Socket plaintext = await ConnectPlaintextAsync(asked, asked.StartTls);
        asked.Descriptor!.Dispose();
        asked.Fail(PoolError.StirredNotShaken);
        TlsPoolException? failed = await Assert.ThrowsAsync<TlsPoolException>(() => starting.WaitAsync(Patience));
        Assert.That(failed!.Error, Is.EqualTo(PoolError.StirredNotShaken));
        await AssertClosedAsync(_far);
        await AssertClosedAsync(plaintext);
    }

    [Test]
    public async Task Application_judges_each_local_identity()
    {
        var proposals = new List<string>();
        StartTlsOptions options = StartTlsOptions.Server() with
        {
            CheckLocalId = (proposal, _) =>
            {
                proposals.Add(proposal.LocalId);
                return ValueTask.FromResult(proposal.LocalId switch
                {
                    "bad.example" => LocalIdAnswer.Reject,
                    "near.example" => LocalIdAnswer.Change("right.example"),
                    _ => LocalIdAnswer.Accept(),
                });
            },
        };
        Task<TlsSession> starting = _client.StartTlsAsync(_near, options);
        ScriptedPool.Received asked = await _pool.NextAsync(Command.StartTls);
        Assert.That(asked.StartTls.Flags.HasFlag(StartTlsFlags.LocalIdCheck), Is.True);
        asked.Descriptor!.Dispose();
        string[] candidates = ["bad.example", "near.example", "fine.example"];
        var answers = new List<string>();
        foreach (string candidate in candidates)
        {
            asked.Callback(7, Command.StartTlsLocalId, asked.StartTls with { LocalId = candidate });
            ScriptedPool.Received answer = await _pool.NextAsync(Command.StartTlsLocalId);
            Assert.That(answer.Frame.CallbackId, Is.EqualTo(7));
            answers.Add(answer.StartTls.LocalId);
        }
        asked.Respond(Command.StartTls, asked.StartTls);
        using TlsSession session = await starting.WaitAsync(Patience);
        Assert.Multiple(() =>
        {
            Assert.That(proposals, Is.EqualTo(candidates));
            Assert.That(answers, Is.EqualTo(new[] { "", "right.example", "fine.example" }));
        });
    }

    [Test]
    public async Task Accepted_identity_may_come_with_the_plaintext_descriptor()
    {
        (SafeDescriptor ours, SafeDescriptor theirs) = SocketPair.Create();
        using Socket mine = Descriptors.ToSocket(ours);
        StartTlsOptions options = StartTlsOptions.Server() with { CheckLocalId = (_, _) => ValueTask.FromResult(LocalIdAnswer.Accept(theirs)) };
        Task<TlsSession> starting = _client.StartTlsAsync(_near, options);
        ScriptedPool.Received asked = await _pool.NextAsync(Command.StartTls);
        asked.Descriptor!.Dispose();
        asked.Callback(1, Command.StartTlsLocalId, asked.StartTls with { LocalId = "a.example" });
        ScriptedPool.Received answer = await _pool.NextAsync(Command.StartTlsLocalId);
        using Socket plaintext = Descriptors.ToSocket(answer.Descriptor!);
        asked.Respond(Command.StartTls, asked.StartTls);
        using TlsSession session = await starting.WaitAsync(Patience);
        Assert.That(() => session.Socket, Throws.InvalidOperationException);
        await plaintext.SendAsync(new byte[] { 42 });
        byte[] buffer = new byte[1];
        Assert.That(await mine.ReceiveAsync(buffer), Is.EqualTo(1));
    }

    [Test]
    public async Task Application_gives_its_own_plaintext_descriptor_once_identities_are_known()
    {
        (SafeDescriptor ours, SafeDescriptor theirs) = SocketPair.Create();
        using Socket mine = Descriptors.ToSocket(ours);
        ValidatedIdentities? told = null;
        StartTlsOptions options = StartTlsOptions.Server("a.example") with
        {
            ConnectPlaintext = (identities, _) =>
            {
                told = identities;
                return ValueTask.FromResult(theirs);
            },
        };
        Task<TlsSession> starting = _client.StartTlsAsync(_near, options);
        ScriptedPool.Received asked = await _pool.NextAsync(Command.StartTls);
        asked.Descriptor!.Dispose();
        using Socket plaintext = await ConnectPlaintextAsync(asked, asked.StartTls with { RemoteId = "you@example.org" });
        asked.Respond(Command.StartTls, asked.StartTls);
        using TlsSession session = await starting.WaitAsync(Patience);
        Assert.That((told!.LocalId, told.RemoteId, told.ControlKey), Is.EqualTo(("a.example", "you@example.org", asked.StartTls.ControlKey)));
        Assert.That(() => session.TakeDescriptor(), Throws.InvalidOperationException);
    }

    [Test]
    public async Task Exception_of_a_callback_refuses_it_and_is_told()
    {
        StartTlsOptions options = StartTlsOptions.Server("a.example") with
        {
            ConnectPlaintext = (_, _) => throw new TimeoutException("the backend is down"),
        };
        Task<TlsSession> starting = _client.StartTlsAsync(_near, options);
        ScriptedPool.Received asked = await _pool.NextAsync(Command.StartTls);
        asked.Descriptor!.Dispose();
        asked.Callback(3, Command.PlaintextConnect, asked.StartTls);
        ScriptedPool.Received refusal = await _pool.NextAsync(Command.Error);
        Assert.That((refusal.Frame.CallbackId, ((ErrorMessage)refusal.Frame.Body).Code), Is.EqualTo(((ushort)3, PoolError.ClientRefusesCallback)));
        asked.Fail(PoolError.ClientRefusesCallback);
        TlsPoolException? failed = await Assert.ThrowsAsync<TlsPoolException>(() => starting.WaitAsync(Patience));
        Assert.That(failed!.InnerException, Is.InstanceOf<TimeoutException>());
    }

    [Test]
    public async Task Identity_too_long_for_the_wire_is_the_callers_error_and_closes_the_descriptor()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => _client.StartTlsAsync(_near, StartTlsOptions.Client(new string('a', 128))).WaitAsync(Patience));
        await AssertClosedAsync(_far);
    }

    [Test]
    public async Task Cancelled_start_shuts_the_network_side_down_and_refuses_late_callbacks()
    {
        using var source = new CancellationTokenSource();
        Task<TlsSession> starting = _client.StartTlsAsync(_near, StartTlsOptions.Client("www.example.com"), source.Token);
        ScriptedPool.Received asked = await _pool.NextAsync(Command.StartTls);
        using Socket ciphertext = Descriptors.ToSocket(asked.Descriptor!);
        using Socket plaintext = await ConnectPlaintextAsync(asked, asked.StartTls);
        await source.CancelAsync();
        Assert.That(async () => await starting.WaitAsync(Patience), Throws.InstanceOf<OperationCanceledException>());
        await AssertClosedAsync(ciphertext);
        await AssertClosedAsync(plaintext);

        asked.Callback(9, Command.PlaintextConnect, asked.StartTls);
        ScriptedPool.Received refusal = await _pool.NextAsync(Command.Error);
        Assert.That(refusal.Frame.CallbackId, Is.EqualTo(9));
        asked.Respond(Command.StartTls, asked.StartTls);
        Task<PingMessage> ping = _client.PingAsync();
        (await _pool.NextAsync(Command.Ping)).Respond(Command.Ping, new PingMessage("alive", Facilities.None));
        Assert.That((await ping.WaitAsync(Patience)).Producer, Is.EqualTo("alive"));
    }

    [Test]
    public async Task Start_that_is_cancelled_before_it_begins_closes_the_descriptor()
    {
        Assert.That(
            async () => await _client.StartTlsAsync(_near, StartTlsOptions.Client("a.example"), new CancellationToken(true)).WaitAsync(Patience),
            Throws.InstanceOf<OperationCanceledException>());
        await AssertClosedAsync(_far);
    }

    [Test]
    public async Task Plaintext_of_a_callback_that_ends_after_cancellation_is_closed()
    {
        (SafeDescriptor ours, SafeDescriptor theirs) = SocketPair.Create();
        using Socket mine = Descriptors.ToSocket(ours);
        var called = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var source = new CancellationTokenSource();
        StartTlsOptions options = StartTlsOptions.Server("a.example") with
        {
            ConnectPlaintext = async (_, _) =>
            {
                called.SetResult();
                await go.Task;
                return theirs;
            },
        };
        Task<TlsSession> starting = _client.StartTlsAsync(_near, options, source.Token);
        ScriptedPool.Received asked = await _pool.NextAsync(Command.StartTls);
        asked.Descriptor!.Dispose();
        asked.Callback(1, Command.PlaintextConnect, asked.StartTls);
        await called.Task.WaitAsync(Patience);
        await source.CancelAsync();
        Assert.That(async () => await starting.WaitAsync(Patience), Throws.InstanceOf<OperationCanceledException>());
        go.SetResult();
        await _pool.NextAsync(Command.Error);
        await AssertClosedAsync(mine);
    }

    [Test]
    public async Task Lost_pool_fails_the_start_and_closes_both_ends()
    {
        Task<TlsSession> starting = _client.StartTlsAsync(_near, StartTlsOptions.Client("www.example.com"));
        ScriptedPool.Received asked = await _pool.NextAsync(Command.StartTls);
        using Socket plaintext = await ConnectPlaintextAsync(asked, asked.StartTls);
        asked.Descriptor!.Dispose();
        asked.Connection.Close();
        TlsPoolException? failed = await Assert.ThrowsAsync<TlsPoolException>(() => starting.WaitAsync(Patience));
        Assert.That(failed!.Error, Is.EqualTo(PoolError.ClientDisconnect));
        await AssertClosedAsync(plaintext);
        await AssertClosedAsync(_far);
    }

    [Test]
    public async Task Renegotiation_passes_no_descriptor()
    {
        ControlKey key = ControlKey.Random();
        Task<ValidatedIdentities> renewing = _client.RenegotiateAsync(key, StartTlsOptions.Client("www.example.com"));
        ScriptedPool.Received asked = await _pool.NextAsync(Command.StartTls);
        Assert.Multiple(() =>
        {
            Assert.That(asked.Descriptor, Is.Null);
            Assert.That(asked.StartTls.ControlKey, Is.EqualTo(key));
            Assert.That(asked.StartTls.Flags.HasFlag(StartTlsFlags.Renegotiate), Is.True);
        });
        asked.Respond(Command.StartTls, asked.StartTls with { RemoteId = "new@example.com" });
        Assert.That((await renewing.WaitAsync(Patience)).RemoteId, Is.EqualTo("new@example.com"));
    }

    [Test]
    public async Task Thousands_of_starts_at_once_need_no_thread_each()
    {
        const int Count = 3000;
        var asked = new List<ScriptedPool.Received>();
        int threads = ThreadPool.ThreadCount;
        var starting = new List<Task<TlsSession>>();
        var ends = new List<SafeDescriptor>();
        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < Count; i++)
        {
            (SafeDescriptor near, SafeDescriptor far) = SocketPair.Create();
            ends.Add(far);
            starting.Add(_client.StartTlsAsync(near, StartTlsOptions.Client("www.example.com")));
        }
        for (int i = 0; i < Count; i++)
        {
            asked.Add(await _pool.NextAsync(Command.StartTls));
            asked[i].Descriptor!.Dispose();
        }
        foreach (ScriptedPool.Received received in asked)
            received.Respond(Command.StartTls, received.StartTls);
        TlsSession[] sessions = await Task.WhenAll(starting).WaitAsync(Patience);
        long allocated = (GC.GetTotalAllocatedBytes(precise: true) - before) / Count;
        TestContext.Out.WriteLine($"{allocated} bytes allocated for each start, both sides and the test together");
        Assert.Multiple(() =>
        {
            Assert.That(sessions.Select(session => session.RemoteId), Is.All.EqualTo("www.example.com"));
            Assert.That(ThreadPool.ThreadCount - threads, Is.LessThan(64));
        });
        ends.ForEach(end => end.Dispose());
    }

    /// <summary>The pool asks for the plaintext descriptor; its end of it.</summary>
    private async Task<Socket> ConnectPlaintextAsync(ScriptedPool.Received asked, StartTlsMessage validated)
    {
        asked.Callback(5, Command.PlaintextConnect, validated);
        ScriptedPool.Received answer = await _pool.NextAsync(Command.PlaintextConnect);
        Assert.That(answer.Frame.CallbackId, Is.EqualTo(5));
        return Descriptors.ToSocket(answer.Descriptor!);
    }

    private static async Task AssertClosedAsync(Socket socket)
    {
        try
        {
            Assert.That(await socket.ReceiveAsync(new byte[1]).WaitAsync(Patience), Is.Zero);
        }
        catch (SocketException reset)
        {
            Assert.That(reset.SocketErrorCode, Is.EqualTo(SocketError.ConnectionReset));
        }
    }
}
