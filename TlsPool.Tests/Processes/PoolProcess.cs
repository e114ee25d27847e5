using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Tests.Scenarios;

namespace TlsPool.Tests.Processes;

/// <summary>The daemon as users run it, with a directory of its own.</summary>
internal sealed class PoolProcess : IAsyncDisposable
{
    internal static readonly string Program = Installation.Program;

    private readonly Dictionary<string, string> _environment;

    private readonly string? _network;

    private PoolProcess(string directory, ChildProcess daemon, Dictionary<string, string> environment, string? network) =>
        (Directory, Daemon, _environment, _network) = (directory, daemon, environment, network);

    /// <summary>Everything of this pool is in it.</summary>
    internal string Directory { get; }

    internal ChildProcess Daemon { get; private set; }

    internal string SocketPath => Path.Combine(Directory, "pool.sock");

    internal string Log => Daemon.Output;

    /// <summary>Starts a daemon.</summary>
    /// <param name="configuration">Lines beside the sockets and paths.</param>
    /// <param name="environment">Additions to the environment, of the commands too.</param>
    /// <param name="prepare">Commands to run before the start.</param>
    /// <param name="network">Network namespace of the daemon; null for that of the tests.</param>
    internal static async Task<PoolProcess> StartAsync(
        string configuration = "",
        IReadOnlyDictionary<string, string>? environment = null,
        Func<PoolProcess, Task>? prepare = null,
        string? network = null)
    {
        string directory = System.IO.Directory.CreateTempSubdirectory("tlspool-test-").FullName;
        string file = Path.Combine(directory, "tlspool.conf");
        await File.WriteAllTextAsync(
            file, $"socket_name {directory}/pool.sock\ndbenv_dir {directory}/db\ndaemon_pidfile {directory}/pid\nlog_level DEBUG\n{configuration}");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var complete = new Dictionary<string, string>(environment ?? new Dictionary<string, string>()) { ["TLSPOOL_CONFIG_FILE"] = file };
        var pool = new PoolProcess(directory, null!, complete, network);
        if (prepare is not null)
            await prepare(pool);
        pool.Daemon = pool.StartProgram();
        await pool.WaitUntilReadyAsync();
        return pool;
    }

    /// <summary>Runs <c>tlspool</c> with the daemon's configuration; it has to succeed.</summary>
    internal async Task<string> RunAsync(params string[] arguments)
    {
        (int code, string output) = await ChildProcess.RunAsync(Program, arguments, _environment);
        Assert.That(code, Is.Zero, $"tlspool {string.Join(' ', arguments)}: {output}");
        return output;
    }

    /// <summary>Runs <c>tlspool</c> with the daemon's configuration.</summary>
    internal Task<(int ExitCode, string Output)> TryAsync(params string[] arguments) => ChildProcess.RunAsync(Program, arguments, _environment);

    /// <summary>Makes an identity in the pool that the pool trusts itself.</summary>
    /// <returns>File with its certificate.</returns>
    internal async Task<string> IdentityAsync(string name, params string[] options)
    {
        await RunAsync(["identity", "generate", name, .. options]);
        string file = Path.Combine(Directory, $"{name}.pem");
        await File.WriteAllTextAsync(file, await RunAsync("identity", "show", name, "--pem"));
        await RunAsync("trust", "add", file);
        return file;
    }

    /// <summary>
    /// Starts <c>tlspool</c> with the daemon's configuration. It hears SIGINT also if these tests were started in the background, where shells
    /// have it ignored.
    /// </summary>
    internal ChildProcess Start(string[] arguments, params ReadOnlySpan<(string Name, string Value)> environment)
    {
        var complete = new Dictionary<string, string>(_environment);
        foreach ((string name, string value) in environment)
            complete[name] = value;
        return ChildProcess.Start("env", ["--default-signal=INT", Program, .. arguments], complete);
    }

    /// <summary>Starts any program with the daemon's configuration in its environment.</summary>
    internal ChildProcess StartProgram(string program, string[] arguments) => ChildProcess.Start(program, arguments, _environment);

    /// <summary>Ends the daemon; the files stay.</summary>
    internal async Task StopDaemonAsync(string signal)
    {
        Daemon.Signal(signal);
        await Daemon.ExitAsync();
    }

    /// <summary>Starts a new daemon in place of one that has ended.</summary>
    internal async Task StartDaemonAsync()
    {
        await Daemon.DisposeAsync();
        File.Delete(SocketPath);
        Daemon = StartProgram();
        await WaitUntilReadyAsync();
    }

    /// <summary>Starts a tunnel on a port that the kernel chooses.</summary>
    internal async Task<TunnelProcess> TunnelAsync(params string[] arguments)
    {
        ChildProcess process = Start(["tunnel", "--listen", "127.0.0.1:0", "--json", .. arguments]);
        string output = await process.WaitForAsync("\n");
        using JsonDocument line = JsonDocument.Parse(output[..output.IndexOf('\n', StringComparison.Ordinal)]);
        string listen = line.RootElement.GetProperty("listen").GetString()!;
        return new TunnelProcess(process, int.Parse(listen[(listen.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture));
    }

    internal TlsPoolClient Client() => new(new TlsPoolClientOptions { SocketPath = SocketPath });

    /// <summary>Waits until the daemon has logged something.</summary>
    internal Task<string> WaitForLogAsync(string text) => Daemon.WaitForAsync(text);

    /// <summary>Waits until a decision is in the audit trail.</summary>
    /// <param name="reason">How its reason begins.</param>
    /// <param name="filters">What else it has to be, as <c>tlspool audit query</c> takes it.</param>
    internal async Task WaitForAuditAsync(string reason, params string[] filters)
    {
        long start = Stopwatch.GetTimestamp();
        string found;
        while (!(found = await RunAsync(["audit", "query", "--json", .. filters])).Contains($"\"reason\":\"{reason}", StringComparison.Ordinal))
        {
            if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(30))
                Assert.Fail($"there is no record of '{reason}', but:\n{found}");
            await Task.Delay(100);
        }
    }

    /// <summary>Waits until the daemon's descriptors are at most what they were; fails if they stay above.</summary>
    internal async Task ExpectDescriptorsAsync(int before)
    {
        long start = Stopwatch.GetTimestamp();
        while (Daemon.Descriptors is var now && now > before)
        {
            if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(20))
                Assert.That(now, Is.LessThanOrEqualTo(before), () => "descriptors leak: " + Daemon.DescriptorKinds);
            await Task.Delay(50);
        }
    }

    /// <summary>Waits until the daemon has opened and closed nothing for a while: what is made at first use is made then.</summary>
    internal async Task SettleAsync()
    {
        const int wanted = 10;
        long start = Stopwatch.GetTimestamp();
        int before = -1;
        for (int same = 0; same < wanted && Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(20);)
        {
            int now = Daemon.Descriptors;
            same = now == before ? same + 1 : 0;
            before = now;
            await Task.Delay(30);
        }
    }

    /// <summary>True if the daemon serves a new application.</summary>
    internal bool IsAlive()
    {
        using var application = new RawApplication(SocketPath);
        return !Daemon.HasExited && application.Ping();
    }

    public async ValueTask DisposeAsync()
    {
        Daemon.Signal("TERM");
        try
        {
            await Daemon.ExitAsync();
        }
        finally
        {
            if (TestContext.CurrentContext.Result.Outcome.Status == NUnit.Framework.Interfaces.TestStatus.Failed)
                TestContext.Out.WriteLine($"The daemon's log:\n{Log}");
            await Daemon.DisposeAsync();
            System.IO.Directory.Delete(Directory, recursive: true);
        }
    }

    /// <summary>A port of 127.0.0.1 that is free now, for servers that cannot tell which one they got.</summary>
    internal static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    /// <summary>Where a namespace is entered, that program becomes the daemon: signals reach it.</summary>
    private ChildProcess StartProgram() => _network is null
        ? ChildProcess.Start(Program, ["--foreground"], _environment)
        : ChildProcess.Start("/usr/sbin/ip", ["netns", "exec", _network, Program, "--foreground"], _environment);

    private async Task WaitUntilReadyAsync()
    {
        long start = Stopwatch.GetTimestamp();
        while (!File.Exists(SocketPath))
        {
            if (Daemon.HasExited)
                await Daemon.ExitAsync();
            if (Daemon.HasExited || Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(30))
                throw new InvalidOperationException($"the daemon did not start:\n{Daemon.Output}");
            await Task.Delay(20);
        }
        try
        {
            await using TlsPoolClient client = Client();
            await client.PingAsync();
        }
        catch (TlsPoolException)
        {
            // It opens its sockets first, and may find something else wrong then.
            await Daemon.ExitAsync();
            throw new InvalidOperationException($"the daemon did not start:\n{Daemon.Output}");
        }
    }
}
