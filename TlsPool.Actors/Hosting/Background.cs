using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using TlsPool.Actors.Interop;

namespace TlsPool.Actors.Hosting;

/// <summary>
/// Starts the daemon in the background: the same program again, in a session of its own. The one that starts it waits until it serves, by
/// the protocol of sd_notify(3), so that its exit code can be trusted.
/// </summary>
public static class Background
{
    /// <summary>Set for the process in the background.</summary>
    private const string Mark = "TLSPOOL_IN_BACKGROUND";

    private const string NotifySocket = "NOTIFY_SOCKET";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>Starts the daemon and waits until it serves or has failed; it says why on the standard error that it still shares.</summary>
    /// <param name="arguments">Arguments of the daemon.</param>
    /// <returns>The exit code for this process.</returns>
    public static async Task<int> StartAsync(IReadOnlyList<string> arguments)
    {
        string directory = Directory.CreateTempSubdirectory("tlspool-").FullName;
        try
        {
            string path = Path.Combine(directory, "ready");
            using var ready = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            ready.Bind(new UnixDomainSocketEndPoint(path));
            (string program, IReadOnlyList<string> complete) = OwnProgram.Command(arguments);
            var start = new ProcessStartInfo(program, complete) { WorkingDirectory = "/" };
            start.Environment[NotifySocket] = path;
            start.Environment[Mark] = "1";
            start.Environment.TryAdd(DiagnosticPort.Variable, DiagnosticPort.Off);
            using Process daemon = Process.Start(start)!;
            return await WaitAsync(daemon, ready).ConfigureAwait(false);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>In the process in the background: leaves the terminal's session.</summary>
    public static void Enter()
    {
        if (Environment.GetEnvironmentVariable(Mark) is not null)
            _ = Libc.setsid();
    }

    /// <summary>In the process in the background, once it serves: lets go of the terminal.</summary>
    internal static void Settle()
    {
        if (Environment.GetEnvironmentVariable(Mark) is null)
            return;
        Environment.SetEnvironmentVariable(Mark, null);
        int nowhere = Libc.open("/dev/null", Libc.O_RDWR | Libc.O_CLOEXEC, 0);
        if (nowhere < 0)
            return;
        List<int> terminal = [0, 1, 2, .. Copies()];
        foreach (int descriptor in terminal)
            _ = Libc.dup2(nowhere, descriptor);
        _ = Libc.close(nowhere);
    }

    /// <summary>The console keeps copies of the standard streams: whoever reads from a pipe would wait for their end.</summary>
    private static List<int> Copies()
    {
        FileIdentity?[] standard = [FileIdentity.Of(0), FileIdentity.Of(1), FileIdentity.Of(2)];
        return [.. Directory.EnumerateFileSystemEntries("/proc/self/fd")
            .Select(entry => int.Parse(Path.GetFileName(entry), CultureInfo.InvariantCulture))
            .Where(number => number > 2 && FileIdentity.Of(number) is { } identity && standard.Contains(identity))];
    }

    private static async Task<int> WaitAsync(Process daemon, Socket ready)
    {
        using var limit = new CancellationTokenSource(Patience);
        Task exited = daemon.WaitForExitAsync(limit.Token);
        Task serves = ServesAsync(ready, limit.Token);
        await Task.WhenAny(exited, serves).ConfigureAwait(false);
        if (serves.IsCompletedSuccessfully)
            return 0;
        if (daemon.HasExited)
            return daemon.ExitCode == 0 ? 1 : daemon.ExitCode;
        await Console.Error.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"tlspool: process {daemon.Id} does not serve after {Patience.TotalSeconds} s: see its log")).ConfigureAwait(false);
        return 1;
    }

    private static async Task ServesAsync(Socket ready, CancellationToken cancellation)
    {
        byte[] buffer = new byte[4096];
        while (true)
        {
            int length = await ready.ReceiveAsync(buffer, cancellation).ConfigureAwait(false);
            if (Encoding.UTF8.GetString(buffer.AsSpan(0, length)).Split('\n').Contains("READY=1"))
                return;
        }
    }
}
