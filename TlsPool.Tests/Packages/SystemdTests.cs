using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Tests.Processes;
using TlsPool.Tests.Scenarios;

namespace TlsPool.Tests.Packages;

/// <summary>The Debian package under a systemd of its own: what its scripts and units do to applications. The tests are one story.</summary>
[Category("Pack")]
public sealed class SystemdTests
{
    private const string Install = "DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends";

    private DebianHost _debian = null!;

    [OneTimeSetUp]
    public async Task BootDebian()
    {
        _debian = await DebianHost.MakeAsync();
        await _debian.BootAsync();
        await _debian.RunBootedAsync($"apt-get update -qq; {Install} /opt/tlspool.deb");
    }

    [OneTimeTearDown]
    public async Task CleanUp()
    {
        if (_debian is not null)
            await _debian.DisposeAsync();
    }

    [Test]
    public async Task Installed_it_serves()
    {
        Assert.That(await _debian.RunBootedAsync("systemctl is-active tlspool"), Is.EqualTo("active\n"));
        await _debian.RunBootedAsync("""
            tlspool identity generate www.example
            tlspool identity show www.example --pem > /opt/www.pem
            tlspool trust add /opt/www.pem
            """);
        await using TlsPoolClient client = Client();
        await using TalkingSession session = await TalkingSession.StartAsync(client);
        await session.TalkAsync();
        Assert.That(await _debian.RunBootedAsync("tlspool session list --json | grep -c '\"number\"'"), Is.EqualTo("2\n"), "both sides are seen by who manages it");
    }

    [Test, DependsOnTest(nameof(Installed_it_serves))]
    public async Task A_tunnel_is_a_file_and_a_unit()
    {
        using Backend backend = Backend.Echo();
        int port = PoolProcess.FreePort();
        await File.WriteAllTextAsync(_debian.PathOf("etc/tlspool/tunnels/echo.conf"), $"TUNNEL=\"--server --listen 127.0.0.1:{port} --connect {backend.Address} --local-id www.example\"\n");
        await _debian.RunBootedAsync("systemctl enable --now tlspool-tunnel@echo");
        string output = await _debian.RunBootedAsync("for i in $(seq 100); do journalctl -u tlspool-tunnel@echo --no-pager | grep 'server tunnel' && break; sleep 0.1; done; systemctl is-active tlspool-tunnel@echo");
        Assert.That(output, Does.EndWith("active\n"));
        (int code, output) = await ChildProcess.RunAsync(
            "openssl", ["s_client", "-connect", $"127.0.0.1:{port}", "-servername", "www.example", "-CAfile", _debian.PathOf("opt/www.pem"), "-verify_return_error"], input: "Q\n");
        Assert.That(code, Is.Zero, output);
    }

    [Test, DependsOnTest(nameof(A_tunnel_is_a_file_and_a_unit))]
    public async Task An_upgrade_ends_no_session_and_refuses_none()
    {
        string old = await MainProcessAsync();
        await using TlsPoolClient client = Client();
        await using TalkingSession session = await TalkingSession.StartAsync(client);
        // The same program as a later version: what is looked at is what the package's scripts do.
        await _debian.RunAsync("""
            dpkg-deb --raw-extract /opt/tlspool.deb /opt/later
            sed -i 's/^Version: .*/&.1/' /opt/later/DEBIAN/control
            dpkg-deb -Znone --root-owner-group --build /opt/later /opt/later.deb
            rm -r /opt/later
            """);
        Task<string> upgrade = _debian.RunBootedAsync($"{Install} /opt/later.deb");
        while (!upgrade.IsCompleted)
        {
            await using TlsPoolClient comer = Client();
            await using TalkingSession young = await TalkingSession.StartAsync(comer);
            await young.TalkAsync();
        }
        Assert.That(await upgrade, Does.Match("Setting up tlspool \\([0-9.]+\\.1\\)"));
        string now = await MainProcessAsync();
        Assert.That(now, Is.Not.EqualTo(old));
        Assert.That(await _debian.RunBootedAsync("systemctl show tlspool -p ActiveState -p NRestarts"), Is.EqualTo("NRestarts=0\nActiveState=active\n"));
        await session.TalkAsync();
        Assert.That(await _debian.RunBootedAsync("ps -C tlspool -o pid= | tr -d ' '"), Does.Contain(old), "the one before has a session");
        await session.DisposeAsync();
        await _debian.RunBootedAsync($"for i in $(seq 300); do kill -0 {old} 2>/dev/null || exit 0; sleep 0.1; done; exit 1");
        Assert.That(await _debian.RunBootedAsync("journalctl -u tlspool --no-pager"), Does.Contain("this process has taken over").And.Not.Contains("Failed with result"));
    }

    [Test, DependsOnTest(nameof(An_upgrade_ends_no_session_and_refuses_none))]
    public async Task A_daemon_that_took_over_is_watched_like_the_first()
    {
        string killed = await MainProcessAsync();
        await _debian.RunBootedAsync($"""
            kill -KILL {killed}
            for i in $(seq 300); do [ "$(systemctl show tlspool -p NRestarts)" = NRestarts=1 ] && systemctl is-active tlspool && exit 0; sleep 0.1; done; exit 1
            """);
        Assert.That(await MainProcessAsync(), Is.Not.EqualTo(killed));
        Assert.That(await _debian.RunBootedAsync("tlspool ping; systemctl reload tlspool"), Does.Contain("starttls"));
        await _debian.RunBootedAsync("for i in $(seq 300); do systemctl is-active tlspool && exit; sleep 0.1; done; exit 1");
    }

    [Test, DependsOnTest(nameof(A_daemon_that_took_over_is_watched_like_the_first))]
    public async Task With_the_socket_unit_the_first_application_starts_it()
    {
        await _debian.RunBootedAsync("systemctl stop tlspool-tunnel@echo tlspool; systemctl enable --now tlspool.socket");
        Assert.That(await _debian.RunBootedAsync("systemctl is-active tlspool || true"), Is.EqualTo("inactive\n"));
        await using TlsPoolClient client = Client();
        await using TalkingSession session = await TalkingSession.StartAsync(client);
        await session.TalkAsync();
        Assert.That(await _debian.RunBootedAsync("systemctl is-active tlspool"), Is.EqualTo("active\n"));
    }

    [Test, DependsOnTest(nameof(With_the_socket_unit_the_first_application_starts_it))]
    public async Task Removed_it_is_stopped()
    {
        await _debian.RunBootedAsync("apt-get remove -y tlspool");
        Assert.That(await _debian.RunBootedAsync("{ pgrep -x tlspool; systemctl is-active tlspool.service tlspool.socket; ls -d /run/tlspool 2>/dev/null; } || true"), Is.EqualTo("inactive\ninactive\n"));
    }

    private TlsPoolClient Client() => new(new TlsPoolClientOptions { SocketPath = _debian.BootedPathOf("run/tlspool/tlspool.sock") });

    private async Task<string> MainProcessAsync() => (await _debian.RunBootedAsync("systemctl show tlspool -p MainPID --value")).Trim();
}
