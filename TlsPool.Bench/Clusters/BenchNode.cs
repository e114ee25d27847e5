using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using TlsPool.Bench.Loads;
using TlsPool.Bench.Peers;

namespace TlsPool.Bench.Clusters;

/// <summary>A daemon with its configuration, and perhaps a tunnel before a backend.</summary>
internal sealed class BenchNode : IDisposable
{
    private readonly BenchSetup _setup;
    private readonly string _directory;
    private readonly string _program;
    private PeerProcess _daemon;
    private PeerProcess? _tunnel;

    private BenchNode(BenchSetup setup, string program, string directory) =>
        (_setup, _program, _directory, _daemon) = (setup, program, directory, null!);

    public int Process => _daemon.Id;

    /// <summary>Prepares a node and starts it.</summary>
    /// <param name="setup">Where files go.</param>
    /// <param name="program">The program tlspool.</param>
    /// <param name="name">Name of its folder.</param>
    /// <param name="lines">Its configuration beside sockets and paths.</param>
    /// <param name="prepare">What is done before it starts.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<BenchNode> StartAsync(
        BenchSetup setup, string program, string name, string lines, Func<BenchNode, Task>? prepare, CancellationToken cancellation)
    {
        string directory = Path.Combine(setup.Folder, name);
        Directory.CreateDirectory(directory);
        var node = new BenchNode(setup, program, directory);
        setup.Write($"{name}/tlspool.conf", $"socket_name {directory}/pool.sock\ndbenv_dir {directory}/db\ndaemon_pidfile {directory}/pid\n{lines}");
        if (prepare is not null)
            await prepare(node);
        await node.StartAsync(cancellation);
        return node;
    }

    /// <summary>Runs a command of tlspool for this node.</summary>
    public Task<string> RunAsync(CancellationToken cancellation, params string[] arguments) =>
        ClientProgram.RunAsync(_program, [.. arguments, "--config", Path.Combine(_directory, "tlspool.conf")], cancellation);

    /// <summary>Starts a tunnel that serves an identity.</summary>
    public async Task ServeAsync(int port, string identity, CancellationToken cancellation)
    {
        _tunnel = PeerProcess.Start(
            _setup,
            _program,
            "tunnel", "--server", "--listen", $"127.0.0.1:{port}", "--connect", $"127.0.0.1:{_setup.BackendPort}", "--local-id", identity, "--socket", $"{_directory}/pool.sock");
        await _tunnel.AcceptsAsync(port, cancellation);
    }

    /// <summary>Waits until it sees so many nodes.</summary>
    public async Task SeesAsync(int nodes, CancellationToken cancellation)
    {
        for (long since = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(60); await Task.Delay(200, cancellation))
        {
            string file = Path.Combine(_directory, "db", "cluster.json");
            if (!File.Exists(file))
                continue;
            using JsonDocument status = JsonDocument.Parse(await File.ReadAllTextAsync(file, cancellation));
            if (status.RootElement.GetProperty("nodes").EnumerateArray().Count(node => node.GetProperty("isActive").GetBoolean()) == nodes)
                return;
        }
        throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{_directory} does not see {nodes} nodes:\n{_daemon.Said()}"));
    }

    /// <summary>Sends a signal to the daemon.</summary>
    public void Signal(string signal)
    {
        using var kill = System.Diagnostics.Process.Start("kill", [$"-{signal}", _daemon.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public void Dispose()
    {
        _tunnel?.Dispose();
        _daemon.Dispose();
    }

    private async Task StartAsync(CancellationToken cancellation)
    {
        _daemon = PeerProcess.Start(_setup, _program, "--foreground", "--config", Path.Combine(_directory, "tlspool.conf"));
        await _daemon.UntilAsync(() => Task.FromResult(File.Exists($"{_directory}/pool.sock")), "open its socket", cancellation);
    }
}
