using System.Diagnostics;
using System.Globalization;

namespace TlsPool.Bench.Fuzzing;

/// <summary>Fuzzes targets one after the other, each in a process that is watched: whatever ends or hangs it is a finding as well.</summary>
internal sealed class FuzzRun(DirectoryInfo corpus, DirectoryInfo output, TimeSpan time)
{
    private const int MaxDeaths = 5;

    /// <summary>An input that takes longer, on however busy a machine, does not end.</summary>
    private static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(60);

    private readonly Findings _findings = new(output.FullName);

    /// <summary>Fuzzes the targets; 0 if nothing was found.</summary>
    internal async Task<int> RunAsync(IReadOnlyList<FuzzTarget> targets, CancellationToken cancellation)
    {
        output.Create();
        foreach (FuzzTarget target in targets)
        {
            _findings.Clear(target.Name);
            await FuzzAsync(target.Name, cancellation);
        }
        string[] found = [.. targets.SelectMany(target => _findings.Of(target.Name))];
        Console.WriteLine(found.Length == 0
            ? "Nothing was found."
            : $"\nFound {found.Length}: the .txt beside each says what it did and how to see it again.\n  {string.Join("\n  ", found)}");
        return found.Length == 0 ? 0 : 1;
    }

    private async Task FuzzAsync(string target, CancellationToken cancellation)
    {
        string slotFile = Path.Combine(output.FullName, $".{target}.slot");
        var clock = Stopwatch.StartNew();
        try
        {
            using var slot = new InputSlot(slotFile);
            for (int deaths = 0; deaths < MaxDeaths && clock.Elapsed < time;)
            {
                (int code, bool hung) = await WorkAsync(target, slotFile, slot, time - clock.Elapsed, cancellation);
                if (code == 0 && !hung)
                    break;
                deaths++;
                _findings.Add(target, slot.Input, hung ? $"it did not end within {MaxSilence.TotalSeconds} s" : $"it ended the process with code {code}");
            }
        }
        finally
        {
            File.Delete(slotFile);
        }
    }

    private async Task<(int Code, bool Hung)> WorkAsync(
        string target, string slotFile, InputSlot slot, TimeSpan left, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            ArgumentList =
            {
                typeof(FuzzRun).Assembly.Location, "fuzz", "--only", target, "--corpus", corpus.FullName, "--out", output.FullName,
                "--seconds", Math.Ceiling(left.TotalSeconds).ToString(CultureInfo.InvariantCulture), "--worker", slotFile,
            },
        };
        using Process worker = Process.Start(start)!;
        var silence = Stopwatch.StartNew();
        for (long seen = -1; !worker.HasExited;)
        {
            if (cancellation.IsCancellationRequested || silence.Elapsed > MaxSilence)
            {
                worker.Kill();
                await worker.WaitForExitAsync(CancellationToken.None);
                cancellation.ThrowIfCancellationRequested();
                return (worker.ExitCode, Hung: true);
            }
            await Task.WhenAny(worker.WaitForExitAsync(CancellationToken.None), Task.Delay(500, CancellationToken.None));
            if (slot.Count == seen)
                continue;
            seen = slot.Count;
            silence.Restart();
        }
        return (worker.ExitCode, Hung: false);
    }
}
