using System.Globalization;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;

namespace TlsPool.Tests.Processes;

/// <summary>A directory with a configuration in which <c>tlspool</c> is run in whatever way a test wants; daemons that are left end with it.</summary>
internal sealed class Installation : IAsyncDisposable
{
    /// <summary>What is tested: the build beside the tests, or the one compiled ahead of time that the build script names.</summary>
    internal static readonly string Program =
        System.Environment.GetEnvironmentVariable("TLSPOOL_TEST_PROGRAM") ?? Path.Combine(AppContext.BaseDirectory, "tlspool");

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<ChildProcess> _processes = [];

    internal Installation(string configuration = "")
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("tlspool-test-").FullName;
        Configure(configuration);
    }

    internal string Directory { get; }

    internal string SocketPath => PathOf("pool.sock");

    internal string PidFile => PathOf("pid");

    internal string ConfigurationFile => PathOf("tlspool.conf");

    /// <summary>Process of the PID file; 0 if there is none.</summary>
    internal int Pid => int.TryParse(File.Exists(PidFile) ? File.ReadAllText(PidFile) : "", out int pid) ? pid : 0;

    internal string PathOf(string name) => Path.Combine(Directory, name);

    /// <summary>Writes the configuration: a socket, a PID file, a database, and these lines.</summary>
    internal void Configure(string lines)
    {
        File.WriteAllText(ConfigurationFile, $"socket_name {SocketPath}\ndbenv_dir {Directory}/db\ndaemon_pidfile {PidFile}\nlog_level DEBUG\n{lines}");
        File.SetUnixFileMode(ConfigurationFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>Installs the program here as well, for a test that replaces it.</summary>
    /// <returns>Its file.</returns>
    internal string InstallProgram()
    {
        string directory = PathOf("bin"), program = Path.Combine(directory, Path.GetFileName(Program));
        System.IO.Directory.CreateDirectory(directory);
        foreach (string part in System.IO.Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(Program)!).Where(part => part != Program))
            File.CreateSymbolicLink(Path.Combine(directory, Path.GetFileName(part)), part);
        File.Copy(Program, program);
        return program;
    }

    /// <summary>Starts <c>tlspool</c> in the foreground.</summary>
    internal ChildProcess Start(string[]? arguments = null, IReadOnlyDictionary<string, string>? environment = null) =>
        Start(Program, ["-f", .. arguments ?? []], environment);

    /// <summary>Starts any program with the configuration in its environment.</summary>
    internal ChildProcess Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var process = ChildProcess.Start(program, arguments, Environment(environment));
        _processes.Add(process);
        return process;
    }

    /// <summary>Starts a daemon in the foreground, and waits until it serves.</summary>
    internal async Task<ChildProcess> ServeAsync(string[]? arguments = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        ChildProcess daemon = Start(arguments, environment);
        await daemon.WaitForAsync("Hosting started");
        return daemon;
    }

    /// <summary>Runs <c>tlspool</c> to its end.</summary>
    internal Task<(int ExitCode, string Output)> TryAsync(params string[] arguments) => ChildProcess.RunAsync(Program, arguments, Environment(null));

    /// <summary>Runs <c>tlspool</c> to its end; it has to succeed.</summary>
    internal async Task<string> RunAsync(params string[] arguments)
    {
        (int code, string output) = await TryAsync(arguments);
        Assert.That(code, Is.Zero, $"tlspool {string.Join(' ', arguments)}: {output}");
        return output;
    }

    /// <summary>Runs <c>tlspool</c> to its end; it has to fail as users' mistakes do.</summary>
    /// <returns>What it said.</returns>
    internal async Task<string> RefuseAsync(params string[] arguments)
    {
        (int code, string output) = await TryAsync(arguments);
        Assert.That(code, Is.EqualTo(1), $"tlspool {string.Join(' ', arguments)}: {output}");
        Assert.That(output, Does.Not.Contain("   at TlsPool."), "a mistake of the user is no stack trace");
        return output;
    }

    /// <summary>Asks the pool at the socket whether it is there.</summary>
    internal async Task<PingMessage> PingAsync()
    {
        await using var client = new TlsPoolClient(new TlsPoolClientOptions { SocketPath = SocketPath });
        return await client.PingAsync().WaitAsync(Patience);
    }

    /// <summary>Waits for something to become true.</summary>
    internal static async Task WaitAsync(Func<bool> condition, string what)
    {
        DateTime until = DateTime.UtcNow + Patience;
        while (!condition())
        {
            if (DateTime.UtcNow > until)
                Assert.Fail($"this did not happen: {what}");
            await Task.Delay(20);
        }
    }

    internal static bool IsRunning(int process) => process > 0
        && File.Exists($"/proc/{process}/stat") && !File.ReadAllText($"/proc/{process}/stat").Split(") ")[1].StartsWith('Z');

    public async ValueTask DisposeAsync()
    {
        foreach (ChildProcess process in _processes)
        {
            if (TestContext.CurrentContext.Result.Outcome.Status == NUnit.Framework.Interfaces.TestStatus.Failed)
                await TestContext.Out.WriteLineAsync($"process {process.Id} wrote:\n{process.Output}");
            await process.DisposeAsync();
        }
        await EndBackgroundAsync();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    /// <summary>Kills the daemon of the PID file, if it is one of this installation.</summary>
    private async Task EndBackgroundAsync()
    {
        int pid = Pid;
        if (!IsRunning(pid) || !File.ReadAllText($"/proc/{pid}/cmdline").Contains("tlspool", StringComparison.Ordinal))
            return;
        using (var kill = System.Diagnostics.Process.Start("kill", ["-KILL", pid.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync();
        await WaitAsync(() => !IsRunning(pid), "the daemon in the background ended");
    }

    private Dictionary<string, string> Environment(IReadOnlyDictionary<string, string>? additions) =>
        new(additions ?? new Dictionary<string, string>()) { ["TLSPOOL_CONFIG_FILE"] = ConfigurationFile };
}
