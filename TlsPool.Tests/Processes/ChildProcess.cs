using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace TlsPool.Tests.Processes;

/// <summary>A program that a test runs; its output is kept, and it ends with the test.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly Task _reading;
    private readonly string _name;

    private ChildProcess(Process process, string name)
    {
        (_process, _name) = (process, name);
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
    }

    /// <summary>What it has written so far, both streams in one.</summary>
    internal string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    internal int Id => _process.Id;

    internal bool HasExited => _process.HasExited;

    internal StreamWriter Input => _process.StandardInput;

    /// <summary>Open descriptors, without those of program files: they are loaded when they are first needed.</summary>
    internal int Descriptors => DescriptorTargets().Count;

    /// <summary>What the descriptors are, counted.</summary>
    internal string DescriptorKinds => string.Join(", ", DescriptorTargets()
        .GroupBy(target => target.Split('[')[0])
        .Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Count()} {group.Key}")));

    internal int Threads => Directory.GetDirectories($"/proc/{Id}/task").Length;

    /// <summary>Resident anonymous memory in kB.</summary>
    internal long Memory => long.Parse(
        File.ReadLines($"/proc/{Id}/status").First(line => line.StartsWith("RssAnon", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2],
        CultureInfo.InvariantCulture);

    internal static ChildProcess Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // The runtime would compile anew what a program does often, 100 ms after it has begun: few of those here live long enough to gain by it.
        start.Environment["DOTNET_TC_CallCountingDelayMs"] = "10000";
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return new ChildProcess(Process.Start(start)!, $"{program} {string.Join(' ', arguments)}");
    }

    /// <summary>Runs a program to its end.</summary>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Additions to its environment.</param>
    /// <param name="input">What it reads; its input ends after that.</param>
    /// <param name="patience">How long it may take; a minute and a half if nothing is said.</param>
    /// <returns>Exit code and everything it wrote.</returns>
    internal static async Task<(int ExitCode, string Output)> RunAsync(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string input = "", TimeSpan? patience = null)
    {
        await using ChildProcess process = Start(program, arguments, environment);
        try
        {
            await process.Input.WriteAsync(input);
            process.Input.Close();
        }
        catch (IOException)
        {
            // It ended before it read that, and says why.
        }
        return (await process.ExitAsync(patience), process.Output);
    }

    /// <summary>Says something to it; one that has ended does not hear it, and its exit says why.</summary>
    internal async Task SayAsync(string text)
    {
        try
        {
            await _process.StandardInput.WriteAsync(text);
            await _process.StandardInput.FlushAsync();
        }
        catch (IOException)
        {
            // It did not want to hear any more.
        }
    }

    /// <summary>Waits until it ends by itself.</summary>
    internal async Task<int> ExitAsync(TimeSpan? patience = null)
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(patience ?? Patience);
            await _reading.WaitAsync(Patience);
            return _process.ExitCode;
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{_name} does not end; it wrote:\n{Output}");
        }
    }

    /// <summary>Waits until it has written something.</summary>
    internal async Task<string> WaitForAsync(Func<string, bool> seen)
    {
        long start = Stopwatch.GetTimestamp();
        while (!seen(Output))
        {
            if (Stopwatch.GetElapsedTime(start) > Patience || (_process.HasExited && _reading.IsCompleted && !seen(Output)))
                throw new TimeoutException($"{_name} did not write what was waited for, but:\n{Output}");
            await Task.Delay(20);
        }
        return Output;
    }

    internal Task<string> WaitForAsync(string text) => WaitForAsync(output => output.Contains(text, StringComparison.Ordinal));

    /// <summary>Sends a signal (kill(1) names).</summary>
    internal void Signal(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }

    private List<string> DescriptorTargets() => [.. Directory.GetFiles($"/proc/{Id}/fd")
        .Select(file => new FileInfo(file).LinkTarget ?? "gone")
        .Where(target => !target.EndsWith(".dll", StringComparison.Ordinal) && !target.EndsWith(".so", StringComparison.Ordinal))];

    private async Task ReadAsync(StreamReader stream)
    {
        char[] buffer = new char[4096];
        while (await stream.ReadAsync(buffer) is > 0 and var count)
        {
            lock (_output)
                _output.Append(buffer, 0, count);
        }
    }
}
