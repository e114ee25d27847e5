using System.Diagnostics;
using System.Net.Sockets;

namespace TlsPool.Bench.Peers;

/// <summary>A process of a contestant, with as many descriptors as it may have and its output in a file.</summary>
internal sealed class PeerProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly Process _process;
    private readonly string _command;
    private readonly string _log;

    private PeerProcess(Process process, string command, string log)
    {
        _process = process;
        _command = command;
        _log = log;
    }

    public int Id => _process.Id;

    public static PeerProcess Start(BenchSetup setup, string command, params string[] arguments)
    {
        var log = Path.Combine(setup.Folder, $"{Path.GetFileNameWithoutExtension(command)}-{Guid.NewGuid():N}.log");
        // sh replaces itself by the command, so the process id is the command's own
        const string Script = "ulimit -n $(ulimit -Hn); exec \"$@\" >\"$0\" 2>&1 </dev/null";
        var start = new ProcessStartInfo("sh", ["-c", Script, log, command, .. arguments])
        {
            WorkingDirectory = setup.Folder,
        };
        return new PeerProcess(Process.Start(start)!, command, log);
    }

    /// <summary>Waits until the process has done its work.</summary>
    public async Task EndsAsync(CancellationToken cancellation)
    {
        await _process.WaitForExitAsync(cancellation).WaitAsync(Patience, cancellation);
        if (_process.ExitCode != 0) throw new InvalidOperationException($"{_command} failed. It said:\n{Said()}");
    }

    /// <summary>Waits until the process accepts connections on a loopback port.</summary>
    public async Task AcceptsAsync(int port, CancellationToken cancellation)
    {
        await UntilAsync(async () =>
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync("127.0.0.1", port, cancellation);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }, $"accept connections on port {port}", cancellation);
    }

    /// <summary>Waits until something holds, as long as the process lives.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition, string what, CancellationToken cancellation)
    {
        var since = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (_process.HasExited || Stopwatch.GetElapsedTime(since) > Patience)
                throw new InvalidOperationException($"{_command} did not {what}. It said:\n{Said()}");
            await Task.Delay(50, cancellation);
        }
    }

    public string Said() => File.Exists(_log) ? string.Join('\n', File.ReadLines(_log).TakeLast(30)) : "";

    public void Dispose()
    {
        if (_process.HasExited)
        {
            _process.Dispose();
            return;
        }
        // asked first, so that a master collects its workers
        using (var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"])) kill.WaitForExit();
        if (!_process.WaitForExit(Patience)) _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }
}
