using System.Net.Sockets;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;

namespace TlsPool.Tests.Scenarios;

/// <summary>Applications that leave, in every state of their sessions.</summary>
[Parallelizable]
public sealed class DisconnectTests : UnharmedPoolFixture
{
    private const int Rounds = 20;

    [Test]
    public async Task At_once_after_the_request()
    {
        for (int i = 0; i < Rounds; i++)
        {
            (Socket ours, Socket pools) = RawApplication.TcpPair();
            using (ours)
            {
                using (var application = new RawApplication(Pool.SocketPath))
                using (pools)
                    application.Send(1, 0, Command.StartTls, RawApplication.StartTls(ServerFlags, "server.example", timeout: 60_000), (int)pools.Handle);
                Assert.That(await EndsAsync(ours));
            }
        }
    }

    [Test]
    public async Task While_the_handshake_waits_for_the_peer()
    {
        for (int i = 0; i < Rounds; i++)
        {
            var application = new RawApplication(Pool.SocketPath);
            using Socket peer = StartSilent(application, 1, timeout: 60_000);
            Assert.That(application.Ping());
            application.Dispose();
            Assert.That(await EndsAsync(peer));
        }
    }

    [TestCase(Command.StartTlsLocalId, StartTlsFlags.None)]
    [TestCase(Command.StartTlsLocalId, StartTlsFlags.Fork)]
    [TestCase(Command.StartTlsLocalId, StartTlsFlags.Detach)]
    [TestCase(Command.PlaintextConnect, StartTlsFlags.None)]
    [TestCase(Command.PlaintextConnect, StartTlsFlags.Fork)]
    [TestCase(Command.PlaintextConnect, StartTlsFlags.Detach)]
    [TestCase(Command.StartTls, StartTlsFlags.None)]
    public async Task After_a_frame_the_session_ends(Command last, StartTlsFlags flags)
    {
        await using TlsPoolClient other = Pool.Client();
        for (int i = 0; i < Rounds; i++)
        {
            var application = new RawApplication(Pool.SocketPath);
            (Task<TlsSession> asking, _) = StartUntil(application, other, last, flags);
            application.Socket.Dispose();
            try
            {
                using TlsSession peer = await asking.WaitAsync(TimeSpan.FromSeconds(20));
                Assert.That(await EndsAsync(peer.Socket), $"the peer of a session after {last}");
            }
            catch (TlsPoolException)
            {
                Assert.That(last, Is.Not.EqualTo(Command.StartTls));
            }
            application.Dispose();
        }
    }

    [TestCase(StartTlsFlags.Fork)]
    [TestCase(StartTlsFlags.Detach)]
    [TestCase(StartTlsFlags.Fork | StartTlsFlags.Detach)]
    public async Task An_established_session_that_was_forked_or_detached_goes_on(StartTlsFlags flags)
    {
        await using TlsPoolClient other = Pool.Client();
        for (int i = 0; i < Rounds; i++)
        {
            using var application = new RawApplication(Pool.SocketPath);
            (Task<TlsSession> asking, _) = StartUntil(application, other, Command.StartTls, flags);
            application.Socket.Dispose();
            using TlsSession peer = await asking.WaitAsync(TimeSpan.FromSeconds(20));
            await StillTalksAsync(peer.Socket, application.Kept[0]);
        }
    }

    [Test]
    public async Task Control_that_was_given_up_in_the_last_frame_is_given_up()
    {
        await using TlsPoolClient other = Pool.Client();
        for (int i = 0; i < 10 * Rounds; i++)
        {
            using var application = new RawApplication(Pool.SocketPath);
            var key = ControlKey.Random();
            (Task<TlsSession> asking, _) = StartUntil(application, other, Command.StartTls, key: key);
            application.Send(2, 0, Command.ControlDetach, new ControlMessage(0, key, ""));
            application.Socket.Dispose();
            using TlsSession peer = await asking.WaitAsync(TimeSpan.FromSeconds(20));
            await StillTalksAsync(peer.Socket, application.Kept[0]);
        }
    }

    [Test]
    public async Task Control_that_was_taken_over_stays_with_the_new_controller()
    {
        await using TlsPoolClient other = Pool.Client();
        for (int i = 0; i < Rounds; i++)
        {
            using var successor = new RawApplication(Pool.SocketPath);
            using var application = new RawApplication(Pool.SocketPath);
            var key = ControlKey.Random();
            (Task<TlsSession> asking, _) = StartUntil(application, other, Command.StartTls, StartTlsFlags.Fork, key);
            application.Send(2, 0, Command.ControlDetach, new ControlMessage(0, key, ""));
            Assert.That(application.Receive().Command, Is.EqualTo(Command.Success));
            successor.Send(3, 0, Command.ControlReattach, new ControlMessage(0, key, ""));
            application.Socket.Dispose();
            Assert.That(successor.Receive().Command, Is.EqualTo(Command.Success));
            Assert.That(Pool.IsAlive());
            // Still the successor's: nobody else may take it, and it may give it up.
            using var thief = new RawApplication(Pool.SocketPath);
            thief.Send(4, 0, Command.ControlReattach, new ControlMessage(0, key, ""));
            Assert.That(thief.ReceiveError(4), Is.EqualTo(PoolError.ControlKeyAttached));
            successor.Send(5, 0, Command.ControlDetach, new ControlMessage(0, key, ""));
            Assert.That(successor.Receive().Command, Is.EqualTo(Command.Success));
            using TlsSession peer = await asking.WaitAsync(TimeSpan.FromSeconds(20));
            await StillTalksAsync(peer.Socket, application.Kept[0]);
        }
    }

    [Test]
    public async Task While_the_session_closes()
    {
        await using TlsPoolClient other = Pool.Client();
        for (int i = 0; i < Rounds; i++)
        {
            var application = new RawApplication(Pool.SocketPath);
            (Task<TlsSession> asking, Frame asked) = StartUntil(application, other, Command.PlaintextConnect);
            application.Send(1, asked.CallbackId, Command.Error, new ErrorMessage(PoolError.ClientRefusesCallback, "no"));
            application.Dispose();
            try
            {
                using TlsSession peer = await asking.WaitAsync(TimeSpan.FromSeconds(20));
                Assert.That(await EndsAsync(peer.Socket));
            }
            catch (TlsPoolException)
            {
                // The peer's own setup may notice it first.
                continue;
            }
        }
    }

    [Test]
    public async Task While_both_sides_have_data_that_nobody_reads()
    {
        await using TlsPoolClient other = Pool.Client();
        for (int i = 0; i < Rounds; i++)
        {
            var application = new RawApplication(Pool.SocketPath);
            (Task<TlsSession> asking, _) = StartUntil(application, other, Command.StartTls);
            using TlsSession peer = await asking.WaitAsync(TimeSpan.FromSeconds(20));
            Fill(peer.Socket);
            Fill(application.Kept[0]);
            application.Socket.Dispose();
            Assert.That(await EndsAsync(peer.Socket));
            application.Dispose();
        }
    }

    [Test]
    public void A_key_is_free_again_after_its_session_has_failed()
    {
        using var application = new RawApplication(Pool.SocketPath);
        var key = ControlKey.Random();
        for (int i = 0; i < Rounds; i++)
        {
            (Socket ours, Socket pools) = RawApplication.TcpPair();
            using (pools)
                application.Send(1, 0, Command.StartTls, RawApplication.StartTls(ServerFlags, "server.example", key: key), (int)pools.Handle);
            ours.Dispose();
            Assert.That(application.ReceiveError(1), Is.EqualTo(PoolError.StirredNotShaken));
        }
    }

    private static void Fill(Socket socket)
    {
        socket.Blocking = false;
        byte[] filling = new byte[1 << 20];
        while (socket.Poll(20_000, SelectMode.SelectWrite))
            socket.Send(filling, SocketFlags.None);
    }

    private static async Task StillTalksAsync(Socket one, Socket other)
    {
        byte[] got = new byte[4];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await one.SendAsync("ping"u8.ToArray(), limit.Token);
        Assert.That(await other.ReceiveAsync(got, limit.Token), Is.EqualTo(4));
        await other.SendAsync("pong"u8.ToArray(), limit.Token);
        Assert.That(await one.ReceiveAsync(got, limit.Token), Is.EqualTo(4));
    }
}
