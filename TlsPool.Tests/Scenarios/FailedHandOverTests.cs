using NUnit.Framework;
using TlsPool.Actors.Hosting.Succession;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>Hand-overs of the daemon that come to nothing: the one that runs goes on; and those that somebody disturbs.</summary>
[Parallelizable]
public sealed class FailedHandOverTests
{
    [TestCase("pkcs11_path /nowhere.so\n", "pkcs11_path /nowhere.so: there is no such file")]
    [TestCase("socket_name /nowhere/pool.sock\n", "socket_name /nowhere/pool.sock: its directory does not exist")]
    public async Task A_successor_that_cannot_serve_says_why_and_the_daemon_goes_on(string lines, string reason)
    {
        await using var pool = new Installation();
        ChildProcess daemon = await pool.ServeAsync();
        using var application = new RawApplication(pool.SocketPath);
        for (int i = 0; i < 2; i++)
        {
            pool.Configure(lines);
            Assert.That(await pool.RefuseAsync("--hand-over"), Does.Contain("no hand-over, the running daemon goes on: ").And.Contains(reason));
            await daemon.WaitForAsync($"ERR DAEMON: no hand-over, this daemon goes on: {reason}");
            Assert.That(application.Ping());
            Assert.That((await pool.PingAsync()).Facilities, Is.EqualTo(Facilities.StartTls));
            Assert.That(pool.Pid, Is.EqualTo(daemon.Id));
        }
        pool.Configure("");
        await pool.RunAsync("--hand-over");
        Assert.That(application.Ping());
        Assert.That(pool.Pid, Is.Not.EqualTo(daemon.Id));
    }

    [TestCase("log_filter SPAM\n", "tlspool.conf:5: log_filter takes * or a list of")]
    [TestCase("daemon_pidfile /tmp/elsewhere\n", "daemon_pidfile has changed, which takes a restart: 'tlspool -k'")]
    public async Task Who_asks_by_a_signal_finds_the_reason_in_the_log(string lines, string reason)
    {
        await using var pool = new Installation();
        ChildProcess daemon = await pool.ServeAsync();
        pool.Configure(lines);
        daemon.Signal("USR2");
        string log = await daemon.WaitForAsync("no hand-over, this daemon goes on: ");
        Assert.That(log, Does.Contain(reason));
        Assert.That((await pool.PingAsync()).Facilities, Is.EqualTo(Facilities.StartTls));
        Assert.That(pool.Pid, Is.EqualTo(daemon.Id));
    }

    [Test]
    public async Task The_program_that_is_installed_now_is_started()
    {
        await using var pool = new Installation();
        string program = pool.InstallProgram();
        ChildProcess daemon = pool.Start(program, ["-f"]);
        await daemon.WaitForAsync("Hosting started");
        Replace(program, "exit 3");
        Assert.That(await pool.RefuseAsync("--hand-over"), Does.Contain("the new process ended with exit code 3 before it served"));
        Replace(program, "kill -SEGV $$");
        Assert.That(await pool.RefuseAsync("--hand-over"), Does.Contain("the new process was ended by signal 11 before it served"));
        File.Delete(program);
        Assert.That(await pool.RefuseAsync("--hand-over"), Does.Contain($"{program} cannot be started: No such file or directory"));
        File.Copy(Installation.Program, program);
        await pool.RunAsync("--hand-over");
        await Installation.WaitAsync(() => daemon.HasExited, "the first daemon ended");
        Assert.That(new FileInfo($"/proc/{pool.Pid}/exe").LinkTarget, Is.EqualTo(program));
        string command = (await File.ReadAllTextAsync($"/proc/{pool.Pid}/cmdline")).Replace('\0', ' ');
        Assert.That(command, Is.EqualTo($"{program} --successor --config {pool.ConfigurationFile} --foreground "));
        Assert.That((await pool.PingAsync()).Facilities, Is.EqualTo(Facilities.StartTls));
    }

    [Test]
    public async Task One_hand_over_at_a_time_and_none_once_the_daemon_ends()
    {
        await using var pool = new Installation();
        string program = pool.InstallProgram();
        ChildProcess daemon = pool.Start(program, ["-f"]);
        await daemon.WaitForAsync("Hosting started");
        Replace(program, "exec sleep 600");
        Task<string> asked = pool.RefuseAsync("--hand-over");
        await daemon.WaitForAsync("handing over to process");
        Assert.That(await pool.RefuseAsync("--hand-over"), Does.Contain("a hand-over is under way already"));
        Assert.That((await pool.PingAsync()).Facilities, Is.EqualTo(Facilities.StartTls));
        daemon.Signal("TERM");
        Assert.That(await asked, Does.Contain("this daemon is ending").Or.Contains("the running daemon has ended"));
        Assert.That(await daemon.ExitAsync(), Is.Zero);
        Assert.That(Directory.GetFiles(pool.Directory, "pid*"), Is.Empty);
    }

    [Test]
    public async Task A_successor_whose_daemon_is_gone_takes_its_place()
    {
        await using var pool = new Installation();
        SuccessorProcess successor = await ReadyAsync(pool);
        successor.Channel.Dispose();
        await Installation.WaitAsync(() => File.Exists(pool.SocketPath) && pool.Pid == successor.Id, "it has taken over");
        Assert.That((await pool.PingAsync()).Facilities, Is.EqualTo(Facilities.StartTls));
        Assert.That(successor.End(), Is.EqualTo("was ended by signal 9"));
    }

    [Test]
    public async Task A_successor_that_is_not_needed_leaves_nothing()
    {
        await using var pool = new Installation();
        SuccessorProcess successor = await ReadyAsync(pool);
        successor.Channel.Send('?');
        Assert.That(await Task.Run(successor.Reap), Is.EqualTo("ended with exit code 1"));
        (char kind, string text, _) = await successor.Channel.ReceiveAsync(CancellationToken.None);
        Assert.That((kind, text), Is.EqualTo((SuccessionProtocol.Failed, "the daemon that was to hand over goes on instead")));
        Assert.That((File.Exists(pool.SocketPath), File.Exists(pool.PidFile)), Is.EqualTo((false, false)));
        successor.Channel.Dispose();
    }

    [Test]
    public async Task Nobody_hands_over_to_a_process_that_a_user_starts()
    {
        await using var pool = new Installation();
        Assert.That(await pool.RefuseAsync("--successor"), Does.Contain("use 'tlspool --hand-over'"));
        Assert.That(await pool.RefuseAsync("--hand-over"), Does.Contain("no daemon hands over at").And.Contains("none runs"));
        await pool.ServeAsync();
        Assert.That((int)File.GetUnixFileMode(pool.PidFile + ".hand-over"), Is.EqualTo(0x180));
    }

    /// <summary>This process in the daemon's place: starts a successor that has nothing to inherit, and waits until it is ready.</summary>
    private static async Task<SuccessorProcess> ReadyAsync(Installation pool)
    {
        var successor = SuccessorProcess.Start(Installation.Program, ["--successor", "--config", pool.ConfigurationFile]);
        successor.Channel.Send(SuccessionProtocol.End);
        (char kind, string text, _) = await successor.Channel.ReceiveAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.That(kind, Is.EqualTo(SuccessionProtocol.Ready), text);
        return successor;
    }

    /// <summary>As a package does it: another file gets the name.</summary>
    private static void Replace(string program, string script)
    {
        File.WriteAllText(program + ".new", $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(program + ".new", File.GetUnixFileMode(Installation.Program));
        File.Move(program + ".new", program, overwrite: true);
    }
}
