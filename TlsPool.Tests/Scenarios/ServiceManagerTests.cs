using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using NUnit.Framework;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>The daemon under systemd, or whoever speaks like it: readiness, watchdog, activation; and units that systemd takes.</summary>
[Parallelizable]
public sealed class ServiceManagerTests
{
    [TestCase(false)]
    [TestCase(true)]
    public async Task Start_reload_life_and_end_are_told(bool isAbstract)
    {
        await using var pool = new Installation();
        string name = isAbstract ? "@" + Path.GetFileName(pool.Directory) : pool.PathOf("notify");
        using Socket manager = Listen(isAbstract ? '\0' + name[1..] : name);
        ChildProcess daemon = pool.Start(Installation.Program, [], new Dictionary<string, string> { ["NOTIFY_SOCKET"] = name, ["WATCHDOG_USEC"] = "1500000" });
        Assert.That(Next(manager), Is.EqualTo("READY=1"));
        Assert.That((await pool.PingAsync()).Facilities, Is.EqualTo(Facilities.StartTls));
        Assert.That(Next(manager), Is.EqualTo("WATCHDOG=1"));
        Assert.That(Next(manager), Is.EqualTo("WATCHDOG=1"));
        daemon.Signal("HUP");
        Assert.That(NextThatMatters(manager), Does.Match(@"^RELOADING=1\nMONOTONIC_USEC=[0-9]+$"));
        Assert.That(NextThatMatters(manager), Is.EqualTo("READY=1"));
        daemon.Signal("TERM");
        Assert.That(NextThatMatters(manager), Is.EqualTo("STOPPING=1"));
        Assert.That(await daemon.ExitAsync(), Is.Zero);
    }

    [Test]
    public async Task A_new_daemon_becomes_the_main_process_and_the_old_one_says_no_more()
    {
        await using var pool = new Installation();
        string name = pool.PathOf("notify");
        using Socket manager = Listen(name);
        ChannelReader<string> said = Hear(manager);
        ChildProcess daemon = pool.Start(Installation.Program, [], new Dictionary<string, string> { ["NOTIFY_SOCKET"] = name, ["WATCHDOG_USEC"] = "1500000" });
        Assert.That(await NextAsync(said), Is.EqualTo("READY=1"));
        // With a session it stays.
        await pool.RunAsync("identity", "generate", "a.example");
        using var application = new RawApplication(pool.SocketPath);
        (Socket near, Socket far) = RawApplication.TcpPair();
        using (near)
        using (far)
        {
            application.Send(1, 0, Command.StartTls, RawApplication.StartTls(StartTlsFlags.LocalRoleServer | StartTlsFlags.RemoteRoleClient, "a.example", timeout: uint.MaxValue), (int)far.Handle);
            Assert.That(application.Ping());
            string output = await pool.RunAsync("--hand-over");
            string main = await NextThatMattersAsync(said);
            Assert.That(main, Does.Match("^MAINPID=[0-9]+$"));
            Assert.That(output, Is.EqualTo($"process {main.Split('=')[1]} serves now\n"));
            Assert.That(await NextThatMattersAsync(said), Is.EqualTo("READY=1"));
            daemon.Signal("STOP");
            while (said.TryRead(out _))
            {
            }
            Assert.That(await NextAsync(said), Is.EqualTo("WATCHDOG=1"), "only the new one can have said that");
            daemon.Signal("CONT");
        }
        await Installation.WaitAsync(() => daemon.HasExited, "the old daemon ended");
        using var kill = System.Diagnostics.Process.Start("kill", [pool.Pid.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.That(await NextThatMattersAsync(said), Is.EqualTo("STOPPING=1"), "it is the first");
    }

    [Test]
    public async Task A_socket_of_the_manager_outlives_a_hand_over()
    {
        await using var pool = new Installation();
        ChildProcess daemon = Activate(pool, "Type => SOCK_STREAM, Listen => 64");
        await Installation.WaitAsync(() => File.Exists(pool.SocketPath), "the manager made the socket");
        using var application = new RawApplication(pool.SocketPath);
        Assert.That(application.Ping());
        await pool.RunAsync("--hand-over");
        await Installation.WaitAsync(() => daemon.HasExited, "the old daemon ended");
        Assert.That(application.Ping());
        Assert.That((await pool.PingAsync()).Facilities, Is.EqualTo(Facilities.StartTls));
        int second = pool.Pid;
        using var kill = System.Diagnostics.Process.Start("kill", [second.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await Installation.WaitAsync(() => !Installation.IsRunning(second), "the new daemon ended");
        Assert.That(File.Exists(pool.SocketPath), "the socket is the manager's");
    }

    [Test]
    public async Task A_socket_of_the_manager_is_served_and_left_alone()
    {
        await using var pool = new Installation();
        ChildProcess daemon = Activate(pool, "Type => SOCK_STREAM, Listen => 64");
        await Installation.WaitAsync(() => File.Exists(pool.SocketPath), "the manager made the socket");
        Assert.That((await pool.PingAsync()).Facilities, Is.EqualTo(Facilities.StartTls));
        daemon.Signal("TERM");
        Assert.That(await daemon.ExitAsync(), Is.Zero);
        Assert.That(File.Exists(pool.SocketPath), "the socket is the manager's");
    }

    [Test]
    public async Task A_socket_of_another_kind_is_refused()
    {
        await using var pool = new Installation();
        ChildProcess daemon = Activate(pool, "Type => SOCK_DGRAM");
        Assert.That(await daemon.ExitAsync(), Is.EqualTo(1));
        Assert.That(daemon.Output, Does.Contain("descriptor 3 of the service manager is not a listening UNIX stream socket"));
    }

    [Test]
    public async Task Sockets_of_another_process_are_not_taken()
    {
        await using var pool = new Installation();
        await pool.ServeAsync(environment: new Dictionary<string, string> { ["LISTEN_PID"] = "1", ["LISTEN_FDS"] = "1" });
        Assert.That((await pool.PingAsync()).Facilities, Is.EqualTo(Facilities.StartTls));
    }

    [TestCase("tlspool.service")]
    [TestCase("tlspool.socket")]
    public async Task The_units_are_good(string unit)
    {
        await using var pool = new Installation();
        foreach (string file in new[] { "tlspool.service", "tlspool.socket" })
        {
            string text = await File.ReadAllTextAsync(Path.Combine(TestContext.CurrentContext.TestDirectory, "deploy", file));
            await File.WriteAllTextAsync(pool.PathOf(file), text.Replace("/usr/bin/tlspool", Installation.Program, StringComparison.Ordinal));
        }
        (int code, string output) = await ChildProcess.RunAsync("systemd-analyze", ["verify", "--man=no", pool.PathOf(unit)]);
        Assert.That(code, Is.Zero, output);
        Assert.That(output, Does.Not.Contain("ignoring"));
    }

    /// <summary>Does what systemd does: makes a socket, and becomes the daemon with it as descriptor 3. Perl is part of every Debian.</summary>
    private static ChildProcess Activate(Installation pool, string socket) => pool.Start(
        "perl",
        [
            "-MIO::Socket::UNIX", "-MSocket", "-MPOSIX", "-e",
            $"$^F = 100; $s = IO::Socket::UNIX->new(Local => $ARGV[0], {socket}) or die; POSIX::dup2(fileno($s), 3); POSIX::close(fileno($s)) if fileno($s) != 3;"
            + "$ENV{LISTEN_PID} = $$; $ENV{LISTEN_FDS} = 1; exec $ARGV[1] or die",
            pool.SocketPath, Installation.Program,
        ]);

    private static Socket Listen(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 60_000 };
        socket.Bind(new UnixDomainSocketEndPoint(path));
        return socket;
    }

    private static string Next(Socket manager)
    {
        byte[] datagram = new byte[4096];
        return Encoding.UTF8.GetString(datagram, 0, manager.Receive(datagram));
    }

    private static string NextThatMatters(Socket manager)
    {
        string next;
        do
            next = Next(manager);
        while (next == "WATCHDOG=1");
        return next;
    }

    private static async Task<string> NextThatMattersAsync(ChannelReader<string> said)
    {
        string next;
        do
            next = await NextAsync(said);
        while (next == "WATCHDOG=1");
        return next;
    }

    private static Task<string> NextAsync(ChannelReader<string> said) => said.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));

    /// <summary>Takes what is said at once, as a manager does: the kernel keeps few datagrams.</summary>
    private static ChannelReader<string> Hear(Socket manager)
    {
        var said = Channel.CreateUnbounded<string>();
        var hearing = new Thread(() =>
        {
            try
            {
                while (true)
                    said.Writer.TryWrite(Next(manager));
            }
            catch (Exception over) when (over is SocketException or ObjectDisposedException)
            {
                said.Writer.TryComplete(over);
            }
        })
        { IsBackground = true };
        hearing.Start();
        return said.Reader;
    }
}
