using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>The console as people use it: in a terminal, with a real daemon and its sessions.</summary>
[Parallelizable]
public sealed class ConsoleTests
{
    private PoolProcess _pool = null!;
    private Backend _backend = null!;
    private TunnelProcess _server = null!;
    private TunnelProcess _client = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _pool = await PoolProcess.StartAsync("manage_allow viewer user:nobody\n");
        File.SetUnixFileMode(_pool.Directory, (UnixFileMode)0x1ED);
        await _pool.IdentityAsync("seen.example");
        _backend = Backend.Echo();
        _server = await _pool.TunnelAsync("--server", "--connect", _backend.Address, "--local-id", "seen.example");
        _client = await _pool.TunnelAsync("--client", "--connect", _server.Address, "--remote-id", "seen.example");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _client.DisposeAsync();
        await _server.DisposeAsync();
        _backend.Dispose();
        await _pool.DisposeAsync();
    }

    [Test]
    public async Task Sessions_are_seen_filtered_and_closed_by_those_who_type_their_number()
    {
        using TcpClient application = await ConnectAsync();
        long number = await NumberAsync();
        await using TmuxTerminal terminal = await OpenAsync(_pool, 120, 30);
        await terminal.WaitForAsync(screen => screen.Contains("Overview: 1", StringComparison.Ordinal) && screen.Contains("serving", StringComparison.Ordinal), "the overview");

        await terminal.PressAsync("3");
        await terminal.WaitForAsync("TLS_AES_");
        await terminal.PressAsync("/");
        await terminal.TypeAsync("other.example");
        await terminal.PressAsync("Enter");
        await terminal.WaitForAsync("nothing passes the filter");
        await terminal.PressAsync("Escape");
        await terminal.WaitForAsync("seen.example");
        await SelectAsync(terminal, $"> *{number} ");

        await terminal.PressAsync("a", "c");
        await terminal.WaitForAsync($"type {number} once more");
        await terminal.TypeAsync($"{number}1");
        await terminal.PressAsync("Enter");
        await terminal.WaitForAsync("that is something else: nothing was done");
        await terminal.PressAsync("BSpace", "Enter");
        await terminal.WaitForAsync($"session {number} was ended");
        Assert.That(await application.GetStream().ReadAsync(new byte[1]).AsTask().WaitAsync(TimeSpan.FromSeconds(60)), Is.Zero, "the application sees its end");
        await _pool.WaitForAuditAsync($"session {number} was ended, by uid 0 (admin)", "--kind", "administration");
    }

    [Test]
    public async Task A_viewer_sees_everything_and_is_told_what_takes_another_role()
    {
        await using TmuxTerminal terminal = await TmuxTerminal.StartAsync(
            100, 30, "setpriv", ["--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "env", "NO_COLOR=1", .. Console(_pool), "--screen", "log"]);
        await terminal.WaitForAsync("uid 65534 (viewer)");
        await terminal.WaitForAsync("DAEMON");
        await terminal.PressAsync("a");
        await terminal.WaitForAsync("takes operator");
        await terminal.PressAsync("l");
        await terminal.WaitForAsync("log level takes the role operator, and uid 65534 has");
        Assert.That(await terminal.ScreenAsync("-e"), Does.Not.Match("\e\\[(3[0-7]|38)[;m]"), "NO_COLOR");
    }

    [Test]
    public async Task The_screen_follows_the_size_of_its_terminal()
    {
        using TcpClient application = await ConnectAsync();
        await using TmuxTerminal terminal = await OpenAsync(_pool, 120, 30, "--screen", "sessions");
        await terminal.WaitForAsync("LOCAL ID");
        await terminal.ResizeAsync(40, 10);
        string screen = await terminal.WaitForAsync(screen => screen.Contains("NUMBER", StringComparison.Ordinal) && !screen.Contains("LOCAL ID", StringComparison.Ordinal), "fewer columns");
        Assert.That(screen, Does.Contain("[3 Sessions]").And.Contains("? help"));
        Assert.That(screen, Does.Contain("\n>"), "a row is selected");
        await terminal.PressAsync("a", "c");
        await terminal.WaitForAsync("confirm");
        await terminal.PressAsync("Escape");
        await terminal.ResizeAsync(25, 6);
        await terminal.WaitForAsync("too small");
        await terminal.ResizeAsync(120, 30);
        await terminal.WaitForAsync("LOCAL ID");
    }

    [Test]
    public async Task A_node_that_stands_still_or_starts_anew_leaves_the_console_usable()
    {
        await using PoolProcess pool = await PoolProcess.StartAsync();
        await using TmuxTerminal terminal = await OpenAsync(pool, 100, 30);
        await terminal.WaitForAsync("serving");

        pool.Daemon.Signal("STOP");
        await terminal.WaitForAsync("has not answered for");
        await terminal.PressAsync("6");
        await terminal.WaitForAsync("[6 Identities]");
        pool.Daemon.Signal("CONT");
        await terminal.WaitForAsync(screen => screen.Contains("live", StringComparison.Ordinal) && screen.Contains("Identities: 0", StringComparison.Ordinal), "an answer");

        await pool.StopDaemonAsync("KILL");
        await terminal.WaitForAsync("trying again in");
        await pool.StartDaemonAsync();
        await terminal.WaitForAsync("live");
        await terminal.PressAsync("1");
        await terminal.WaitForAsync("serving");

        await terminal.PressAsync("q");
        string screen = await terminal.WaitForAsync("left with 0");
        screen = await terminal.WaitForAsync("icanon");
        Assert.That(screen, Does.Match(@"(^|\s)icanon\b").And.Match(@"(^|\s)echo\b"), "the terminal is as it was");
        Assert.That(screen, Does.Not.Contain("Overview"), "and shows what it did");
    }

    [Test]
    public async Task A_slow_link_leaves_the_console_usable()
    {
        string path = Path.Combine(_pool.Directory, "slow.sock");
        using TcpClient application = await ConnectAsync();
        await using var link = new SlowLink(path, Path.Combine(_pool.Directory, "pool-manage.sock"), 3000, TimeSpan.FromMilliseconds(500));
        await using TmuxTerminal terminal = await TmuxTerminal.StartAsync(120, 30, PoolProcess.Program, "console", "--refresh", "0.5", "--socket", path);
        await terminal.WaitForAsync("serving");

        // What needs no node is there at once, and nobody waits for an answer that he does not want any more.
        await terminal.PressAsync("3", "6", "?");
        await terminal.WaitForAsync("Esc");
        await terminal.PressAsync("Escape");
        await terminal.WaitForAsync(screen => screen.Contains("[6 Identities]", StringComparison.Ordinal) && screen.Contains("seen.example", StringComparison.Ordinal), "identities");
        await terminal.PressAsync("3");
        await terminal.WaitForAsync("TLS_AES_");
        await terminal.PressAsync("q");
        await terminal.WaitForAsync("left with 0");
    }

    private static string[] Console(PoolProcess pool) =>
        [PoolProcess.Program, "console", "--refresh", "0.5", "--socket", Path.Combine(pool.Directory, "pool-manage.sock")];

    private static Task<TmuxTerminal> OpenAsync(PoolProcess pool, int columns, int rows, params string[] options) =>
        TmuxTerminal.StartAsync(columns, rows, "env", [.. Console(pool), .. options]);

    /// <summary>Goes down until the row is the selected one.</summary>
    private static async Task SelectAsync(TmuxTerminal terminal, string row)
    {
        for (int i = 0; i < 50; i++)
        {
            string screen = await terminal.ScreenAsync();
            if (System.Text.RegularExpressions.Regex.IsMatch(screen, $"^{row}", System.Text.RegularExpressions.RegexOptions.Multiline))
                return;
            await terminal.PressAsync("Down");
            await terminal.WaitForAsync(now => now != screen, "another selected row");
        }
        Assert.Fail($"there is no row {row}");
    }

    /// <summary>An application that speaks through both tunnels.</summary>
    private async Task<TcpClient> ConnectAsync()
    {
        var application = new TcpClient();
        await application.ConnectAsync(IPAddress.Loopback, _client.Port);
        await application.GetStream().WriteAsync(Encoding.ASCII.GetBytes("hello"));
        await application.GetStream().ReadExactlyAsync(new byte[5]).AsTask().WaitAsync(TimeSpan.FromSeconds(60));
        return application;
    }

    /// <summary>Number of the newest session of the server.</summary>
    private async Task<long> NumberAsync()
    {
        using var list = JsonDocument.Parse(await _pool.RunAsync("session", "list", "--json", "--limit", "500"));
        return list.RootElement.GetProperty("items").EnumerateArray()
            .Where(session => session.GetProperty("role").GetString() == "server")
            .Max(session => session.GetProperty("number").GetInt64());
    }
}
