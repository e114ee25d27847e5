using System.Diagnostics;
using System.Globalization;
using TlsPool.Actors.Management.Remoting;
using TlsPool.Actors.Management.Views;
using TlsPool.Bench.Peers;

namespace TlsPool.Bench.Consoles;

/// <summary>What a console shows of many sessions, and how soon; and what it costs the node to be watched.</summary>
internal static class ConsoleFigures
{
    private const int Repetitions = 40;
    private const long Rows = 40;

    private static readonly (string Name, Dictionary<string, object?> Question)[] Questions =
    [
        ("part", new() { ["limit"] = Rows }),
        ("by age", new() { ["limit"] = Rows, ["sort"] = "age" }),
        ("by identity", new() { ["limit"] = Rows, ["sort"] = "identity" }),
        ("filtered", new() { ["limit"] = Rows, ["identity"] = "user77" }),
    ];

    public static async Task<int> RunAsync(int[] counts, int seconds, CancellationToken cancellation)
    {
        string program = Environment.GetEnvironmentVariable("TLSPOOL_BENCH_PROGRAM") ?? Path.Combine(AppContext.BaseDirectory, "tlspool");
        using var setup = new BenchSetup();
        // Processor time counts: other programs of the machine make the rest longer.
        Console.WriteLine($"| sessions | on the screen after, ms | processor of the console, ms | {string.Join(" | ", Questions.Select(question => $"{question.Name}, ms"))} | node, % of a core |");
        Console.WriteLine("|---:|---:|---:|" + string.Concat(Questions.Select(_ => "---:|")) + "---:|");
        foreach (int count in counts)
        {
            string path = Path.Combine(setup.Folder, $"manage-{count}.sock");
            await using ManySessions node = ManySessions.Serve(path, count);
            string[] cells =
            [
                Number(count),
                .. await ScreenAsync(program, path, count, cancellation),
                .. await AnswersAsync(path, cancellation),
                (await ShareAsync(program, path, seconds, cancellation)).ToString("0.0", CultureInfo.InvariantCulture),
            ];
            Console.WriteLine($"| {string.Join(" | ", cells)} |");
        }
        return 0;
    }

    /// <summary>
    /// From the start of the program until a terminal shows how many sessions there are, and the first of them: time, and processor time of the
    /// program; the second time, when its files are in memory.
    /// </summary>
    private static async Task<string[]> ScreenAsync(string program, string path, int count, CancellationToken cancellation)
    {
        string[] figures = [];
        for (int i = 0; i < 2; i++)
        {
            long start = Stopwatch.GetTimestamp();
            using Process console = Open(program, path);
            await WaitForAsync(console, $"of {Number(count)}", cancellation);
            figures = [Number(Stopwatch.GetElapsedTime(start).TotalMilliseconds), Number(ProcessFigures.CpuTime([console.Id]).TotalMilliseconds)];
            await CloseAsync(console, cancellation);
        }
        return figures;
    }

    /// <summary>Processor time of an answer, of the node and of who asks, who are both in this process.</summary>
    private static async Task<string[]> AnswersAsync(string path, CancellationToken cancellation)
    {
        await using ManagementClient client = await ManagementClient.ConnectAsync(path, cancellation);
        using Process self = Process.GetCurrentProcess();
        var means = new List<string>();
        foreach ((_, Dictionary<string, object?> question) in Questions)
        {
            // The first ones are compiled.
            await RepeatAsync(client, question, cancellation);
            self.Refresh();
            TimeSpan before = self.TotalProcessorTime;
            await RepeatAsync(client, question, cancellation);
            self.Refresh();
            means.Add(((self.TotalProcessorTime - before).TotalMilliseconds / Repetitions).ToString("0.0", CultureInfo.InvariantCulture));
        }
        return [.. means];
    }

    private static async Task RepeatAsync(ManagementClient client, Dictionary<string, object?> question, CancellationToken cancellation)
    {
        for (int i = 0; i < Repetitions; i++)
            await client.DoAsync<Page<SessionView>>("session.list", question, cancellation: cancellation);
    }

    /// <summary>Processor time of the node while a console is open, in per cent of one core. The node is this process, which does nothing else.</summary>
    private static async Task<double> ShareAsync(string program, string path, int seconds, CancellationToken cancellation)
    {
        using Process console = Open(program, path);
        await WaitForAsync(console, "Sessions:", cancellation);
        using Process self = Process.GetCurrentProcess();
        TimeSpan before = self.TotalProcessorTime;
        await Task.Delay(TimeSpan.FromSeconds(seconds), cancellation);
        self.Refresh();
        double share = (self.TotalProcessorTime - before).TotalSeconds / seconds * 100;
        await CloseAsync(console, cancellation);
        return share;
    }

    // script(1) gives it a terminal, and passes on what it writes there.
    private static Process Open(string program, string path) => Process.Start(new ProcessStartInfo(
        "script", ["--quiet", "--flush", "--command", $"stty cols 120 rows 45; exec '{program}' console --socket '{path}' --screen sessions", "/dev/null"])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        Environment = { ["TERM"] = "xterm" },
    })!;

    private static async Task WaitForAsync(Process console, string text, CancellationToken cancellation)
    {
        string shown = "";
        char[] buffer = new char[4096];
        while (!shown.Contains(text, StringComparison.Ordinal))
        {
            int length = await console.StandardOutput.ReadAsync(buffer, cancellation);
            if (length == 0)
                throw new InvalidOperationException($"the console has ended: {shown}");
            shown += new string(buffer, 0, length);
        }
    }

    private static async Task CloseAsync(Process console, CancellationToken cancellation)
    {
        await console.StandardInput.WriteAsync('q');
        await console.StandardInput.FlushAsync(cancellation);
        await console.StandardOutput.ReadToEndAsync(cancellation);
        await console.WaitForExitAsync(cancellation);
    }

    private static string Number(double number) => number.ToString("#,0", CultureInfo.InvariantCulture);
}
