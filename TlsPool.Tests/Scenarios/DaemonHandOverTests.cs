using System.Net.Sockets;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>Daemons that hand their place over to a new process while applications come and bytes flow.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class DaemonHandOverTests
{
    private const StartTlsFlags ServerFlags = StartTlsFlags.LocalRoleServer | StartTlsFlags.RemoteRoleClient | StartTlsFlags.IgnoreRemoteId;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Test]
    public async Task No_connection_is_refused_and_no_session_ends_from_one_daemon_to_the_next()
    {
        await using Installation pool = await InstallAsync("drain_timeout 0\n");
        ChildProcess first = await pool.ServeAsync();
        using var over = new CancellationTokenSource();
        Task<int> comers = Task.Run(() => ComeAndGo(pool, over.Token));
        await using TlsPoolClient application = Client(pool);
        await using TalkingSession session = await TalkingSession.StartAsync(application);
        int second = await HandOverAsync(pool);
        // A daemon that does nothing any more cannot be the one that serves.
        first.Signal("STOP");
        await using TlsPoolClient newcomer = Client(pool);
        await using TalkingSession young = await TalkingSession.StartAsync(newcomer);
        await young.TalkAsync();
        first.Signal("CONT");
        int third = await HandOverAsync(pool);
        Assert.That(new[] { first.Id, second, third }, Is.Unique);
        foreach (TalkingSession one in new[] { session, young })
            await one.TalkAsync();
        Assert.That((first.HasExited, Installation.IsRunning(second)), Is.EqualTo((false, true)), "they have sessions");
        await young.DisposeAsync();
        await Installation.WaitAsync(() => !Installation.IsRunning(second), "the second daemon ended with its last session");
        await session.TalkAsync();
        await session.DisposeAsync();
        await Installation.WaitAsync(() => first.HasExited, "the first daemon ended with its last session");
        await using (TalkingSession last = await TalkingSession.StartAsync(application))
            await last.TalkAsync();
        await over.CancelAsync();
        Assert.That(await comers.WaitAsync(Patience), Is.GreaterThan(0));
        Assert.That(pool.Pid, Is.EqualTo(third));
    }

    [Test]
    public async Task Applications_do_not_notice_that_their_connections_go_on_elsewhere()
    {
        await using Installation pool = await InstallAsync();
        ChildProcess first = await pool.ServeAsync();
        RawApplication[] idle = [.. Enumerable.Range(0, 500).Select(_ => new RawApplication(pool.SocketPath))];
        Assert.That(idle.All(one => one.Ping()));
        await HandOverAsync(pool);
        await Installation.WaitAsync(() => first.HasExited, "the first daemon ended");
        Assert.That(idle.All(one => one.Ping()));
        foreach (RawApplication one in idle)
            one.Dispose();
    }

    [Test]
    public async Task Frames_that_come_in_halves_while_daemons_change_are_answered()
    {
        await using Installation pool = await InstallAsync();
        ChildProcess first = await pool.ServeAsync();
        using var application = new RawApplication(pool.SocketPath);
        byte[] ping = RawApplication.Bytes(5, 0, Command.Ping, new PingMessage(PingMessage.IdentityV2, Facilities.StartTls));
        await using TlsPoolClient other = Client(pool);
        await using TalkingSession session = await TalkingSession.StartAsync(other);
        application.SendBytes(ping.AsSpan(0, 100));
        await HandOverAsync(pool);
        application.SendBytes(ping.AsSpan(100));
        Assert.That(application.Receive().RequestId, Is.EqualTo(5));
        await session.DisposeAsync();
        await Installation.WaitAsync(() => first.HasExited, "the first daemon ended");
        Assert.That(application.Ping(), "between two frames it could go on");
    }

    [Test]
    public async Task A_detached_session_is_taken_again_by_the_connection_that_left_it()
    {
        await using Installation pool = await InstallAsync();
        ChildProcess first = await pool.ServeAsync();
        await using TlsPoolClient application = Client(pool), other = Client(pool);
        await using TalkingSession session = await TalkingSession.StartAsync(application, other);
        await application.DetachAsync(session.Key);
        await HandOverAsync(pool);
        await first.WaitForAsync("handed over: this process ends after its 2 sessions");
        await application.ReattachAsync(session.Key);
        await session.TalkAsync();
        await using TlsPoolClient newcomer = Client(pool);
        TlsPoolException? unknown = await Assert.ThrowsAsync<TlsPoolException>(() => newcomer.ReattachAsync(session.Key));
        Assert.That(unknown!.Error, Is.EqualTo(PoolError.ControlKeyNotFound));
        await session.DisposeAsync();
        await Installation.WaitAsync(() => first.HasExited, "the first daemon ended");
    }

    [TestCase("-tls1_2", Category = "Soak")]
    [TestCase("-tls1_3")]
    public async Task A_client_resumes_at_the_new_daemon_what_it_began_at_the_old(string version)
    {
        await using Installation pool = await InstallAsync();
        ChildProcess first = await pool.ServeAsync();
        using Backend backend = Backend.Echo();
        ChildProcess tunnel = pool.Start(
            Installation.Program, ["tunnel", "--server", "--listen", pool.PathOf("tls.sock"), "--connect", backend.Address, "--local-id", "www.example"]);
        await tunnel.WaitForAsync("server tunnel:");
        string session = pool.PathOf("session");
        await TalkAsync(pool, version, "-sess_out", session);
        await HandOverAsync(pool);
        await Installation.WaitAsync(() => first.HasExited, "the first daemon ended");
        Assert.That(await TalkAsync(pool, version, "-sess_in", session), Does.Contain("Reused, TLSv1").And.Contains("hello"));
    }

    [Test]
    public async Task Programs_of_people_find_the_new_daemon()
    {
        await using Installation pool = await InstallAsync();
        ChildProcess first = await pool.ServeAsync();
        using var chooser = new RawApplication(pool.SocketPath);
        var registration = new LidEntryMessage(LidEntryFlags.None, 0, 60, "", "");
        chooser.Send(1, 0, Command.LidEntryRegister, registration);
        Assert.That(chooser.Ping());
        await HandOverAsync(pool);
        Assert.That(chooser.IsClosedByPool());
        await Installation.WaitAsync(() => first.HasExited, "the first daemon ended");
        using var again = new RawApplication(pool.SocketPath);
        again.Send(1, 0, Command.LidEntryRegister, registration);
        Assert.That(again.Ping(), "it is registered, and no error came first");
    }

    [Test]
    public async Task Sessions_end_sooner_if_the_configuration_says_so_or_the_old_daemon_is_told_to()
    {
        await using Installation pool = await InstallAsync("handover_timeout 1\ndrain_timeout 0\n");
        ChildProcess first = await pool.ServeAsync();
        await using TlsPoolClient application = Client(pool);
        await using (await TalkingSession.StartAsync(application))
        {
            await HandOverAsync(pool);
            await Installation.WaitAsync(() => first.HasExited, "the limit was kept");
        }
        pool.Configure("drain_timeout 0\n");
        int second = pool.Pid;
        await using (await TalkingSession.StartAsync(application))
        {
            int third = await HandOverAsync(pool);
            await first.WaitForAsync(log => log.Split("handed over: this process ends after").Length == 3);
            await Task.Run(() => System.Diagnostics.Process.Start("kill", [second.ToString(System.Globalization.CultureInfo.InvariantCulture)]).WaitForExit());
            await Installation.WaitAsync(() => !Installation.IsRunning(second), "the old daemon drained");
            Assert.That((pool.Pid, File.Exists(pool.SocketPath)), Is.EqualTo((third, true)), "nothing of the new one was removed");
            Assert.That((await pool.PingAsync()).Facilities, Is.EqualTo(Facilities.StartTls));
        }
    }

    [Test]
    public async Task The_PID_file_is_the_new_daemon_s()
    {
        await using Installation pool = await InstallAsync();
        ChildProcess first = await pool.ServeAsync();
        int second = await HandOverAsync(pool);
        Assert.That(pool.Pid, Is.EqualTo(second));
        Assert.That(await pool.RefuseAsync("-f"), Does.Contain($"a pool runs already, as process {second}"));
        await Installation.WaitAsync(() => first.HasExited, "the first daemon ended");
        Assert.That(pool.Pid, Is.EqualTo(second), "which leaves the file alone");
        ChildProcess third = await pool.ServeAsync(["-k"]);
        await Installation.WaitAsync(() => !Installation.IsRunning(second), "-k found the right one");
        third.Signal("USR2");
        await Installation.WaitAsync(() => pool.Pid != third.Id && pool.Pid != 0, "a signal asks for it too");
        await Installation.WaitAsync(() => third.HasExited, "the third daemon ended");
        Assert.That((await pool.PingAsync()).Facilities, Is.EqualTo(Facilities.StartTls));
    }

    [Test]
    public async Task Sockets_follow_the_new_configuration()
    {
        await using Installation pool = await InstallAsync();
        await using Installation other = new();
        pool.Configure($"socket_name {other.PathOf("old.sock")}\n");
        ChildProcess first = await pool.ServeAsync();
        using var application = new RawApplication(pool.SocketPath);
        pool.Configure($"socket_name {other.PathOf("new.sock")}\n");
        await HandOverAsync(pool);
        await Installation.WaitAsync(() => first.HasExited, "the first daemon ended");
        Assert.That((File.Exists(other.PathOf("old.sock")), application.Ping()), Is.EqualTo((false, true)));
        using var newcomer = new RawApplication(other.PathOf("new.sock"));
        Assert.That(newcomer.Ping());
    }

    private static async Task<Installation> InstallAsync(string configuration = "")
    {
        var pool = new Installation(configuration);
        await pool.RunAsync("identity", "generate", "www.example");
        await File.WriteAllTextAsync(pool.PathOf("www.pem"), await pool.RunAsync("identity", "show", "www.example", "--pem"));
        await pool.RunAsync("trust", "add", pool.PathOf("www.pem"));
        return pool;
    }

    private static TlsPoolClient Client(Installation pool) => new(new TlsPoolClientOptions { SocketPath = pool.SocketPath });

    /// <summary>Hands over; the result is the process that serves then.</summary>
    private static async Task<int> HandOverAsync(Installation pool)
    {
        string output = await pool.RunAsync("--hand-over");
        await Installation.WaitAsync(() => output == $"process {pool.Pid} serves now\n", $"the PID file says the same as: {output}");
        return pool.Pid;
    }

    /// <summary>Connects, asks and leaves, over and over; every failure is one too many.</summary>
    private static int ComeAndGo(Installation pool, CancellationToken over)
    {
        int served = 0;
        for (; !over.IsCancellationRequested; served++)
        {
            using var application = new RawApplication(pool.SocketPath);
            (Socket near, Socket far) = RawApplication.TcpPair();
            using (near)
            using (far)
            {
                Assert.That(application.Ping());
                application.Send(1, 0, Command.StartTls, RawApplication.StartTls(ServerFlags, "www.example"), (int)far.Handle);
                near.Shutdown(SocketShutdown.Send);
                Assert.That(application.ReceiveError(1), Is.EqualTo(PoolError.StirredNotShaken), "it was taken up");
            }
        }
        return served;
    }

    private static async Task<string> TalkAsync(Installation pool, params string[] options)
    {
        await using ChildProcess client = ChildProcess.Start("openssl", ["s_client", "-unix", pool.PathOf("tls.sock"), "-servername", "www.example", .. options]);
        await client.SayAsync("hello\n");
        await client.WaitForAsync("hello\n");
        await client.SayAsync("Q\n");
        client.Input.Close();
        await client.ExitAsync();
        return client.Output;
    }
}
