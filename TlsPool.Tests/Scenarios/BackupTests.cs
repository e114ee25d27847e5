using System.Globalization;
using NUnit.Framework;
using TlsPool.Actors.Storage;
using TlsPool.Actors.Storage.Replication;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary><c>tlspool backup</c> and <c>tlspool restore</c>.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class BackupTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Test]
    public async Task What_was_backed_up_under_load_serves_after_a_restore()
    {
        await using PoolProcess pool = await PoolProcess.StartAsync();
        string authority = await pool.IdentityAsync("a.example"), file = Path.Combine(pool.Directory, "pool.tar");
        using var enough = new CancellationTokenSource();
        Task<int> writing = WriteAsync(pool, enough.Token);
        await pool.RunAsync("backup", file);
        await enough.CancelAsync();
        int written = await writing;
        Assert.That(File.GetUnixFileMode(file), Is.EqualTo(OwnerOnly));
        Assert.That(Leftovers(Path.Combine(pool.Directory, "db")), Is.Empty);

        await pool.RunAsync("identity", "remove", "a.example");
        await pool.StopDaemonAsync("TERM");
        Assert.That(await pool.RunAsync("restore", file), Does.Contain("tlspool.db, audit.db").And.Contains("replaced-"));
        await pool.StartDaemonAsync();
        using Backend backend = Backend.Http("restored");
        await using TunnelProcess tunnel = await pool.TunnelAsync("--server", "--connect", backend.Address, "--local-id", "a.example");
        (int code, string page) = await ChildProcess.RunAsync(
            "curl", ["-sS", "--cacert", authority, "--resolve", $"a.example:{tunnel.Port}:127.0.0.1", $"https://a.example:{tunnel.Port}/"]);
        Assert.That(code, Is.Zero, page);
        Assert.That(page, Is.EqualTo("restored"));
        // What was written meanwhile is there up to one moment, and without gaps.
        string rules = await pool.RunAsync("access", "list");
        int[] there = [.. Enumerable.Range(0, written).Where(number => rules.Contains($"rule{number}.example", StringComparison.Ordinal))];
        Assert.That(there, Is.EqualTo(Enumerable.Range(0, there.Length)));
        Assert.That(await pool.RunAsync("audit", "query", "--kind", "administration"), Does.Contain("the databases were restored from a backup"));
    }

    [TestCase("")]
    [TestCase("daemon_pidfile /run/tlspool-test-none/pid\n")]
    public async Task Nothing_is_restored_while_a_daemon_runs(string configuration)
    {
        await using var pool = new Installation();
        await BackUpAsync(pool, "a.example");
        await pool.ServeAsync();
        pool.Configure(configuration);
        string refusal = await pool.RefuseAsync("restore", pool.PathOf("pool.tar"));
        Assert.That(refusal, Does.Contain("systemctl stop tlspool.socket tlspool").And.Contains($"process {pool.Pid}"));
        Assert.That(Leftovers(pool.PathOf("db")), Is.Empty);
    }

    [Test]
    public async Task What_is_replaced_is_kept_with_what_a_killed_daemon_has_left_in_its_log()
    {
        await using var pool = new Installation();
        await BackUpAsync(pool, "old.example");
        ChildProcess daemon = await pool.ServeAsync();
        await pool.RunAsync("identity", "generate", "new.example");
        daemon.Signal("KILL");
        await daemon.ExitAsync();
        Assert.That(File.Exists(pool.PathOf("db/tlspool.db-wal")));
        await pool.RunAsync("restore", pool.PathOf("pool.tar"));
        Assert.That(await pool.RunAsync("identity", "list"), Does.Contain("old.example").And.Not.Contains("new.example"));
        string kept = Directory.GetDirectories(pool.PathOf("db"), "replaced-*").Single();
        Assert.That(File.GetUnixFileMode(kept), Is.EqualTo(OwnerOnly | UnixFileMode.UserExecute));
        Assert.That(await pool.RunAsync("identity", "list", "--database", kept), Does.Contain("old.example").And.Contains("new.example"));
    }

    [Test]
    public async Task A_lost_and_a_damaged_database_are_restored()
    {
        await using var pool = new Installation();
        await BackUpAsync(pool, "a.example");
        string database = pool.PathOf("db/tlspool.db");
        File.Delete(database);
        await pool.RunAsync("restore", pool.PathOf("pool.tar"));
        Assert.That(await pool.RunAsync("identity", "list"), Does.Contain("a.example"));
        byte[] damaged = await File.ReadAllBytesAsync(database);
        damaged.AsSpan(100, damaged.Length - 100).Fill(0x5a);
        await File.WriteAllBytesAsync(database, damaged);
        Assert.That(await pool.RefuseAsync("identity", "list"), Does.Contain("restore it from a backup"));
        await pool.RunAsync("restore", pool.PathOf("pool.tar"));
        Assert.That(await pool.RunAsync("identity", "list"), Does.Contain("a.example"));
    }

    [Test]
    public async Task Through_pipes_it_works_too()
    {
        await using var pool = new Installation();
        await pool.RunAsync("identity", "generate", "a.example");
        string copy = pool.PathOf("copy");
        (int code, string output) = await ShellAsync(pool, $"'{Installation.Program}' backup - | gzip > '{copy}'");
        Assert.That(code, Is.Zero, output);
        await pool.RunAsync("identity", "remove", "a.example");
        (code, output) = await ShellAsync(pool, $"gzip -d < '{copy}' | '{Installation.Program}' restore -");
        Assert.That(code, Is.Zero, output);
        Assert.That(await pool.RunAsync("identity", "list"), Does.Contain("a.example"));
    }

    [Test]
    public async Task Damage_is_noticed_and_changes_nothing()
    {
        await using var pool = new Installation();
        await BackUpAsync(pool, "a.example");
        byte[] good = await File.ReadAllBytesAsync(pool.PathOf("pool.tar"));
        await pool.RunAsync("identity", "generate", "b.example");
        string bad = pool.PathOf("bad.tar");
        foreach (byte[] content in Damaged(good))
        {
            await File.WriteAllBytesAsync(bad, content);
            File.SetUnixFileMode(bad, OwnerOnly);
            Assert.That(await pool.RefuseAsync("restore", bad), Does.Contain("no backup of a pool, or it is damaged"));
        }
        Assert.That(await pool.RunAsync("identity", "list"), Does.Contain("b.example"));
        Assert.That(Leftovers(pool.PathOf("db")), Is.Empty);
    }

    [Test]
    public async Task What_a_later_version_has_made_is_left_to_it()
    {
        await using var pool = new Installation();
        await BackUpAsync(pool, "a.example");
        string text = await File.ReadAllTextAsync(pool.PathOf("pool.tar"), System.Text.Encoding.Latin1);
        string later = pool.PathOf("later.tar");
        await File.WriteAllTextAsync(later, text.Replace("\"format\": 1,", "\"format\": 2,", StringComparison.Ordinal), System.Text.Encoding.Latin1);
        File.SetUnixFileMode(later, OwnerOnly);
        Assert.That(await pool.RefuseAsync("restore", later), Does.Contain("later version of the pool: upgrade this one"));

        using (var database = PoolDatabase.Open(pool.PathOf("db")))
            database.Write(connection => PoolDatabase.Execute(connection, "PRAGMA user_version = 999"));
        await pool.RunAsync("backup", pool.PathOf("schema.tar"));
        Assert.That(await pool.RefuseAsync("restore", pool.PathOf("schema.tar")), Does.Contain("later version of the pool: upgrade this one"));
    }

    [Test]
    public async Task Files_that_others_may_write_or_that_are_there_are_refused()
    {
        await using var pool = new Installation();
        await BackUpAsync(pool, "a.example");
        string file = pool.PathOf("pool.tar");
        Assert.That(await pool.RefuseAsync("backup", file), Does.Contain("is there already"));
        File.SetUnixFileMode(file, OwnerOnly | UnixFileMode.GroupWrite);
        Assert.That(await pool.RefuseAsync("restore", file), Does.Contain("others can write it"));
        File.SetUnixFileMode(file, OwnerOnly | UnixFileMode.OtherRead);
        Assert.That(await pool.RunAsync("restore", file), Does.Contain("warning").And.Contains("others can read it"));
        Assert.That(await pool.RefuseAsync("restore", pool.PathOf("nothing.tar")), Does.Contain("nothing.tar"));
        Directory.CreateDirectory(pool.PathOf("empty"), OwnerOnly | UnixFileMode.UserExecute);
        Assert.That(await pool.RefuseAsync("backup", pool.PathOf("empty.tar"), "--database", pool.PathOf("empty")), Does.Contain("nothing to back up"));
        Assert.That(File.Exists(pool.PathOf("empty.tar")), Is.False);
    }

    [Test]
    public async Task Without_the_passphrase_a_restore_says_so()
    {
        await using var pool = new Installation();
        await BackUpAsync(pool, "a.example");
        File.Delete(pool.PathOf("db/keystore.passphrase"));
        Assert.That(await pool.RunAsync("restore", pool.PathOf("pool.tar")), Does.Contain("warning").And.Contains("keystore.passphrase is not there").And.Contains("restore it"));
    }

    [Test]
    public async Task A_full_disk_leaves_nothing_half()
    {
        if (Environment.UserName != "root")
            Assert.Ignore("only root can make a small disk");
        await using var pool = new Installation();
        await BackUpAsync(pool, "a.example");
        (int code, string output) = await ShellAsync(pool, $"'{Installation.Program}' backup - > /dev/full");
        Assert.That(code, Is.EqualTo(1));
        Assert.That(output, Does.Contain("No space left on device"));
        string script = $"""
            mkdir '{pool.PathOf("small")}' && mount -t tmpfs -o size=200k none '{pool.PathOf("small")}' && cd '{pool.PathOf("small")}' || exit 99
            head -c 180000 /dev/zero > filler
            '{Installation.Program}' backup pool.tar; echo "backup $?, left: $(ls)"
            rm filler; mkdir -m 0700 db; cp '{pool.PathOf("db/tlspool.db")}' '{pool.PathOf("db/keystore.passphrase")}' db; sha256sum db/tlspool.db > before
            head -c 200000 /dev/zero > filler
            '{Installation.Program}' restore '{pool.PathOf("pool.tar")}' --database "$PWD/db"; echo "restore $?, left: $(ls db | tr '\n' ' ')"
            sha256sum -c before
            """;
        (code, output) = await ChildProcess.RunAsync(
            "unshare", ["--mount", "sh", "-c", script], new Dictionary<string, string> { ["TLSPOOL_CONFIG_FILE"] = pool.ConfigurationFile });
        Assert.That(output, Does.Contain("backup 1, left: filler\n").And.Contains("restore 1, left: keystore.passphrase tlspool.db \n").And.Contains("db/tlspool.db: OK"));
        Assert.That(output.Split("tlspool: No space left on device"), Has.Length.EqualTo(3), output);
        Assert.That(Leftovers(pool.PathOf("db")), Is.Empty);
        Assert.That(code, Is.Zero);
    }

    [Test]
    public async Task Root_writes_where_the_pools_user_may_not_and_restores_what_is_his()
    {
        if (Environment.UserName != "root")
            Assert.Ignore("only root can become somebody else");
        await using var pool = new Installation("daemon_user nobody\n");
        File.SetUnixFileMode(pool.Directory, OwnerOnly | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        File.SetUnixFileMode(pool.ConfigurationFile, OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        await BackUpAsync(pool, "a.example");
        string file = pool.PathOf("pool.tar");
        Assert.That(await OwnersAsync(file), Is.EqualTo("root\n"));
        Assert.That(File.GetUnixFileMode(file), Is.EqualTo(OwnerOnly));
        File.Delete(pool.PathOf("db/tlspool.db"));
        await pool.RunAsync("restore", file);
        Assert.That(await OwnersAsync(Directory.GetFiles(pool.PathOf("db"))), Does.Match("^(nobody\n)+$"));
        Assert.That(await pool.RunAsync("identity", "list"), Does.Contain("a.example"));
    }

    [Test]
    public async Task In_a_cluster_the_others_compare_everything_again()
    {
        await using var pool = new Installation("""
            cluster_address node1.example.com
            cluster_members node1.example.com,node2.example.com
            cluster_certificate /etc/tlspool/node.pem
            cluster_authority /etc/tlspool/authority.pem

            """);
        await BackUpAsync(pool, "a.example");
        string before = Incarnation(pool);
        Assert.That(await pool.RunAsync("restore", pool.PathOf("pool.tar")), Does.Contain("All nodes compare"));
        string after = Incarnation(pool);
        Assert.That(after, Is.Not.EqualTo(before));
        Assert.That(Incarnation(pool), Is.EqualTo(after), "it stays what the restore has made it");
    }

    private static string Incarnation(Installation pool)
    {
        using var database = PoolDatabase.Open(pool.PathOf("db"));
        return ReplicaStore.Open(database, "node1.example.com").Incarnation;
    }

    private static async Task BackUpAsync(Installation pool, string identity)
    {
        await pool.RunAsync("identity", "generate", identity);
        await pool.RunAsync("backup", pool.PathOf("pool.tar"));
    }

    /// <summary>Adds rules until it is enough.</summary>
    /// <returns>How many.</returns>
    private static async Task<int> WriteAsync(PoolProcess pool, CancellationToken enough)
    {
        int written = 0;
        for (; !enough.IsCancellationRequested; written++)
            await pool.RunAsync("access", "add", string.Create(CultureInfo.InvariantCulture, $"rule{written}.example"), "--user", "0");
        return written;
    }

    private static IEnumerable<byte[]> Damaged(byte[] good)
    {
        yield return [];
        yield return "This is a text.\n"u8.ToArray();
        yield return good[..(good.Length / 2)];
        // The content of a database, and what the manifest says of it.
        foreach (int at in new[] { good.Length / 2, good.AsSpan().IndexOf("sha256"u8) + 12 })
        {
            byte[] changed = [.. good];
            changed[at] ^= 1;
            yield return changed;
        }
        // Another name, and one database twice.
        byte[] renamed = [.. good];
        "../../passwd"u8.CopyTo(renamed.AsSpan(good.AsSpan().IndexOf("tlspool.db"u8)));
        yield return renamed;
        yield return [.. good[..(good.Length - 1024)], .. good[..1024]];
    }

    private static string[] Leftovers(string directory) =>
        [.. Directory.GetDirectories(directory).Select(Path.GetFileName).Where(name => name!.StartsWith("backup-", StringComparison.Ordinal) || name.StartsWith("restore-", StringComparison.Ordinal))!];

    private static async Task<string> OwnersAsync(params string[] files) => (await ChildProcess.RunAsync("stat", ["-c", "%U", .. files])).Output;

    private static Task<(int ExitCode, string Output)> ShellAsync(Installation pool, string script) =>
        ChildProcess.RunAsync("bash", ["-c", $"set -o pipefail; {script}"], new Dictionary<string, string> { ["TLSPOOL_CONFIG_FILE"] = pool.ConfigurationFile });
}
