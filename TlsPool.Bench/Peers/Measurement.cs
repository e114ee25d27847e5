using System.Diagnostics;
using TlsPool.Bench.Loads;

namespace TlsPool.Bench.Peers;

/// <summary>One run of one contestant through all columns.</summary>
internal sealed class Measurement(string name, BenchSetup setup, LoadPlan plan)
{
    // Steady speed is what counts for a daemon: everybody gets the time that the slowest starter needs, which is the one with a compiler.
    private const int WarmUpSeconds = 10;
    private const int WarmUpSessions = 500;
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(20);

    public async Task<LoadFigures> RunAsync(CancellationToken cancellation)
    {
        var figures = await SpeedAsync(cancellation);
        return plan.Columns.Contains("memory") ? await MemoryAsync(figures, cancellation) : figures;
    }

    private async Task<LoadFigures> SpeedAsync(CancellationToken cancellation)
    {
        var figures = new LoadFigures();
        if (plan.Columns is ["memory"]) return figures;
        using var contestant = await Contestants.StartAsync(name, setup, cancellation);
        await LoadGenerator.FullHandshakesAsync(contestant.Port, WarmUpSeconds, cancellation);
        if (plan.Columns.Contains("full"))
        {
            var (load, cpu) = await MeasureAsync(contestant,
                () => LoadGenerator.FullHandshakesAsync(contestant.Port, plan.Seconds, cancellation));
            figures = figures with { FullRate = load.Rate, FullCpu = cpu.TotalMicroseconds / load.Requests };
        }

        if (plan.Columns.Contains("resumed"))
        {
            await LoadGenerator.ResumedAsync(setup, contestant.Port, 1, cancellation);
            var (load, cpu) = await MeasureAsync(contestant,
                () => LoadGenerator.ResumedAsync(setup, contestant.Port, plan.Seconds, cancellation));
            figures = figures with { ResumedRate = load.Rate, ResumedCpu = cpu.TotalMicroseconds / load.Requests };
        }

        if (plan.Columns.Contains("bulk"))
        {
            await LoadGenerator.BulkAsync(setup, contestant.Port, 1, cancellation);
            var (load, cpu) = await MeasureAsync(contestant,
                () => LoadGenerator.BulkAsync(setup, contestant.Port, plan.Seconds, cancellation));
            figures = figures with
            {
                BulkRate = load.Megabytes / load.Elapsed.TotalSeconds,
                BulkCpu = cpu.TotalMicroseconds / load.Megabytes,
            };
        }

        return figures;
    }

    private static async Task<(LoadResult Load, TimeSpan Cpu)> MeasureAsync(Contestant contestant, Func<Task<LoadResult>> run)
    {
        var before = contestant.CpuTime;
        var load = await run();
        return (load, contestant.CpuTime - before);
    }

    // A process of its own: one that was busy hides sessions in memory it already has. The first sessions come and
    // go before the count, so that code and tables that are made once do not count as sessions.
    private async Task<LoadFigures> MemoryAsync(LoadFigures figures, CancellationToken cancellation)
    {
        using var contestant = await Contestants.StartAsync(name, setup, cancellation);
        using (await IdleSessions.OpenAsync(contestant.Port, WarmUpSessions, cancellation)) { }
        var before = await SettledAsync(contestant, cancellation);
        using var sessions = await IdleSessions.OpenAsync(contestant.Port, plan.Sessions, cancellation);
        var after = await SettledAsync(contestant, cancellation);
        var threads = contestant.Threads;
        var live = await sessions.CountLiveAsync(cancellation);
        return figures with { SessionMemory = (after - before) / 1e3 / live, LiveSessions = live, Threads = threads };
    }

    private static async Task<long> SettledAsync(Contestant contestant, CancellationToken cancellation)
    {
        await Task.Delay(SettleTime, cancellation);
        var since = Stopwatch.GetTimestamp();
        for (var last = contestant.Memory; ;)
        {
            await Task.Delay(1000, cancellation);
            var now = contestant.Memory;
            if (Math.Abs(now - last) < 256 << 10 || Stopwatch.GetElapsedTime(since) > SettleLimit) return now;
            last = now;
        }
    }
}
