using System.Net.Sockets;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using Layout = TlsPool.Protocol.Frames.FrameLayout;

namespace TlsPool.Tests.Scenarios;

/// <summary>Answers to callbacks that nobody asked, that come twice, from somebody else, or say something else.</summary>
[Parallelizable]
public sealed class BadCallbacksTests : UnharmedPoolFixture
{
    [Test]
    public void A_callback_that_nobody_asked_is_refused()
    {
        using var application = new RawApplication(Pool.SocketPath);
        (Socket ours, Socket pools) = RawApplication.TcpPair();
        using (ours)
        using (pools)
            application.Send(1, 77, Command.PlaintextConnect, RawApplication.StartTls(ServerFlags, "server.example"), (int)pools.Handle);
        Assert.That(application.ReceiveError(1), Is.EqualTo(PoolError.CommandBadCallbackResponse));
        Assert.That(application.Ping());
    }

    [Test]
    public void Every_callback_id_may_be_guessed_in_vain()
    {
        using var application = new RawApplication(Pool.SocketPath);
        for (int round = 0; round < 65_535; round += 1000)
        {
            byte[][] guesses = [.. Enumerable.Range(round + 1, Math.Min(1000, 65_535 - round)).Select(id => RawApplication.Bytes(
                1, (ushort)id, Command.PlaintextConnect, RawApplication.StartTls(ServerFlags, "server.example")))];
            Task sending = Task.Run(() => Array.ForEach(guesses, guess => application.SendBytes(guess)));
            for (int i = 0; i < guesses.Length; i++)
                Assert.That(application.ReceiveError(1), Is.EqualTo(PoolError.CommandBadCallbackResponse));
            sending.Wait();
        }
    }

    [Test]
    public async Task A_callback_of_another_connection_is_refused_and_a_replayed_one_too()
    {
        using var application = new RawApplication(Pool.SocketPath);
        using var thief = new RawApplication(Pool.SocketPath);
        await using TlsPoolClient other = Pool.Client();
        (Task<TlsSession> asking, Frame asked) = StartUntil(application, other, Command.StartTlsLocalId);
        thief.Send(1, asked.CallbackId, Command.StartTlsLocalId, asked.Body);
        Assert.That(thief.ReceiveError(1), Is.EqualTo(PoolError.CommandBadCallbackResponse));
        // The owner's answer still counts, once.
        application.Send(1, asked.CallbackId, Command.StartTlsLocalId, asked.Body);
        application.Send(1, asked.CallbackId, Command.StartTlsLocalId, asked.Body);
        Command[] next = [application.Receive().Command, application.Receive().Command];
        Assert.That(next, Is.EquivalentTo(new[] { Command.Error, Command.PlaintextConnect }));
        using TlsSession session = await asking.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Test]
    public async Task Somebody_elses_plaintext_is_not_taken()
    {
        using var application = new RawApplication(Pool.SocketPath);
        using var thief = new RawApplication(Pool.SocketPath);
        await using TlsPoolClient other = Pool.Client();
        (Task<TlsSession> asking, Frame asked) = StartUntil(application, other, Command.PlaintextConnect);
        (Socket stolen, Socket offered) = RawApplication.TcpPair();
        using (stolen)
        {
            using (offered)
                thief.Send(1, asked.CallbackId, Command.PlaintextConnect, asked.Body, (int)offered.Handle);
            Assert.That(thief.ReceiveError(1), Is.EqualTo(PoolError.CommandBadCallbackResponse));
            // The pool has closed what the thief offered.
            Assert.That(await EndsAsync(stolen));
        }
        (Socket mine, Socket theirs) = RawApplication.TcpPair();
        using (mine)
        {
            using (theirs)
                application.Send(1, asked.CallbackId, Command.PlaintextConnect, asked.Body, (int)theirs.Handle);
            Assert.That(application.Receive().Command, Is.EqualTo(Command.StartTls));
            using TlsSession session = await asking.WaitAsync(TimeSpan.FromSeconds(20));
            session.Socket.Send("x"u8);
            Assert.That(mine.Receive(new byte[1]), Is.EqualTo(1));
        }
    }

    [TestCase(Command.StartTlsLocalId, Command.PlaintextConnect)]
    [TestCase(Command.StartTlsLocalId, Command.Success)]
    [TestCase(Command.StartTlsLocalId, Command.Ping)]
    [TestCase(Command.PlaintextConnect, Command.StartTls)]
    [TestCase(Command.PlaintextConnect, Command.StartTlsLocalId)]
    [TestCase(Command.PlaintextConnect, (Command)0x77)]
    public async Task An_answer_with_another_command_fails_the_session(Command asked, Command answered)
    {
        await FailsAsync(asked, answer => BitConverter.GetBytes((uint)answered).CopyTo(answer, Layout.Header.Command));
    }

    [TestCase(Command.StartTlsLocalId)]
    [TestCase(Command.PlaintextConnect)]
    public async Task An_answer_of_ERROR_refuses(Command asked)
    {
        PoolError error = await FailsAsync(
            asked, answer => BitConverter.GetBytes((uint)Command.Error).CopyTo(answer, Layout.Header.Command));
        Assert.That(error, Is.EqualTo(PoolError.ClientRefusesCallback));
    }

    [TestCase(Command.StartTlsLocalId)]
    [TestCase(Command.PlaintextConnect)]
    public async Task An_answer_with_an_endless_string_fails_the_session(Command asked)
    {
        await FailsAsync(asked, answer => answer.AsSpan(Frame.BodyOffset + Layout.StartTls.LocalId, Layout.IdentitySize).Fill((byte)'x'));
    }

    [TestCase(Command.StartTlsLocalId)]
    [TestCase(Command.PlaintextConnect)]
    public async Task An_answer_with_two_descriptors_fails_the_session(Command asked)
    {
        PoolError error = await FailsAsync(asked, _ => { }, descriptors: 2);
        Assert.That(error, Is.EqualTo(PoolError.SuperfluousSocket));
    }

    [Test]
    public async Task An_answer_without_a_plaintext_fails_the_session()
    {
        PoolError error = await FailsAsync(Command.PlaintextConnect, _ => { }, descriptors: 0);
        Assert.That(error, Is.EqualTo(PoolError.PlainSocketNeeded));
    }

    [Test]
    public async Task A_choice_of_an_identity_that_is_not_there_fails_the_session()
    {
        await FailsAsync(
            Command.StartTlsLocalId,
            answer => "nobody.example\0"u8.CopyTo(answer.AsSpan(Frame.BodyOffset + Layout.StartTls.LocalId)),
            descriptors: 0);
    }

    /// <summary>Answers a callback wrongly; the request has to fail, and the connection to go on.</summary>
    private async Task<PoolError> FailsAsync(Command asked, Action<byte[]> spoil, int descriptors = 1)
    {
        using var application = new RawApplication(Pool.SocketPath);
        await using TlsPoolClient other = Pool.Client();
        (Task<TlsSession> asking, Frame callback) = StartUntil(application, other, asked);
        byte[] answer = RawApplication.Bytes(1, callback.CallbackId, callback.Command, callback.Body);
        spoil(answer);
        (Socket mine, Socket theirs) = RawApplication.TcpPair();
        using (mine)
        {
            using (theirs)
                application.SendBytes(answer, [.. Enumerable.Repeat((int)theirs.Handle, descriptors)]);
            PoolError error = application.ReceiveError(1);
            Assert.That(await EndsAsync(mine));
            Assert.That(application.Ping());
            try
            {
                using TlsSession session = await asking.WaitAsync(TimeSpan.FromSeconds(20));
                Assert.That(await EndsAsync(session.Socket));
            }
            catch (TlsPoolException)
            {
                // The other side may have learnt of it while it was set up itself.
            }
            return error;
        }
    }
}
