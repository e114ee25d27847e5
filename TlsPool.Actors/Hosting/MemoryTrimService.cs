using Microsoft.Extensions.Hosting;
using TlsPool.Actors.Interop;

namespace TlsPool.Actors.Hosting;

/// <summary>
/// Gives memory back to the system once a busy time is over. Handshakes leave garbage that the collector would keep room for, as long as
/// nobody asks for more: on a host with thousands of waiting sessions that room is as large as the sessions themselves.
/// </summary>
internal sealed class MemoryTrimService(TimeProvider time) : BackgroundService
{
    private const long BusyBytes = 8 << 20;
    private const long QuietBytes = 1 << 20;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        long before = GC.GetTotalAllocatedBytes();
        long trimmed = before;
        while (await WaitAsync(timer, stoppingToken).ConfigureAwait(false))
        {
            long now = GC.GetTotalAllocatedBytes();
            if (now - before < QuietBytes && now - trimmed > BusyBytes)
            {
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                _ = Libc.malloc_trim(0);
                trimmed = GC.GetTotalAllocatedBytes();
            }
            before = now;
        }
    }

    private static async Task<bool> WaitAsync(PeriodicTimer timer, CancellationToken stopping)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stopping).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
