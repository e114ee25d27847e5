using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using NUnit.Framework;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>Starting, replacing, reloading and ending the daemon.</summary>
[Parallelizable]
public sealed class DaemonTests
{
    [Test]
    public async Task In_the_background_the_starter_returns_when_the_pool_serves_and_lets_go_of_the_terminal()
    {
        await using var pool = new Installation();
        (int code, string output) = await pool.TryAsync();
        Assert.That(code, Is.Zero, output);
        Assert.That(await pool.PingAsync(), Is.EqualTo(new PingMessage(PingMessage.IdentityV2, Facilities.StartTls)));
        // The starter's output ended, although the daemon runs: it has let go of it.
        await Installation.WaitAsync(
            () => Enumerable.Range(0, 3).All(number => new FileInfo($"/proc/{pool.Pid}/fd/{number}").LinkTarget == "/dev/null"), "standard streams are let go");
        string[] status = (await File.ReadAllTextAsync($"/proc/{pool.Pid}/stat")).Split(") ")[1].Split(' ');
        Assert.That(status[3], Is.EqualTo(pool.Pid.ToString(CultureInfo.InvariantCulture)), "it leads a session of its own");
        Assert.That(new DirectoryInfo($"/proc/{pool.Pid}/cwd").LinkTarget, Is.EqualTo("/"));
    }

    [Test]
    public async Task In_the_background_a_failure_to_start_is_the_starter_s()
    {
        await using var pool = new Installation("pkcs11_path /nowhere.so\n");
        string output = await pool.RefuseAsync();
        Assert.That(output, Does.Contain("tlspool: pkcs11_path /nowhere.so: there is no such file"));
        Assert.That(File.Exists(pool.SocketPath) || File.Exists(pool.PidFile), Is.False, "nothing is left behind");
    }

    [Test]
    public async Task A_bad_configuration_stops_the_start_with_file_line_and_what_is_allowed()
    {
        await using var pool = new Installation("log_filter SPAM\n");
        foreach (string[] arguments in new string[][] { [], ["-f"], ["--check"] })
            Assert.That(await pool.RefuseAsync(arguments), Does.Contain($"tlspool: {pool.ConfigurationFile}:5: log_filter takes * or a list of TLS, PKCS11"));
        pool.Configure("log_lefel INFO\nlog_level ERR\n");
        Assert.That(await pool.RunAsync("--check"), Does.Contain($"{pool.ConfigurationFile}:5: unknown keyword 'log_lefel' is ignored").And.Contains("is good"));
        // The log leaves out warnings, but who starts the daemon sees them.
        Assert.That(await pool.RunAsync(), Does.Contain($"{pool.ConfigurationFile}:5: unknown keyword 'log_lefel' is ignored"));
    }

    [Test]
    public async Task A_second_daemon_is_refused_and_k_replaces_the_first_while_its_sessions_go_on()
    {
        await using var pool = new Installation("drain_timeout 600\n");
        await pool.RunAsync("identity", "generate", "a.example");
        ChildProcess first = await pool.ServeAsync();
        using var application = new RawApplication(pool.SocketPath);
        (Socket near, Socket far) = Pair();
        // A handshake that nobody answers is a session too.
        application.Send(1, 0, Command.StartTls, RawApplication.StartTls(StartTlsFlags.LocalRoleServer | StartTlsFlags.RemoteRoleClient, "a.example", timeout: uint.MaxValue), (int)far.Handle);
        await first.WaitForAsync("Hosting started");
        Assert.That(await pool.RefuseAsync("-f"), Does.Contain($"a pool runs already, as process {first.Id}").And.Contains("tlspool -k"));
        ChildProcess second = await pool.ServeAsync(["-k"]);
        Assert.That(pool.Pid, Is.EqualTo(second.Id));
        Assert.That((await pool.PingAsync()).Facilities, Is.EqualTo(Facilities.StartTls));
        await first.WaitForAsync("1 sessions have 600 s to end");
        Assert.That(first.HasExited, Is.False);
        near.Dispose();
        Assert.That(await first.ExitAsync(), Is.Zero);
        far.Dispose();
        Assert.That((await pool.PingAsync()).Facilities, Is.EqualTo(Facilities.StartTls), "what the first one cleaned up was its own");
    }

    [Test]
    public async Task The_drain_has_a_limit_and_a_second_signal_cuts_it_short()
    {
        await using var pool = new Installation("drain_timeout 600\n");
        await pool.RunAsync("identity", "generate", "a.example");
        ChildProcess daemon = await pool.ServeAsync();
        using var application = new RawApplication(pool.SocketPath);
        (Socket near, Socket far) = Pair();
        using (near)
        using (far)
        {
            application.Send(1, 0, Command.StartTls, RawApplication.StartTls(StartTlsFlags.LocalRoleServer | StartTlsFlags.RemoteRoleClient, "a.example", timeout: uint.MaxValue), (int)far.Handle);
            Assert.That(application.Ping());
            daemon.Signal("TERM");
            await daemon.WaitForAsync("1 sessions have 600 s to end");
            Assert.That(File.Exists(pool.SocketPath), Is.False, "the socket is given up at once");
            daemon.Signal("TERM");
            Assert.That(await daemon.ExitAsync(), Is.Zero);
        }
    }

    [Test]
    public async Task A_daemon_that_was_killed_leaves_nothing_that_stops_the_next()
    {
        await using var pool = new Installation();
        await pool.RunAsync("identity", "generate", "a.example");
        ChildProcess first = await pool.ServeAsync();
        first.Signal("KILL");
        await first.ExitAsync();
        Assert.That(File.Exists(pool.SocketPath) && pool.Pid == first.Id);
        ChildProcess second = await pool.ServeAsync();
        Assert.That(pool.Pid, Is.EqualTo(second.Id));
        Assert.That(second.Output, Does.Contain("has 1 server identities"));
        Assert.That((await pool.PingAsync()).Facilities, Is.EqualTo(Facilities.StartTls));
    }

    [Test]
    public async Task A_number_in_the_PID_file_that_belongs_to_somebody_else_harms_nobody()
    {
        await using var pool = new Installation();
        ChildProcess stranger = pool.Start("sleep", ["600"]);
        await File.WriteAllTextAsync(pool.PidFile, $"{stranger.Id}\n");
        ChildProcess daemon = await pool.ServeAsync(["-k"]);
        Assert.That(pool.Pid, Is.EqualTo(daemon.Id));
        Assert.That(stranger.HasExited, Is.False);
        // Not even with a daemon running: the kernel knows who has the lock.
        await File.WriteAllTextAsync(pool.PidFile, $"{stranger.Id}\n");
        ChildProcess next = await pool.ServeAsync(["-k"]);
        Assert.That(await daemon.ExitAsync(), Is.Zero);
        Assert.That(pool.Pid, Is.EqualTo(next.Id));
        Assert.That(stranger.HasExited, Is.False);
    }

    [Test]
    public async Task Who_may_only_read_the_PID_file_cannot_keep_the_pool_from_starting()
    {
        await using var pool = new Installation();
        await File.WriteAllTextAsync(pool.PidFile, "1\n");
        ChildProcess squatter = pool.Start("flock", [pool.PidFile, "-c", "echo locked; sleep 600"]);
        await squatter.WaitForAsync("locked");
        await pool.ServeAsync();
        Assert.That((await pool.PingAsync()).Facilities, Is.EqualTo(Facilities.StartTls));
    }

    [Test]
    public async Task Of_two_that_start_at_once_one_serves()
    {
        await using var pool = new Installation();
        ChildProcess[] both = [pool.Start(), pool.Start()];
        await Installation.WaitAsync(() => both.Any(one => one.HasExited) && both.Any(one => one.Output.Contains("Hosting started", StringComparison.Ordinal)), "one serves and one has ended");
        ChildProcess serving = both.Single(one => !one.HasExited), refused = both.Single(one => one.HasExited);
        Assert.That(await refused.ExitAsync(), Is.EqualTo(1));
        Assert.That(refused.Output, Does.Contain("a pool runs already"));
        Assert.That(pool.Pid, Is.EqualTo(serving.Id));
        Assert.That((await pool.PingAsync()).Facilities, Is.EqualTo(Facilities.StartTls));
    }

    [Test]
    public async Task Neither_links_nor_other_files_are_overwritten_as_PID_file()
    {
        await using var pool = new Installation();
        string precious = pool.PathOf("precious");
        await File.WriteAllTextAsync(precious, "root:x:0:0\n");
        File.CreateSymbolicLink(pool.PidFile, precious);
        Assert.That(await pool.RefuseAsync("-f"), Does.Contain("it is a symbolic link, which is not followed"));
        File.Delete(pool.PidFile);
        File.Move(precious, pool.PidFile);
        Assert.That(await pool.RefuseAsync("-f"), Does.Contain("holds something else than a process number"));
        Assert.That(await File.ReadAllTextAsync(pool.PidFile), Is.EqualTo("root:x:0:0\n"));
    }

    [Test]
    public async Task The_socket_of_a_living_daemon_is_not_taken_by_one_with_another_PID_file()
    {
        await using var pool = new Installation();
        ChildProcess first = await pool.ServeAsync();
        pool.Configure($"daemon_pidfile {pool.PathOf("other")}\n");
        Assert.That(await pool.RefuseAsync("-f"), Does.Contain("a running program serves it"));
        Assert.That(File.Exists(pool.PathOf("other")), Is.False);
        Assert.That(first.HasExited, Is.False);
        Assert.That((await pool.PingAsync()).Facilities, Is.EqualTo(Facilities.StartTls));
    }

    [Test]
    public async Task A_reload_takes_what_can_change_says_what_cannot_and_keeps_the_old_state_for_a_bad_file()
    {
        await using var pool = new Installation();
        ChildProcess daemon = await pool.ServeAsync();
        pool.Configure($"deny_facilities starttls\nsocket_name {pool.PathOf("second.sock")}\nnonsense yes\n");
        daemon.Signal("HUP");
        await daemon.WaitForAsync("configuration read again");
        Assert.That((await pool.PingAsync()).Facilities, Is.EqualTo(Facilities.None));
        Assert.That(daemon.Output, Does.Contain("socket_name and its owner and mode changed: that takes effect when the daemon is started again")
            .And.Contains("tlspool.conf:7: unknown keyword 'nonsense' is ignored"));
        pool.Configure("allow_facilities everything\n");
        daemon.Signal("HUP");
        await daemon.WaitForAsync("the configuration stays as it was: " + pool.ConfigurationFile + ":5: allow_facilities takes");
        File.Delete(pool.ConfigurationFile);
        daemon.Signal("HUP");
        await daemon.WaitForAsync("tlspool.conf: cannot be read");
        Assert.That((await pool.PingAsync()).Facilities, Is.EqualTo(Facilities.None));
    }

    [Test]
    public async Task Signals_are_heard_although_the_starter_ignored_them()
    {
        await using var pool = new Installation();
        ChildProcess daemon = pool.Start("env", ["--ignore-signal=HUP", "--ignore-signal=TERM", Installation.Program, "-f"]);
        await daemon.WaitForAsync("Hosting started");
        daemon.Signal("HUP");
        await daemon.WaitForAsync("configuration read again");
        daemon.Signal("TERM");
        Assert.That(await daemon.ExitAsync(), Is.Zero);
    }

    [Test]
    public async Task Several_sockets_have_modes_of_their_own()
    {
        await using var pool = new Installation();
        pool.Configure($"socket_mode 0600\nsocket_name {pool.PathOf("b.sock")}\nsocket_mode 0666\nsocket_name {pool.PathOf("c.sock")}\n");
        await pool.ServeAsync();
        Assert.That(
            new[] { pool.SocketPath, pool.PathOf("b.sock"), pool.PathOf("c.sock") }.Select(path => (int)File.GetUnixFileMode(path)),
            Is.EqualTo(new[] { 0x1B0, 0x180, 0x1B6 }));
        foreach (string path in new[] { "b.sock", "c.sock" })
        {
            using var application = new RawApplication(pool.PathOf(path));
            Assert.That(application.Ping());
        }
    }

    [Test]
    public async Task Memory_is_out_of_reach()
    {
        await using var pool = new Installation();
        ChildProcess daemon = await pool.ServeAsync();
        Assert.That(await File.ReadAllTextAsync($"/proc/{daemon.Id}/limits"), Does.Match(@"Max core file size +0 +0"));
        Assert.That(await File.ReadAllTextAsync($"/proc/{daemon.Id}/status"), Does.Match(@"NoNewPrivs:\t1"));
        Assert.That(await File.ReadAllTextAsync("/proc/net/unix"), Does.Not.Contain($"dotnet-diagnostic-{daemon.Id}-"), "no port for debuggers");
        Assert.That(Directory.GetFiles(Path.GetTempPath(), $"*-{daemon.Id}-*"), Is.Empty, "nor what the first start made of it");
        Assert.That((await File.ReadAllTextAsync($"/proc/{daemon.Id}/cmdline")).Split('\0')[0], Does.EndWith("tlspool"));
    }

    [Test]
    public async Task A_key_log_comes_with_a_loud_warning_whatever_the_level()
    {
        await using var pool = new Installation();
        pool.Configure($"log_level EMERG\ntls_keylog_file {pool.PathOf("keys")}\n");
        ChildProcess daemon = pool.Start();
        await daemon.WaitForAsync($"CRIT DAEMON: TRAFFIC SECRETS ARE WRITTEN TO {pool.PathOf("keys")}");
        Assert.That((int)File.GetUnixFileMode(pool.PathOf("keys")), Is.EqualTo(0x180));
    }

    [Test]
    public async Task Out_of_descriptors_the_daemon_refuses_and_recovers()
    {
        await using var pool = new Installation();
        ChildProcess daemon = pool.Start("prlimit", ["--nofile=256:256", Installation.Program, "-f"]);
        await daemon.WaitForAsync("Hosting started");
        List<Socket> many = [];
        for (int i = 0; i < 400; i++)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(pool.SocketPath));
            many.Add(socket);
        }
        await Installation.WaitAsync(() => Directory.GetFiles($"/proc/{daemon.Id}/fd").Length > 250, "descriptors are used up");
        foreach (Socket socket in many)
            socket.Dispose();
        await Installation.WaitAsync(() => Directory.GetFiles($"/proc/{daemon.Id}/fd").Length < 200, "descriptors are given back");
        Assert.That((await pool.PingAsync()).Facilities, Is.EqualTo(Facilities.StartTls));
        Assert.That(daemon.HasExited, Is.False);
    }

    [Test]
    public async Task Ping_says_who_answers_or_that_nobody_does()
    {
        await using var pool = new Installation();
        Assert.That(await pool.RefuseAsync("ping"), Does.StartWith($"tlspool: no TLS Pool at {pool.SocketPath}"));
        await pool.ServeAsync();
        Assert.That(await pool.RunAsync("ping"), Does.Match(@"pool\.sock: 20151111api@tlspool\.arpa2\.net, starttls, [0-9.]+ ms"));
        using var answer = JsonDocument.Parse(await pool.RunAsync("ping", "--json", "--socket", pool.SocketPath));
        Assert.That(answer.RootElement.GetProperty("facilities").EnumerateArray().Select(one => one.GetString()), Is.EqualTo(new[] { "starttls" }));
    }

    private static (Socket Near, Socket Far) Pair()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        near.Connect(listener.LocalEndpoint);
        return (near, listener.AcceptSocket());
    }
}
