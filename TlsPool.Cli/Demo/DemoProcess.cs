using System.Diagnostics;
using System.Text;
using TlsPool.Actors.Hosting;

namespace TlsPool.Cli.Demo;

/// <summary>Another <c>tlspool</c> that the demo runs, as a user would.</summary>
internal sealed class DemoProcess : IAsyncDisposable
{
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly StringBuilder _errors = new();

    private DemoProcess(Process process) => _process = process;

    /// <summary>Starts a command that goes on.</summary>
    internal static DemoProcess Start(string configuration, params IEnumerable<string> arguments)
    {
        string program = Environment.ProcessPath ?? throw new CommandException("the demo cannot find its own program");
        // "dotnet tlspool.dll" has the runtime as its program.
        string[] prefix = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [typeof(DemoProcess).Assembly.Location] : [];
        var start = new ProcessStartInfo(program, [.. prefix, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.Environment["TLSPOOL_CONFIG_FILE"] = configuration;
        var process = new DemoProcess(Process.Start(start)!);
        process._process.ErrorDataReceived += (_, line) => process.Remember(line.Data);
        process._process.BeginErrorReadLine();
        process._process.StandardInput.Close();
        return process;
    }

    /// <summary>Runs a command to its end.</summary>
    /// <returns>What it wrote.</returns>
    /// <exception cref="CommandException">It failed.</exception>
    internal static async Task<string> RunAsync(string configuration, string[] arguments, CancellationToken cancellation)
    {
        DemoProcess process = Start(configuration, arguments);
        await using (process.ConfigureAwait(false))
        {
            string output = await process._process.StandardOutput.ReadToEndAsync(cancellation).ConfigureAwait(false);
            await process._process.WaitForExitAsync(cancellation).ConfigureAwait(false);
            return process._process.ExitCode == 0 ? output : throw process.Failure(arguments[0]);
        }
    }

    /// <summary>The next line of its output.</summary>
    /// <exception cref="CommandException">It ended.</exception>
    internal async Task<string> ReadLineAsync(string what, CancellationToken cancellation) =>
        await _process.StandardOutput.ReadLineAsync(cancellation).ConfigureAwait(false) ?? throw Failure(what);

    /// <summary>Fails if it has ended.</summary>
    internal void CheckAlive(string what)
    {
        if (_process.HasExited)
            throw Failure(what);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            ProcessSignals.Terminate(_process.Id);
        using (var limit = new CancellationTokenSource(EndTime))
        {
            try
            {
                await _process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                _process.Kill();
                await _process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            }
        }
        _process.Dispose();
    }

    private CommandException Failure(string what)
    {
        lock (_errors)
            return new CommandException($"the demo's {what} failed: {_errors}");
    }

    private void Remember(string? line)
    {
        lock (_errors)
            _errors.AppendLine(line);
    }
}
