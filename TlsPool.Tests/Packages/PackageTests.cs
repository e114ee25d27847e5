using NUnit.Framework;

namespace TlsPool.Tests.Packages;

/// <summary>The Debian package in a Debian of its own: <c>./build.sh --target=PackTest</c> makes both. The tests are one story.</summary>
[Category("Pack")]
public sealed class PackageTests
{
    private DebianHost _debian = null!;

    [OneTimeSetUp]
    public async Task MakeDebian() => _debian = await DebianHost.MakeAsync();

    [OneTimeTearDown]
    public async Task CleanUp()
    {
        if (_debian is not null)
            await _debian.DisposeAsync();
    }

    [Test]
    public async Task Lintian_has_nothing_to_complain_of() =>
        Assert.That(await DebianHost.RunAsync("lintian", "--allow-root", "--fail-on", "error,warning", _debian.PathOf("opt/tlspool.deb")), Does.Not.Contain("E: ").And.Not.Contain("W: "));

    [Test, DependsOnTest(nameof(Lintian_has_nothing_to_complain_of))]
    public async Task It_is_installed_with_all_that_it_needs()
    {
        string before = await FilesAsync();
        await File.WriteAllTextAsync(_debian.PathOf("opt/before"), before);
        await _debian.RunAsync("apt-get update -qq; apt-get install -y --no-install-recommends /opt/tlspool.deb");
        Assert.That(await _debian.RunAsync("tlspool --version"), Does.StartWith("tlspool 0."));
        Assert.That(await _debian.RunAsync("tlspool --check"), Does.Contain("The configuration is good."));
        Assert.That(await _debian.RunAsync("stat -c '%U %G %a' /var/lib/tlspool /run/tlspool"), Is.EqualTo("tlspool tlspool 700\ntlspool tlspool 755\n"));
        Assert.That(await _debian.RunAsync("dpkg --verify tlspool"), Is.Empty);
    }

    [Test, DependsOnTest(nameof(It_is_installed_with_all_that_it_needs))]
    public async Task Manual_units_and_completion_are_where_they_are_looked_for()
    {
        foreach (string page in new[] { "tlspool", "tlspool.conf", "tlspool-identity", "tlspool-tunnel", "tlspool-console", "tlspool-backup" })
            Assert.That(await _debian.RunAsync($"man -w {page}"), Does.Contain($"/{page}."));
        Assert.That(await _debian.RunAsync("systemd-analyze verify tlspool.service tlspool.socket tlspool-tunnel@x.service"), Is.Empty);
        Assert.That(await _debian.RunAsync("systemctl is-enabled tlspool.service"), Is.EqualTo("enabled\n"));
        Assert.That(await _debian.RunAsync("ls /usr/share/bash-completion/completions/tlspool /usr/share/zsh/vendor-completions/_tlspool /usr/share/fish/vendor_completions.d/tlspool.fish | wc -l"), Is.EqualTo("3\n"));
    }

    [Test, DependsOnTest(nameof(Manual_units_and_completion_are_where_they_are_looked_for))]
    public async Task The_daemon_serves_as_the_user_of_the_package()
    {
        string output = await _debian.RunAsync("""
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
        await _debian.RunAsync("echo 'drain_timeout 7' >> /etc/tlspool.conf; DEBIAN_FRONTEND=noninteractive apt-get install -y --reinstall /opt/tlspool.deb");
        Assert.That(await _debian.RunAsync("tail -1 /etc/tlspool.conf; tlspool identity list"), Does.Contain("drain_timeout 7").And.Contains("www.example.com"));
    }

    [Test, DependsOnTest(nameof(Installed_again_it_keeps_configuration_and_identities))]
    public async Task Removed_it_leaves_configuration_and_data()
    {
        await _debian.RunAsync("echo 'TUNNEL=\"--client\"' > /etc/tlspool/tunnels/x.conf; apt-get remove -y tlspool");
        Assert.That(await _debian.RunAsync("ls -d /usr/lib/tlspool /usr/bin/tlspool /run/tlspool 2>/dev/null; true"), Is.Empty);
        Assert.That(await _debian.RunAsync("ls /etc/tlspool.conf /etc/tlspool/tunnels/x.conf /var/lib/tlspool/tlspool.db | wc -l"), Is.EqualTo("3\n"));
    }

    [Test, DependsOnTest(nameof(Removed_it_leaves_configuration_and_data))]
    public async Task Purged_it_leaves_keys_and_their_user_and_says_so()
    {
        Assert.That(await _debian.RunAsync("apt-get purge -y tlspool"), Does.Contain("tlspool: /var/lib/tlspool stays, as there may be keys in it"));
        string[] before = await File.ReadAllLinesAsync(_debian.PathOf("opt/before"));
        // What it depends on has come with it, and is for apt to remove.
        string[] left = [.. (await FilesAsync()).Split('\n').Except(before).Where(file => file.Contains("tlspool", StringComparison.Ordinal))];
        Assert.That(left, Is.Not.Empty);
        Assert.That(left.Where(file => !file.StartsWith("./var/lib/tlspool", StringComparison.Ordinal)), Is.Empty);
        Assert.That(await _debian.RunAsync("getent passwd tlspool"), Does.StartWith("tlspool:"));
    }

    private Task<string> FilesAsync() => _debian.RunAsync("cd / && find . -xdev \\( -path ./proc -o -path ./sys -o -path ./var/cache -o -path ./var/log -o -path ./tmp -o -path ./opt \\) -prune -o -print | sort");
}
