using System.Net.Sockets;
using System.Text;
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
}
