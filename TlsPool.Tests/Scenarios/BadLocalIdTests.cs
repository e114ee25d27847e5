using System.Net.Sockets;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;

namespace TlsPool.Tests.Scenarios;

/// <summary>Programs that choose local identities and do not keep to the protocol: only they and the session at hand come to harm.</summary>
[Parallelizable]
public sealed class BadLocalIdTests : UnharmedPoolFixture
{
    private const ushort Registration = 5;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private RawApplication _program = null!;
    private TlsPoolClient _client = null!;

    [SetUp]
    public void Connect()
    {
        _program = new RawApplication(Pool.SocketPath);
        _client = Pool.Client();
    }

    [TearDown]
    public async Task Disconnect()
    {
        await _client.DisposeAsync();
        _program.Dispose();
    }

    [Test]
    public async Task Wrong_command()
    {
        (Task<TlsSession> session, Frame question) = await AskedAsync();
        _program.Send(Registration, question.CallbackId, Command.PlaintextConnect, RawApplication.StartTls(StartTlsFlags.None));
        await ExpectRefusalAsync(session, "answered wrongly");
        await ExpectToGoOnAsync();
    }

    [Test]
    public async Task Unterminated_strings()
    {
        (Task<TlsSession> session, Frame question) = await AskedAsync();
        byte[] frame = RawApplication.Bytes(Registration, question.CallbackId, Command.LidEntryCallback, question.Body);
        frame.AsSpan(18, 256).Fill((byte)'a');
        _program.SendBytes(frame);
        await ExpectRefusalAsync(session, "localid");
        await ExpectToGoOnAsync();
    }

    [Test]
    public async Task A_descriptor_in_the_answer()
    {
        (Task<TlsSession> session, Frame question) = await AskedAsync();
        _program.Send(Registration, question.CallbackId, Command.LidEntryCallback, question.Body, (int)_program.Socket.Handle);
        await ExpectRefusalAsync(session, "descriptor");
        await ExpectToGoOnAsync();
    }

    [Test]
    public async Task Two_answers()
    {
        (Task<TlsSession> session, Frame question) = await AskedAsync();
        _program.Send(Registration, question.CallbackId, Command.LidEntryCallback, question.Body);
        _program.Send(Registration, question.CallbackId, Command.LidEntryCallback, ((LidEntryMessage)question.Body) with { LocalId = "server.example" });
        Assert.That(_program.ReceiveError(Registration), Is.EqualTo(PoolError.CommandBadCallbackResponse));
        using TlsSession established = await session.WaitAsync(Patience);
        Assert.That(established.LocalId, Is.Empty, "the first one counts");
    }

    [Test]
    public async Task An_answer_from_another_connection()
    {
        (Task<TlsSession> session, Frame question) = await AskedAsync();
        using (var other = new RawApplication(Pool.SocketPath))
        {
            other.Send(Registration, question.CallbackId, Command.LidEntryCallback, ((LidEntryMessage)question.Body) with { LocalId = "server.example" });
            Assert.That(other.ReceiveError(Registration), Is.EqualTo(PoolError.CommandBadCallbackResponse));
        }
        Assert.That(session.IsCompleted, Is.False);
        _program.Send(Registration, question.CallbackId, Command.LidEntryCallback, question.Body);
        using TlsSession established = await session.WaitAsync(Patience);
        Assert.That(established.LocalId, Is.Empty);
    }

    [Test]
    public async Task A_late_answer_is_swallowed()
    {
        (Task<TlsSession> session, Frame question) = await AskedAsync(seconds: 1);
        await ExpectRefusalAsync(session, "did not answer within 1 s");
        Assert.That(_program.ReceiveError(Registration), Is.EqualTo(PoolError.ClientRefusesCallback), "and has to register again");
        _program.Send(Registration, question.CallbackId, Command.LidEntryCallback, question.Body);
        await Pool.WaitForLogAsync("answered a callback too late");
        Assert.That(_program.Ping(), "there is no answer to a late answer");
        using TlsSession established = await SessionAsync().WaitAsync(Patience);
        Assert.That(established.LocalId, Is.Empty, "without a program nobody is asked");
    }

    [Test]
    public async Task A_program_that_dies_in_mid_sequence()
    {
        (Task<TlsSession> session, _) = await AskedAsync();
        Task<TlsSession> waiting = SessionAsync();
        _program.Dispose();
        await ExpectRefusalAsync(session, "went away");
        (await waiting.WaitAsync(Patience)).Dispose();
    }

    [Test]
    public async Task An_application_that_leaves_while_its_user_is_asked()
    {
        (Task<TlsSession> session, Frame question) = await AskedAsync();
        await _client.DisposeAsync();
        Assert.That(async () => await session.WaitAsync(Patience), Throws.InstanceOf<TlsPoolException>());
        _client = Pool.Client();
        Task<TlsSession> next = SessionAsync();
        _program.Send(Registration, question.CallbackId, Command.LidEntryCallback, question.Body);
        question = _program.Receive();
        _program.Send(Registration, question.CallbackId, Command.LidEntryCallback, question.Body);
        (await next.WaitAsync(Patience)).Dispose();
    }

    [Test]
    public void Callbacks_that_are_no_requests_and_registrations_with_descriptors_are_refused()
    {
        var offer = new LidEntryMessage((LidEntryFlags)uint.MaxValue, 0, uint.MaxValue, "", "");
        _program.Send(1, 0, Command.LidEntryCallback, offer);
        Assert.That(_program.ReceiveError(1), Is.EqualTo(PoolError.CommandBadCallbackResponse));
        _program.Send(2, 0, Command.LidEntryRegister, offer, (int)_program.Socket.Handle);
        Assert.That(_program.ReceiveError(2), Is.EqualTo(PoolError.SuperfluousSocket));
        _program.Send(3, 0, Command.LidEntryRegister, offer);
        // More than one connection may have unanswered at a time.
        for (int batch = 0; batch < 5; batch++)
        {
            for (ushort i = 0; i < 100; i++)
                _program.Send((ushort)(i + 10), 0, Command.LidEntryRegister, offer);
            for (ushort i = 0; i < 100; i++)
                Assert.That(_program.ReceiveError((ushort)(i + 10)), Is.EqualTo(PoolError.LidEntryNotVacant));
        }
    }

    /// <summary>Registers the program and starts a session; the result is the question about it.</summary>
    private async Task<(Task<TlsSession> Session, Frame Question)> AskedAsync(uint seconds = 60)
    {
        _program.Send(Registration, 0, Command.LidEntryRegister, new LidEntryMessage(LidEntryFlags.None, 0, seconds, "", ""));
        Assert.That(_program.Ping());
        // The registration is known when somebody else is refused.
        await Waiting.ForAsync(() =>
        {
            using var other = new RawApplication(Pool.SocketPath);
            other.Send(1, 0, Command.LidEntryRegister, new LidEntryMessage(LidEntryFlags.None, 0, 0, "", ""));
            return other.ReceiveError(1) == PoolError.LidEntryNotVacant;
        });
        Task<TlsSession> session = SessionAsync();
        Frame question = _program.Receive();
        Assert.That((question.RequestId, question.Command, ((LidEntryMessage)question.Body).RemoteId), Is.EqualTo((Registration, Command.LidEntryCallback, "server.example")));
        return (session, question);
    }

    private async Task<TlsSession> SessionAsync()
    {
        (Socket near, Socket far) = RawApplication.TcpPair();
        Task<TlsSession> serving = _client.StartTlsAsync(near, StartTlsOptions.Server("server.example", StartTlsFlags.IgnoreRemoteId) with { Timeout = Patience });
        try
        {
            return await _client.StartTlsAsync(far, StartTlsOptions.Client("server.example"));
        }
        finally
        {
            (await serving.ContinueWith(ended => ended.IsCompletedSuccessfully ? ended.Result : null, TaskScheduler.Default))?.Dispose();
        }
    }

    private static async Task ExpectRefusalAsync(Task<TlsSession> session, string reason)
    {
        TlsPoolException? refused = await Assert.ThrowsAsync<TlsPoolException>(() => session.WaitAsync(Patience));
        Assert.That((refused!.Error, refused.Message), Is.EqualTo((PoolError.ClientRefusesCallback, refused.Message)));
        Assert.That(refused.Message, Does.Contain(reason));
    }

    private async Task ExpectToGoOnAsync()
    {
        Task<TlsSession> session = SessionAsync();
        Frame question = _program.Receive();
        _program.Send(Registration, question.CallbackId, Command.LidEntryCallback, question.Body);
        (await session.WaitAsync(Patience)).Dispose();
    }
}
