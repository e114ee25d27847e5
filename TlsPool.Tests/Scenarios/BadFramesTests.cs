using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>
/// What applications may do wrong, on purpose or not (behaviour.md, "Frames and connections"). After each case the daemon is alive, and has
/// no more descriptors and hardly more memory than before.
/// </summary>
public sealed class BadFramesTests
{
    private const StartTlsFlags ServerFlags = StartTlsFlags.LocalRoleServer | StartTlsFlags.RemoteRoleClient | StartTlsFlags.IgnoreRemoteId;
    private const StartTlsFlags ClientFlags = StartTlsFlags.LocalRoleClient | StartTlsFlags.RemoteRoleServer;
    private const long MemoryAllowance = 128 * 1024;

    private PoolProcess _pool = null!;
    private int _descriptors;
    private long _memory;

    [OneTimeSetUp]
    public async Task Start()
    {
        _pool = await PoolProcess.StartAsync("connection_max_requests 16384\n");
        await _pool.IdentityAsync("server.example");
        // What is made at the first use is no leak.
        using var first = new RawApplication(_pool.SocketPath);
        StartSilent(first, 1).Dispose();
        first.ReceiveError(1);
        Assert.That(_pool.IsAlive());
        await Task.Delay(300);
    }

    [OneTimeTearDown]
    public async Task Stop() => await _pool.DisposeAsync();

    [SetUp]
    public void Measure() => (_descriptors, _memory) = (_pool.Daemon.Descriptors, _pool.Daemon.Memory);

    [TearDown]
    public async Task Expect()
    {
        Assert.That(_pool.IsAlive());
        await _pool.ExpectDescriptorsAsync(_descriptors);
        Assert.That(_pool.Daemon.Memory - _memory, Is.LessThan(MemoryAllowance), "kB of memory");
    }

    [Test]
    public void Frames_in_single_bytes_are_frames()
    {
        using var application = new RawApplication(_pool.SocketPath);
        byte[] ping = Ping(7);
        foreach (byte one in ping)
            application.SendBytes([one]);
        Assert.That(application.Receive(), Is.EqualTo(new Frame(7, 0, Command.Ping, new PingMessage(PingMessage.IdentityV2, Facilities.StartTls))));
    }

    [Test]
    public void Frames_in_one_piece_are_frames()
    {
        using var application = new RawApplication(_pool.SocketPath);
        application.SendBytes([.. Enumerable.Range(1, 100).SelectMany(number => Ping((ushort)number))]);
        ushort[] answered = [.. Enumerable.Range(1, 100).Select(_ => application.Receive().RequestId)];
        Assert.That(answered, Is.EquivalentTo(Enumerable.Range(1, 100)));
    }

    [Test]
    public void Garbage_is_answered_with_errors_or_the_end()
    {
        var random = new Random(4711);
        for (int round = 0; round < 50; round++)
        {
            using var application = new RawApplication(_pool.SocketPath);
            byte[] garbage = new byte[Frame.Size * 5 + random.Next(Frame.Size)];
            random.NextBytes(garbage);
            application.SendBytes(garbage);
            application.Socket.Shutdown(SocketShutdown.Send);
            DrainErrors(application);
        }
    }

    [Test]
    public void Every_undefined_command_is_refused()
    {
        using var application = new RawApplication(_pool.SocketPath);
        HashSet<uint> defined = [.. Enum.GetValues<Command>().Select(command => (uint)command)];
        IEnumerable<uint> undefined = Enumerable.Range(0, 0x400).Select(number => (uint)number).Append(0x7fffffffu)
            .Where(number => !defined.Contains(number));
        foreach (uint number in undefined)
        {
            byte[] frame = Ping(9);
            BitConverter.GetBytes(number).CopyTo(frame, 4);
            application.SendBytes(frame);
            Assert.That(application.ReceiveError(9), Is.EqualTo(PoolError.CommandUnknown), $"command {number:x}");
        }
        Assert.That(application.Ping());
    }

    [TestCase(Command.PinEntry)]
    [TestCase(Command.Prng)]
    [TestCase(Command.LidEntryRegister)]
    public void Commands_that_come_later_are_not_implemented(Command command)
    {
        using var application = new RawApplication(_pool.SocketPath);
        byte[] frame = new byte[Frame.Size];
        frame[0] = 9;
        BitConverter.GetBytes((uint)command).CopyTo(frame, 4);
        application.SendBytes(frame);
        Assert.That(application.ReceiveError(9), Is.EqualTo(PoolError.CommandNotImplemented));
    }

    [Test]
    public void A_string_without_an_end_is_refused()
    {
        using var application = new RawApplication(_pool.SocketPath);
        byte[] frame = Ping(9);
        frame.AsSpan(Frame.BodyOffset).Fill((byte)'x');
        application.SendBytes(frame);
        Frame answer = application.Receive();
        Assert.That(answer.Command, Is.EqualTo(Command.Error));
        Assert.That(application.Ping());
    }

    [Test]
    public void A_session_needs_one_descriptor()
    {
        using var application = new RawApplication(_pool.SocketPath);
        application.Send(1, 0, Command.StartTls, RawApplication.StartTls(ServerFlags, "server.example"));
        Assert.That(application.ReceiveError(1), Is.EqualTo(PoolError.CipherSocketNeeded));
        (Socket ours, Socket pools) = RawApplication.TcpPair();
        using (ours)
        using (pools)
        {
            application.Send(2, 0, Command.StartTls, RawApplication.StartTls(ServerFlags, "server.example"), (int)pools.Handle, (int)pools.Handle);
            Assert.That(application.ReceiveError(2), Is.EqualTo(PoolError.SuperfluousSocket));
        }
    }

    [Test]
    public void A_command_that_takes_no_descriptor_refuses_many()
    {
        using var application = new RawApplication(_pool.SocketPath);
        (Socket ours, Socket pools) = RawApplication.TcpPair();
        using (ours)
        using (pools)
        {
            int number = (int)pools.Handle;
            for (int i = 0; i < 20; i++)
            {
                application.SendBytes(Ping(3), [.. Enumerable.Repeat(number, 100)]);
                application.Receive();
            }
        }
        Assert.That(application.Ping());
    }

    [TestCase("file")]
    [TestCase("listening")]
    [TestCase("datagram")]
    [TestCase("unconnected")]
    [TestCase("closed")]
    public void A_wrong_descriptor_is_refused(string kind)
    {
        using var application = new RawApplication(_pool.SocketPath);
        using var file = new FileStream("/etc/passwd", FileMode.Open, FileAccess.Read);
        using var listening = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listening.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listening.Listen();
        using var datagram = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        datagram.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var unconnected = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        (Socket ours, Socket closed) = RawApplication.TcpPair();
        ours.Dispose();
        using (closed)
        {
            nint descriptor = kind switch
            {
                "file" => file.SafeFileHandle.DangerousGetHandle(),
                "listening" => listening.Handle,
                "datagram" => datagram.Handle,
                "unconnected" => unconnected.Handle,
                _ => closed.Handle,
            };
            application.Send(1, 0, Command.StartTls, RawApplication.StartTls(ServerFlags, "server.example"), (int)descriptor);
            Assert.That(application.ReceiveError(1), Is.Not.EqualTo(PoolError.None));
        }
    }

    [Test]
    public void A_callback_that_nobody_asked_is_refused()
    {
        using var application = new RawApplication(_pool.SocketPath);
        (Socket ours, Socket pools) = RawApplication.TcpPair();
        using (ours)
        using (pools)
            application.Send(1, 77, Command.PlaintextConnect, RawApplication.StartTls(ServerFlags, "server.example"), (int)pools.Handle);
        Assert.That(application.Receive().Command, Is.EqualTo(Command.Error));
        Assert.That(application.Ping());
    }

    [Test]
    public async Task A_callback_of_another_connection_is_refused_and_a_replayed_one_too()
    {
        using var application = new RawApplication(_pool.SocketPath);
        using var thief = new RawApplication(_pool.SocketPath);
        await using TlsPoolClient other = _pool.Client();
        (Task<TlsSession> asking, Frame asked) = StartUntil(application, other, Command.StartTlsLocalId);
        thief.Send(1, asked.CallbackId, Command.StartTlsLocalId, asked.Body);
        Assert.That(thief.Receive().Command, Is.EqualTo(Command.Error));
        // The owner's answer still counts, once.
        application.Send(1, asked.CallbackId, Command.StartTlsLocalId, asked.Body);
        application.Send(1, asked.CallbackId, Command.StartTlsLocalId, asked.Body);
        Command[] next = [application.Receive().Command, application.Receive().Command];
        Assert.That(next, Is.EquivalentTo(new[] { Command.Error, Command.PlaintextConnect }));
        using TlsSession session = await asking.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Test]
    public void A_client_that_never_reads_loses_only_itself()
    {
        using var deaf = new RawApplication(_pool.SocketPath);
        deaf.Socket.SendTimeout = 3000;
        byte[] pings = [.. Enumerable.Range(1, 1000).SelectMany(number => Ping((ushort)number))];
        try
        {
            // Far more answers than any buffer in between takes.
            for (int i = 0; i < 60; i++)
                deaf.Socket.Send(pings);
        }
        catch (SocketException)
        {
            // Dropped, or no longer listened to: both are right.
        }
        Assert.That(_pool.IsAlive());
    }

    [Test]
    public void A_client_that_closes_its_sending_side_gets_its_answers()
    {
        using var application = new RawApplication(_pool.SocketPath);
        application.SendBytes([.. Ping(1), .. Ping(2), .. Ping(3)]);
        application.Socket.Shutdown(SocketShutdown.Send);
        Assert.That(Enumerable.Range(0, 3).Select(_ => application.Receive().RequestId), Is.EquivalentTo(new[] { 1, 2, 3 }));
        Assert.That(application.IsClosedByPool());
    }

    [Test]
    public void An_end_in_the_middle_of_a_frame_with_a_descriptor_leaks_nothing()
    {
        for (int i = 0; i < 100; i++)
        {
            using var application = new RawApplication(_pool.SocketPath);
            (Socket ours, Socket pools) = RawApplication.TcpPair();
            using (ours)
            using (pools)
                application.SendBytes(Ping(1).AsSpan(0, 100 + i), (int)pools.Handle);
        }
    }

    [Test]
    public void Two_thousand_connections_are_served()
    {
        var applications = new List<RawApplication>();
        try
        {
            for (int i = 0; i < 2000; i++)
                applications.Add(new RawApplication(_pool.SocketPath));
            Assert.That(applications.TrueForAll(application => application.Ping()));
        }
        finally
        {
            applications.ForEach(application => application.Dispose());
        }
    }

    [Test]
    public void Five_thousand_sessions_may_wait_for_their_peers()
    {
        using var application = new RawApplication(_pool.SocketPath);
        var peers = new List<Socket>();
        try
        {
            for (int i = 0; i < 5000; i++)
                peers.Add(StartSilent(application, (ushort)(i + 1), timeout: 60_000));
            Assert.That(application.Ping());
            Assert.That(_pool.Daemon.Threads, Is.LessThan(60), "no thread per session");
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
    public void A_number_that_is_in_use_twice_is_answered_twice()
    {
        using var application = new RawApplication(_pool.SocketPath);
        using Socket one = StartSilent(application, 5, timeout: 60_000);
        using Socket two = StartSilent(application, 5, timeout: 60_000);
        one.Dispose();
        two.Dispose();
        Assert.That(application.ReceiveError(5), Is.EqualTo(PoolError.StirredNotShaken));
        Assert.That(application.ReceiveError(5), Is.EqualTo(PoolError.StirredNotShaken));
    }

    [Test]
    public async Task An_application_may_leave_in_mid_handshake()
    {
        for (int i = 0; i < 20; i++)
        {
            var application = new RawApplication(_pool.SocketPath);
            using Socket peer = StartSilent(application, 1, timeout: 60_000);
            application.Dispose();
            Assert.That(await EndsAsync(peer));
        }
    }

    [TestCase(Command.StartTlsLocalId)]
    [TestCase(Command.PlaintextConnect)]
    [TestCase(Command.StartTls)]
    public async Task An_application_may_leave_after_every_frame(Command last)
    {
        await using TlsPoolClient other = _pool.Client();
        for (int i = 0; i < 20; i++)
        {
            var application = new RawApplication(_pool.SocketPath);
            (Task<TlsSession> asking, _) = StartUntil(application, other, last);
            application.Dispose();
            // Without FORK the session ends with its application, and the peer notices.
            try
            {
                using TlsSession peer = await asking.WaitAsync(TimeSpan.FromSeconds(20));
                Assert.That(await EndsAsync(peer.Socket), $"the peer of a session after {last}");
            }
            catch (TlsPoolException)
            {
                Assert.That(last, Is.Not.EqualTo(Command.StartTls));
            }
        }
    }

    [Test]
    public void A_session_of_a_silent_peer_ends_in_time()
    {
        using var application = new RawApplication(_pool.SocketPath);
        using Socket peer = StartSilent(application, 1, timeout: 300);
        long start = Stopwatch.GetTimestamp();
        Assert.That(application.ReceiveError(1), Is.EqualTo(PoolError.StirredNotShaken));
        Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(TimeSpan.FromSeconds(15)));
    }

    private static byte[] Ping(ushort number) =>
        RawApplication.Bytes(number, 0, Command.Ping, new PingMessage(PingMessage.IdentityV2, Facilities.StartTls));

    private static void DrainErrors(RawApplication application)
    {
        try
        {
            while (true)
                Assert.That(application.Receive().Command, Is.EqualTo(Command.Error));
        }
        catch (Exception ended) when (ended is EndOfStreamException or SocketException)
        {
            return;
        }
    }

    /// <summary>Starts a server session whose client says nothing.</summary>
    private static Socket StartSilent(RawApplication application, ushort request, uint timeout = 200)
    {
        (Socket ours, Socket pools) = RawApplication.TcpPair();
        using (pools)
            application.Send(request, 0, Command.StartTls, RawApplication.StartTls(ServerFlags, "server.example", timeout: timeout), (int)pools.Handle);
        return ours;
    }

    /// <summary>Brings a server session up to a frame; its TLS client is another application's session.</summary>
    private static (Task<TlsSession> Asking, Frame Last) StartUntil(RawApplication application, TlsPoolClient other, Command last)
    {
        (Socket ours, Socket pools) = RawApplication.TcpPair();
        using (pools)
            application.Send(1, 0, Command.StartTls, RawApplication.StartTls(ServerFlags | StartTlsFlags.LocalIdCheck, "server.example", timeout: 60_000), (int)pools.Handle);
        Task<TlsSession> asking = other.StartTlsAsync(ours, StartTlsOptions.Client("server.example"));
        while (true)
        {
            Frame frame = application.Receive();
            if (frame.Command == last)
                return (asking, frame);
            if (frame.Command == Command.StartTlsLocalId)
            {
                application.Send(1, frame.CallbackId, Command.StartTlsLocalId, frame.Body);
                continue;
            }
            Assert.That(frame.Command, Is.EqualTo(Command.PlaintextConnect));
            (Socket mine, Socket theirs) = RawApplication.TcpPair();
            using (mine)
            using (theirs)
                application.Send(1, frame.CallbackId, Command.PlaintextConnect, frame.Body, (int)theirs.Handle);
        }
    }

    private static async Task<bool> EndsAsync(Socket socket)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        byte[] buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer, limit.Token) > 0)
            {
            }
            return true;
        }
        catch (SocketException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
