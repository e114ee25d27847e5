using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Packages;

/// <summary>The Debian package in a Debian of its own: <c>./build.sh --target=PackTest</c> makes both. The tests are one story.</summary>
[Category("Pack")]
public sealed class PackageTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(9);

    private string _root = "";

    [OneTimeSetUp]
    public async Task MakeDebian()
    {
        string? package = Environment.GetEnvironmentVariable("TLSPOOL_TEST_PACKAGE");
        if (package is null || Environment.UserName != "root")
            Assert.Ignore("./build.sh --target=PackTest runs these, as root");
        _root = Directory.CreateTempSubdirectory("tlspool-debian-").FullName;
        // With the sources of this machine, as it may have a mirror of its own.
        await RunAsync("mmdebstrap", ["--quiet", "--mode=root", "--variant=apt", "--include=man-db,systemd,procps,util-linux", "bookworm", _root, .. Sources()]);
        File.Copy(package!, Path.Combine(_root, "tmp/tlspool.deb"));
    }

    [OneTimeTearDown]
    public void CleanUp()
    {
        if (_root.Length > 0)
            Directory.Delete(_root, recursive: true);
    }

    [Test]
    public async Task Lintian_has_nothing_to_complain_of() =>
        Assert.That(await RunAsync("lintian", "--allow-root", "--fail-on", "error,warning", Path.Combine(_root, "tmp/tlspool.deb")), Does.Not.Contain("E: ").And.Not.Contain("W: "));

    [Test, DependsOnTest(nameof(Lintian_has_nothing_to_complain_of))]
    public async Task It_is_installed_with_all_that_it_needs()
    {
        string before = await FilesAsync();
        await File.WriteAllTextAsync(Path.Combine(_root, "tmp/before"), before);
        await InsideAsync("apt-get update -qq; apt-get install -y --no-install-recommends /tmp/tlspool.deb");
        Assert.That(await InsideAsync("tlspool --version"), Does.StartWith("tlspool 0."));
        Assert.That(await InsideAsync("tlspool --check"), Does.Contain("The configuration is good."));
        Assert.That(await InsideAsync("stat -c '%U %G %a' /var/lib/tlspool /run/tlspool"), Is.EqualTo("tlspool tlspool 700\ntlspool tlspool 755\n"));
        Assert.That(await InsideAsync("dpkg --verify tlspool"), Is.Empty);
    }

    [Test, DependsOnTest(nameof(It_is_installed_with_all_that_it_needs))]
    public async Task Manual_units_and_completion_are_where_they_are_looked_for()
    {
        foreach (string page in new[] { "tlspool", "tlspool.conf", "tlspool-identity", "tlspool-tunnel", "tlspool-backup" })
            Assert.That(await InsideAsync($"man -w {page}"), Does.Contain($"/{page}."));
        Assert.That(await InsideAsync("systemd-analyze verify tlspool.service tlspool.socket tlspool-tunnel@x.service"), Is.Empty);
        Assert.That(await InsideAsync("systemctl is-enabled tlspool.service"), Is.EqualTo("enabled\n"));
        Assert.That(await InsideAsync("ls /usr/share/bash-completion/completions/tlspool /usr/share/zsh/vendor-completions/_tlspool /usr/share/fish/vendor_completions.d/tlspool.fish | wc -l"), Is.EqualTo("3\n"));
    }

    [Test, DependsOnTest(nameof(Manual_units_and_completion_are_where_they_are_looked_for))]
    public async Task The_daemon_serves_as_the_user_of_the_package()
    {
        string output = await InsideAsync("""
            runuser -u tlspool -- tlspool -f >/tmp/log 2>&1 &
            for i in $(seq 300); do tlspool ping 2>/dev/null && break; sleep 0.1; done
            tlspool identity generate www.example.com >/dev/null
            tlspool identity list
            ps -o user= -C tlspool | sort -u
            runuser -u nobody -- tlspool ping
            echo "others: $?"
            kill -TERM $(cat /run/tlspool/tlspool.pid); wait; echo "ended: $?"
            """);
        Assert.That(output, Does.Contain("/run/tlspool/tlspool.sock").And.Contains("www.example.com").And.Contains("\ntlspool\n").And.Contains("others: 1"));
    }

    [Test, DependsOnTest(nameof(The_daemon_serves_as_the_user_of_the_package))]
    public async Task Installed_again_it_keeps_configuration_and_identities()
    {
        await InsideAsync("echo 'drain_timeout 7' >> /etc/tlspool.conf; DEBIAN_FRONTEND=noninteractive apt-get install -y --reinstall /tmp/tlspool.deb");
        Assert.That(await InsideAsync("tail -1 /etc/tlspool.conf; tlspool identity list"), Does.Contain("drain_timeout 7").And.Contains("www.example.com"));
    }

    [Test, DependsOnTest(nameof(Installed_again_it_keeps_configuration_and_identities))]
    public async Task Removed_it_leaves_configuration_and_data()
    {
        await InsideAsync("echo 'TUNNEL=\"--client\"' > /etc/tlspool/tunnels/x.conf; apt-get remove -y tlspool");
        Assert.That(await InsideAsync("ls -d /usr/lib/tlspool /usr/bin/tlspool /run/tlspool 2>/dev/null; true"), Is.Empty);
        Assert.That(await InsideAsync("ls /etc/tlspool.conf /etc/tlspool/tunnels/x.conf /var/lib/tlspool/tlspool.db | wc -l"), Is.EqualTo("3\n"));
    }

    [Test, DependsOnTest(nameof(Removed_it_leaves_configuration_and_data))]
    public async Task Purged_it_leaves_keys_and_their_user_and_says_so()
    {
        Assert.That(await InsideAsync("apt-get purge -y tlspool"), Does.Contain("tlspool: /var/lib/tlspool stays, as there may be keys in it"));
        string[] before = await File.ReadAllLinesAsync(Path.Combine(_root, "tmp/before"));
        // What it depends on has come with it, and is for apt to remove.
        string[] left = [.. (await FilesAsync()).Split('\n').Except(before).Where(file => file.Contains("tlspool", StringComparison.Ordinal))];
        Assert.That(left, Is.Not.Empty);
        Assert.That(left.Where(file => !file.StartsWith("./var/lib/tlspool", StringComparison.Ordinal)), Is.Empty);
        Assert.That(await InsideAsync("getent passwd tlspool"), Does.StartWith("tlspool:"));
    }

    private static IEnumerable<string> Sources() =>
        new[] { "/etc/apt/sources.list" }.Concat(Directory.GetFiles("/etc/apt/sources.list.d", "debian.sources")).Where(file => File.Exists(file) && new FileInfo(file).Length > 0).Take(1);

    private Task<string> FilesAsync() => InsideAsync("cd / && find . -xdev \\( -path ./proc -o -path ./sys -o -path ./var/cache -o -path ./var/log -o -path ./tmp \\) -prune -o -print | sort");

    /// <summary>Runs a script in the other Debian, as root of it; processes that it leaves end with it.</summary>
    private Task<string> InsideAsync(string script) => RunAsync(
        "unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec",
        $"mount -t proc proc '{_root}/proc'; mount --rbind /dev '{_root}/dev'; cp /etc/resolv.conf '{_root}/etc/resolv.conf'; exec chroot '{_root}' bash -c \"$0\"", script);

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        (int code, string output) = await ChildProcess.RunAsync(program, arguments, new Dictionary<string, string> { ["LC_ALL"] = "C.UTF-8" }, patience: Patience);
        Assert.That(code, Is.Zero, $"{program} {string.Join(' ', arguments)}: {output}");
        return output;
    }
}
