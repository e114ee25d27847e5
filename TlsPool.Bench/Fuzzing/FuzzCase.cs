using System.Diagnostics;

namespace TlsPool.Bench.Fuzzing;

/// <summary>Runs one input through a target within its limits.</summary>
internal static class FuzzCase
{
    /// <summary>Most bytes one input may make a target allocate.</summary>
    private const long MaxAllocated = 64L << 20;

    /// <summary>Most processor time one input may take in a process that does nothing else.</summary>
    internal static TimeSpan MaxTime { get; } = TimeSpan.FromSeconds(2);

    /// <summary>Runs an input; whatever is thrown is a finding.</summary>
    /// <param name="target">What to run it through.</param>
    /// <param name="input">Any bytes.</param>
    /// <param name="maxTime">Most processor time of the process. Wall time says nothing on a busy machine.</param>
    internal static void Run(FuzzTarget target, byte[] input, TimeSpan maxTime)
    {
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        var clock = Stopwatch.StartNew();
        long before = GC.GetAllocatedBytesForCurrentThread();
        target.Run(input);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        FuzzViolationException.Unless(allocated <= MaxAllocated, $"{input.Length} bytes of input made it allocate {allocated >> 20} MiB");
        if (clock.Elapsed <= maxTime)
            return;
        TimeSpan used = Environment.CpuUsage.TotalTime - processor;
        FuzzViolationException.Unless(used <= maxTime, $"{input.Length} bytes of input took {used.TotalSeconds:0.0} s of processor time");
    }
}
