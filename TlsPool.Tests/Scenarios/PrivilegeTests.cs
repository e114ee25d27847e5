using System.Diagnostics;
using NUnit.Framework;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>What a daemon that root starts gives up, and what commands of root leave to its user.</summary>
[Parallelizable]
public sealed class PrivilegeTests
{
    private const string User = "nobody";
    private const int Nobody = 65534;

    [SetUp]
    public void NeedsRoot()
    {
        if (Environment.UserName != "root")
            Assert.Ignore("only root can become somebody else");
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task The_daemon_becomes_its_user_for_good(bool inBackground)
    {
        await using Installation pool = Open("");
        pool.Configure($"daemon_user {User}\nsocket_user daemon\nsocket_name {pool.PathOf("other.sock")}\n");
        if (inBackground)
            await pool.RunAsync();
        else
            await pool.ServeAsync();
        int daemon = pool.Pid;
        string status = await File.ReadAllTextAsync($"/proc/{daemon}/status");
        Assert.That(status, Does.Match($@"Uid:\t{Nobody}\t{Nobody}\t{Nobody}\t{Nobody}\n").And.Match($@"Gid:\t{Nobody}\t{Nobody}\t{Nobody}\t{Nobody}\n"));
        Assert.That(status, Does.Match($@"Groups:\t({Nobody})? \n").And.Match(@"CapPrm:\t0+\n").And.Match(@"CapEff:\t0+\n"));
        foreach (string thread in Directory.GetDirectories($"/proc/{daemon}/task"))
            Assert.That(await File.ReadAllTextAsync(thread + "/status"), Does.Match($@"Uid:\t{Nobody}\t{Nobody}\t{Nobody}\t{Nobody}\n"), "every thread");
        Assert.That((await pool.PingAsync()).Facilities, Is.EqualTo(Facilities.StartTls));
        Assert.That(await OwnerAsync(pool.PathOf("other.sock")), Is.EqualTo("daemon:root"));
        Assert.That(await OwnerAsync(pool.PathOf("db")), Is.EqualTo("nobody:nogroup"), "the directory was made for it");
        Assert.That(await OwnerAsync(pool.PathOf("db/tlspool.db")), Is.EqualTo("nobody:nogroup"));
        // Its memory is not even its own user's to read.
        Assert.That(await OwnerAsync($"/proc/{daemon}/mem"), Is.EqualTo("root:root"));
        // Commands of root make what the daemon can read.
        await pool.RunAsync("identity", "generate", "a.example");
        foreach (string file in Directory.GetFiles(pool.PathOf("db")))
            Assert.That(await OwnerAsync(file), Is.EqualTo("nobody:nogroup"), file);
    }

    [Test]
    public async Task A_hand_over_stays_with_the_user_and_needs_no_more_than_he_has()
    {
        await using Installation pool = Open("");
        pool.Configure($"daemon_user {User}\n");
        ChildProcess first = await pool.ServeAsync();
        Assert.That(await pool.RefuseAsync("--hand-over"), Does.Contain("tlspool.conf: cannot be read"));
        File.SetUnixFileMode(pool.ConfigurationFile, File.GetUnixFileMode(pool.ConfigurationFile) | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        await pool.RunAsync("--hand-over");
        await Installation.WaitAsync(() => first.HasExited && pool.Pid != first.Id, "the new one has the PID file, which is root's");
        Assert.That(await File.ReadAllTextAsync($"/proc/{pool.Pid}/status"), Does.Match($@"Uid:\t{Nobody}\t{Nobody}\t{Nobody}\t{Nobody}\n"));
        Assert.That((await pool.PingAsync()).Facilities, Is.EqualTo(Facilities.StartTls));
        (int code, string output) = await ChildProcess.RunAsync(
            "setpriv", ["--reuid", "daemon", "--clear-groups", Installation.Program, "--hand-over", "--config", pool.ConfigurationFile]);
        Assert.That(code, Is.EqualTo(1), output);
        Assert.That(output, Does.Contain("Permission denied"), "others cannot ask");
    }

    [TestCase("daemon_user nobody\ndaemon_group daemon", "65534", "1", "1")]
    [TestCase("daemon_user 65534", "65534", "65534", "65534")]
    [TestCase("daemon_user 54321\ndaemon_group 54322", "54321", "54322", "54322")]
    [TestCase("daemon_group daemon", "0", "1", "1")]
    public async Task Users_and_groups_have_names_or_numbers(string configuration, string user, string group, string groups)
    {
        await using Installation pool = Open(configuration + "\n");
        ChildProcess daemon = await pool.ServeAsync();
        string status = await File.ReadAllTextAsync($"/proc/{daemon.Id}/status");
        Assert.That(status, Does.Match($@"Uid:\t{user}\t{user}\t").And.Match($@"Gid:\t{group}\t{group}\t").And.Match($@"Groups:\t{groups} \n"));
    }

    [TestCase("daemon_user no-such-user", "there is no user 'no-such-user' on this machine")]
    [TestCase("daemon_group no-such-group", "there is no group 'no-such-group' on this machine")]
    [TestCase("daemon_user 54321", "so that daemon_group has to be given too")]
    [TestCase("daemon_chroot /no/such/root", "daemon_chroot: cannot change to /no/such/root")]
    public async Task Who_does_not_exist_stops_the_start(string configuration, string reason)
    {
        await using Installation pool = Open(configuration + "\n");
        Assert.That(await pool.RefuseAsync("-f"), Does.Contain(reason));
        Assert.That(File.Exists(pool.SocketPath) || File.Exists(pool.PidFile), Is.False);
    }

    [Test]
    public async Task Who_is_its_user_already_need_not_be_root()
    {
        await using Installation pool = Open($"daemon_user {User}\n");
        File.SetUnixFileMode(pool.ConfigurationFile, (UnixFileMode)0x1A4);
        Process.Start("chown", [User, pool.Directory])!.WaitForExit();
        ChildProcess daemon = pool.Start("setpriv", ["--reuid", "65534", "--regid", "65534", "--clear-groups", Installation.Program, "-f"]);
        await daemon.WaitForAsync("Hosting started");
        pool.Configure("daemon_user daemon\n");
        File.SetUnixFileMode(pool.ConfigurationFile, (UnixFileMode)0x1A4);
        ChildProcess other = pool.Start("setpriv", ["--reuid", "65534", "--regid", "65534", "--clear-groups", Installation.Program, "-f", "-k"]);
        Assert.That(await other.ExitAsync(), Is.EqualTo(1));
        Assert.That(other.Output, Does.Contain("cannot become daemon:").And.Contains("start as root, or leave them out"));
    }

    [Test]
    public async Task In_a_root_of_its_own_the_daemon_shakes_hands()
    {
        await using Installation pool = Open("");
        string root = pool.PathOf("root");
        Directory.CreateDirectory(root);
        File.SetUnixFileMode(root, (UnixFileMode)0x1ED);
        pool.Configure($"dbenv_dir /db\ndaemon_chroot {root}\ndaemon_user {User}\n");
        // Commands look into the daemon's root from outside.
        await pool.RunAsync("identity", "generate", "a.example");
        await pool.RunAsync("identity", "generate", "a.example", "--algorithm", "rsa-2048");
        await File.WriteAllTextAsync(pool.PathOf("a.pem"), await pool.RunAsync("identity", "show", "a.example", "--pem"));
        await pool.RunAsync("trust", "add", pool.PathOf("a.pem"));
        Assert.That(File.Exists(Path.Combine(root, "db", "tlspool.db")));
        ChildProcess daemon = await pool.ServeAsync();
        Assert.That(new DirectoryInfo($"/proc/{daemon.Id}/root").LinkTarget, Is.EqualTo(root));
        await TlsPairAsync(pool);
        await pool.RunAsync("identity", "generate", "b.example");
        daemon.Signal("HUP");
        await daemon.WaitForAsync("the configuration stays as it was");
        Assert.That((await pool.PingAsync()).Facilities, Is.EqualTo(Facilities.StartTls));
        daemon.Signal("TERM");
        Assert.That(await daemon.ExitAsync(), Is.Zero);
    }

    [Test]
    public async Task A_request_is_written_as_who_called_and_not_as_the_owner_of_the_stores()
    {
        await using Installation pool = Open($"daemon_user {User}\n");
        await pool.RunAsync("identity", "generate", "a.example");
        string own = pool.PathOf("own");
        Directory.CreateDirectory(own, (UnixFileMode)0x1C0);
        await pool.RunAsync("identity", "generate", "b.example", "--csr", Path.Combine(own, "b.csr"));
        Assert.That(await OwnerAsync(Path.Combine(own, "b.csr")), Is.EqualTo("root:root"));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(own, "b.csr")), Does.StartWith("-----BEGIN CERTIFICATE REQUEST-----"));
    }

    [Test]
    public async Task A_full_disk_is_told_and_survived()
    {
        await using Installation pool = Open("");
        string disk = pool.PathOf("db");
        Directory.CreateDirectory(disk, (UnixFileMode)0x1C0);
        (int mounted, string output) = await ChildProcess.RunAsync("mount", ["-t", "tmpfs", "-o", "size=400k,mode=0700", "tmpfs", disk]);
        if (mounted != 0)
            Assert.Ignore($"no file system can be mounted here: {output}");
        try
        {
            await pool.RunAsync("identity", "generate", "a.example");
            ChildProcess daemon = await pool.ServeAsync();
            await ChildProcess.RunAsync("dd", ["if=/dev/zero", $"of={disk}/filler", "bs=4k"]);
            string refusal = await pool.RefuseAsync("identity", "generate", "b.example");
            Assert.That(refusal, Does.Contain("the disk is full"));
            Assert.That((await pool.PingAsync()).Facilities, Is.EqualTo(Facilities.StartTls));
            File.Delete(Path.Combine(disk, "filler"));
            await pool.RunAsync("identity", "generate", "b.example");
            daemon.Signal("TERM");
            Assert.That(await daemon.ExitAsync(), Is.Zero);
            await ChildProcess.RunAsync("mount", ["-o", "remount,ro", disk]);
            Assert.That(await pool.RefuseAsync("identity", "generate", "c.example"), Does.Contain("cannot be"));
        }
        finally
        {
            await ChildProcess.RunAsync("umount", ["-l", disk]);
        }
    }

    private static Installation Open(string configuration)
    {
        var pool = new Installation(configuration);
        // Of mode 0700 otherwise, which the daemon's user could not pass.
        File.SetUnixFileMode(pool.Directory, (UnixFileMode)0x1ED);
        return pool;
    }

    /// <summary>A client tunnel and a server tunnel of one pool, and a line that goes through both.</summary>
    private static async Task TlsPairAsync(Installation pool)
    {
        using Backend backend = Backend.Echo();
        int port = PoolProcess.FreePort();
        ChildProcess tunnel = pool.Start(
            Installation.Program, ["tunnel", "--server", "--listen", $"127.0.0.1:{port}", "--connect", backend.Address, "--local-id", "a.example", "--json"]);
        await tunnel.WaitForAsync("\"listen\"");
        foreach (string version in new[] { "-tls1_2", "-tls1_3" })
        {
            (int code, string output) = await ChildProcess.RunAsync(
                "openssl",
                ["s_client", "-connect", $"127.0.0.1:{port}", "-servername", "a.example", "-CAfile", pool.PathOf("a.pem"), "-verify_return_error", version],
                input: "Q\n");
            Assert.That(code, Is.Zero, output);
            Assert.That(output, Does.Contain("Verification: OK"));
        }
    }

    private static async Task<string> OwnerAsync(string path)
    {
        (_, string output) = await ChildProcess.RunAsync("stat", ["-c", "%U:%G", path]);
        return output.TrimEnd();
    }
}
