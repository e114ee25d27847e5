using System.Net.Sockets;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.Interop;
using TlsPool.Protocol.IO;

namespace TlsPool.Tests.Scenarios;

/// <summary>Descriptors that are missing, too many, or not what a session can use: refused, closed, and nothing held up by them.</summary>
[Parallelizable]
public sealed class BadDescriptorsTests : UnharmedPoolFixture
{
    [Test]
    public void A_session_needs_one_descriptor()
    {
        using var application = new RawApplication(Pool.SocketPath);
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
    public void Descriptors_in_several_messages_of_one_frame_are_too_many()
    {
        using var application = new RawApplication(Pool.SocketPath);
        (Socket ours, Socket pools) = RawApplication.TcpPair();
        using (ours)
        using (pools)
        {
            byte[] start = RawApplication.Bytes(2, 0, Command.StartTls, RawApplication.StartTls(ServerFlags, "server.example"));
            foreach (byte one in start.AsSpan(0, 50))
                application.SendBytes([one], (int)pools.Handle);
            application.SendBytes(start.AsSpan(50));
            Assert.That(application.ReceiveError(2), Is.EqualTo(PoolError.SuperfluousSocket));
        }
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(253)]
    public void A_command_that_takes_no_descriptor_refuses_any(int count)
    {
        using var application = new RawApplication(Pool.SocketPath);
        (Socket ours, Socket pools) = RawApplication.TcpPair();
        using (ours)
        using (pools)
        {
            int number = (int)pools.Handle;
            for (int i = 0; i < 20; i++)
            {
                application.SendBytes(Ping(3), [.. Enumerable.Repeat(number, count)]);
                Assert.That(application.ReceiveError(3), Is.EqualTo(PoolError.SuperfluousSocket));
            }
        }
        Assert.That(application.Ping());
    }

    [TestCaseSource(typeof(PassedDescriptors), nameof(PassedDescriptors.Unusable))]
    public void A_ciphertext_that_is_no_connected_stream_socket_is_refused(string kind)
    {
        using var application = new RawApplication(Pool.SocketPath);
        using var descriptors = new PassedDescriptors();
        int descriptor = descriptors.Make(kind, Path.Combine(Pool.Directory, $"ciphertext-{kind}"));
        application.Send(1, 0, Command.StartTls, RawApplication.StartTls(ServerFlags, "server.example"), descriptor);
        Assert.That(application.ReceiveError(1), Is.EqualTo(PoolError.CipherSocketNeeded));
    }

    [TestCaseSource(typeof(PassedDescriptors), nameof(PassedDescriptors.Unusable))]
    public async Task A_plaintext_that_is_no_connected_stream_socket_is_refused(string kind)
    {
        using var application = new RawApplication(Pool.SocketPath);
        using var descriptors = new PassedDescriptors();
        await using TlsPoolClient other = Pool.Client();
        (Task<TlsSession> asking, Frame asked) = StartUntil(application, other, Command.PlaintextConnect);
        int descriptor = descriptors.Make(kind, Path.Combine(Pool.Directory, $"plaintext-{kind}"));
        application.Send(1, asked.CallbackId, Command.PlaintextConnect, asked.Body, descriptor);
        Assert.That(application.ReceiveError(1), Is.EqualTo(PoolError.PlainSocketNeeded));
        await PeerSeesTheEndAsync(asking);
    }

    [Test]
    public async Task A_plaintext_that_is_the_ciphertext_is_refused()
    {
        using var application = new RawApplication(Pool.SocketPath);
        await using TlsPoolClient other = Pool.Client();
        (Socket ours, Socket pools) = RawApplication.TcpPair();
        using (pools)
        {
            application.Send(1, 0, Command.StartTls, RawApplication.StartTls(ServerFlags, "server.example"), (int)pools.Handle);
            Task<TlsSession> asking = other.StartTlsAsync(ours, StartTlsOptions.Client("server.example"));
            Frame asked = application.Receive();
            application.Send(1, asked.CallbackId, Command.PlaintextConnect, asked.Body, (int)pools.Handle);
            Assert.That(application.ReceiveError(1), Is.EqualTo(PoolError.PlainSocketNeeded));
            await PeerSeesTheEndAsync(asking);
        }
    }

    [Test]
    public async Task A_session_whose_two_sides_are_the_ends_of_one_pair_ends_with_its_application()
    {
        await using TlsPoolClient other = Pool.Client();
        using (var application = new RawApplication(Pool.SocketPath))
        {
            (Socket near, Socket far) = RawApplication.TcpPair();
            using (near)
            using (far)
            {
                application.Send(1, 0, Command.StartTls, RawApplication.StartTls(ServerFlags, "server.example"), (int)far.Handle);
                Task<TlsSession> asking = other.StartTlsAsync(SafeDescriptor.DuplicateOf(near), StartTlsOptions.Client("server.example"));
                Frame asked = application.Receive();
                application.Send(1, asked.CallbackId, Command.PlaintextConnect, asked.Body, (int)near.Handle);
                Assert.That(application.Receive().RequestId, Is.EqualTo(1));
                await IgnoreAsync(asking);
                Assert.That(Pool.IsAlive());
            }
        }
    }

    [Test]
    public void A_peer_that_is_gone_already_fails_the_session()
    {
        using var application = new RawApplication(Pool.SocketPath);
        (Socket ours, Socket closed) = RawApplication.TcpPair();
        ours.Dispose();
        using (closed)
            application.Send(1, 0, Command.StartTls, RawApplication.StartTls(ServerFlags, "server.example"), (int)closed.Handle);
        Assert.That(application.ReceiveError(1), Is.EqualTo(PoolError.StirredNotShaken));
    }

    [Test]
    public async Task A_plaintext_whose_other_end_is_gone_already_ends_the_session()
    {
        using var application = new RawApplication(Pool.SocketPath);
        await using TlsPoolClient other = Pool.Client();
        (Task<TlsSession> asking, Frame asked) = StartUntil(application, other, Command.PlaintextConnect);
        (Socket mine, Socket theirs) = RawApplication.TcpPair();
        mine.LingerState = new LingerOption(true, 0);
        mine.Dispose();
        using (theirs)
            application.Send(1, asked.CallbackId, Command.PlaintextConnect, asked.Body, (int)theirs.Handle);
        Assert.That(application.Receive().RequestId, Is.EqualTo(1));
        await PeerSeesTheEndAsync(asking);
    }

    [Test]
    public async Task The_pools_own_socket_as_either_side_disturbs_nobody_else()
    {
        using var bystander = new RawApplication(Pool.SocketPath);
        await using TlsPoolClient other = Pool.Client();
        using (var application = new RawApplication(Pool.SocketPath))
        using (var victim = new RawApplication(Pool.SocketPath))
        {
            // The pool is its own TLS client here, and gets frames that it sent for records.
            application.Send(
                1, 0, Command.StartTls,
                RawApplication.StartTls(StartTlsFlags.LocalRoleClient | StartTlsFlags.RemoteRoleServer, timeout: 500), (int)victim.Socket.Handle);
            Assert.That(application.ReceiveError(1), Is.EqualTo(PoolError.StirredNotShaken));
        }
        using (var application = new RawApplication(Pool.SocketPath))
        using (var victim = new RawApplication(Pool.SocketPath))
        {
            (Task<TlsSession> asking, Frame asked) = StartUntil(application, other, Command.PlaintextConnect);
            application.Send(1, asked.CallbackId, Command.PlaintextConnect, asked.Body, (int)victim.Socket.Handle);
            Assert.That(application.Receive().Command, Is.EqualTo(Command.StartTls));
            using TlsSession session = await asking.WaitAsync(TimeSpan.FromSeconds(20));
            session.Socket.Send(Ping(7));
            byte[] answer = new byte[Frame.Size];
            session.Socket.ReceiveTimeout = 20_000;
            for (int have = 0; have < answer.Length;)
                have += session.Socket.Receive(answer, have, answer.Length - have, SocketFlags.None);
            Assert.That(FrameCodec.Decode(answer).Frame?.Command, Is.EqualTo(Command.Ping));
        }
        Assert.That(bystander.Ping());
    }

    [Test]
    public void A_socket_in_two_sessions_fails_both_at_most()
    {
        using var application = new RawApplication(Pool.SocketPath);
        (Socket ours, Socket pools) = RawApplication.TcpPair();
        using (pools)
        {
            for (ushort request = 1; request <= 3; request++)
                application.Send(
                    request, 0, Command.StartTls, RawApplication.StartTls(ServerFlags, "server.example", timeout: 60_000), (int)pools.Handle);
        }
        Assert.That(application.Ping());
        ours.Dispose();
        Assert.That(Enumerable.Range(0, 3).Select(_ => application.Receive().RequestId), Is.EquivalentTo(new[] { 1, 2, 3 }));
    }

    [Test]
    public void A_socket_that_wants_to_linger_holds_up_nobody()
    {
        using var application = new RawApplication(Pool.SocketPath);
        var peers = new List<Socket>();
        try
        {
            // More than there are loops, each with unsent bytes and a wish to wait for an hour when it is closed.
            for (ushort request = 1; request <= 8; request++)
            {
                (Socket ours, Socket pools) = RawApplication.TcpPair();
                peers.Add(ours);
                int descriptor = FullAndLingering(pools);
                application.Send(request, 0, Command.StartTls, RawApplication.StartTls(ServerFlags, "server.example", timeout: 200), descriptor);
                // Not the last close of it: that one is the pool's.
                _ = Libc.close(descriptor);
            }
            for (int i = 0; i < 8; i++)
                Assert.That(application.Receive().Command, Is.EqualTo(Command.Error));
            Assert.That(application.Ping());
        }
        finally
        {
            peers.ForEach(peer => peer.Dispose());
        }
    }

    /// <summary>A descriptor of the socket when that can send no more.</summary>
    private static unsafe int FullAndLingering(Socket socket)
    {
        byte[] filling = new byte[1 << 20];
        socket.Blocking = false;
        while (socket.Poll(0, SelectMode.SelectWrite))
            socket.Send(filling, SocketFlags.None);
        socket.Blocking = true;
        int descriptor = SafeDescriptor.DuplicateOf(socket).Detach();
        // .NET has its own way with sockets that linger.
        socket.Dispose();
        long linger = 1 | (3600L << 32);
        if (Libc.setsockopt(descriptor, Libc.SOL_SOCKET, Libc.SO_LINGER, &linger, sizeof(long)) != 0)
            throw new SocketException(Libc.LastError);
        return descriptor;
    }

    private static async Task PeerSeesTheEndAsync(Task<TlsSession> asking)
    {
        try
        {
            using TlsSession session = await asking.WaitAsync(TimeSpan.FromSeconds(20));
            Assert.That(await EndsAsync(session.Socket));
        }
        catch (TlsPoolException)
        {
            // It may learn of the end while it is set up itself.
            return;
        }
    }

    private static async Task IgnoreAsync(Task<TlsSession> asking)
    {
        try
        {
            (await asking.WaitAsync(TimeSpan.FromSeconds(20))).Dispose();
        }
        catch (TlsPoolException)
        {
            // Its records go round in a circle: any outcome is right.
            return;
        }
    }
}
