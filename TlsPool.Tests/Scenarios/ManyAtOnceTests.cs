using System.Diagnostics;
using System.Net.Sockets;
using NUnit.Framework;
using TlsPool.Protocol.Frames;

namespace TlsPool.Tests.Scenarios;

/// <summary>Applications that want too much, or do not listen.</summary>
[Parallelizable]
public sealed class ManyAtOnceTests : UnharmedPoolFixture
{
    private protected override string Configuration => "connection_max_requests 16384\n";

    [Test]
    public void Clients_that_never_read_lose_only_themselves_and_take_little_memory()
    {
        const int clients = 40;
        long before = Pool.Daemon.Memory;
        byte[] pings = [.. Enumerable.Range(1, 500).SelectMany(number => Ping((ushort)number))];
        var deaf = new List<RawApplication>();
        try
        {
            for (int i = 0; i < clients; i++)
            {
                var client = new RawApplication(Pool.SocketPath);
                deaf.Add(client);
                client.Socket.SendTimeout = 1;
                // Far more answers than any buffer in between takes.
                SendUntilStuck(client.Socket, pings, 60);
            }
            Assert.That(Pool.IsAlive());
            Assert.That(Pool.Daemon.Memory - before, Is.LessThan(clients * 1024), "kB, with all of them there");
        }
        finally
        {
            deaf.ForEach(client => client.Dispose());
        }
    }

    [Test]
    public void A_client_that_listens_late_gets_every_answer()
    {
        const int count = 20_000;
        using var late = new RawApplication(Pool.SocketPath);
        Task sending = Task.Run(() =>
        {
            for (int i = 0; i < count; i++)
                late.SendBytes(Ping((ushort)(i % 50_000)));
        });
        // It listens when it cannot say any more.
        long start = Stopwatch.GetTimestamp();
        while (!sending.IsCompleted && late.Socket.Poll(100_000, SelectMode.SelectWrite) && Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(20))
            Assert.That(Pool.IsAlive());
        for (int i = 0; i < count; i++)
            Assert.That(late.Receive().RequestId, Is.EqualTo((ushort)(i % 50_000)));
        Assert.That(sending.Wait(TimeSpan.FromSeconds(20)));
    }

    [Test]
    public void A_client_that_asks_about_keys_without_end_holds_up_nobody()
    {
        using var guesser = new RawApplication(Pool.SocketPath);
        byte[] guesses = [.. Enumerable.Range(1, 500).SelectMany(number => RawApplication.Bytes(
            (ushort)number, 0, Command.ControlReattach, new ControlMessage(0, ControlKey.Random(), "")))];
        guesser.Socket.SendTimeout = 1;
        SendUntilStuck(guesser.Socket, guesses, 100);
        Assert.That(Pool.IsAlive());
        using var other = new RawApplication(Pool.SocketPath);
        other.Send(1, 0, Command.ControlDetach, new ControlMessage(0, ControlKey.Random(), ""));
        Assert.That(other.ReceiveError(1), Is.EqualTo(PoolError.ControlKeyNotFound));
    }

    [Test]
    public void Two_thousand_connections_are_served()
    {
        var applications = new List<RawApplication>();
        try
        {
            for (int i = 0; i < 2000; i++)
                applications.Add(new RawApplication(Pool.SocketPath));
            Assert.That(applications.TrueForAll(application => application.Ping()));
            Assert.That(Pool.Daemon.Threads, Is.LessThan(60), "no thread per connection");
        }
        finally
        {
            applications.ForEach(application => application.Dispose());
        }
    }

    [Test]
    [Category("Soak")]
    public void Five_thousand_sessions_may_wait_for_their_peers()
    {
        using var application = new RawApplication(Pool.SocketPath);
        var peers = new List<Socket>();
        try
        {
            for (int i = 0; i < 5000; i++)
                peers.Add(StartSilent(application, (ushort)(i + 1), timeout: uint.MaxValue - 1));
            Assert.That(application.Ping());
            Assert.That(Pool.Daemon.Threads, Is.LessThan(60), "no thread per session");
            peers.ForEach(peer => peer.Dispose());
            peers.Clear();
            var ended = new HashSet<ushort>();
            for (int i = 0; i < 5000; i++)
                ended.Add(application.Receive().RequestId);
            Assert.That(ended, Has.Count.EqualTo(5000));
        }
        finally
        {
            peers.ForEach(peer => peer.Dispose());
        }
    }

    [Test]
    public async Task Five_thousand_sessions_end_with_their_application()
    {
        var application = new RawApplication(Pool.SocketPath);
        var peers = new List<Socket>();
        try
        {
            for (int i = 0; i < 5000; i++)
                peers.Add(StartSilent(application, 1, timeout: StartTlsMessage.TimeoutInfinite));
            Assert.That(application.Ping());
            application.Dispose();
            foreach (Socket peer in peers)
                Assert.That(await EndsAsync(peer));
        }
        finally
        {
            peers.ForEach(peer => peer.Dispose());
        }
    }

    [Test]
    public void A_session_of_a_silent_peer_ends_in_time()
    {
        using var application = new RawApplication(Pool.SocketPath);
        using Socket peer = StartSilent(application, 1, timeout: 300);
        long start = Stopwatch.GetTimestamp();
        Assert.That(application.ReceiveError(1), Is.EqualTo(PoolError.StirredNotShaken));
        Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(TimeSpan.FromSeconds(15)));
    }

    private static void SendUntilStuck(Socket socket, byte[] bytes, int rounds)
    {
        try
        {
            for (int i = 0; i < rounds; i++)
                socket.Send(bytes);
        }
        catch (SocketException)
        {
            // Dropped, or no longer listened to: both are right.
            return;
        }
    }
}
