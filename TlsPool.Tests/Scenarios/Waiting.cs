using System.Diagnostics;
using NUnit.Framework;

namespace TlsPool.Tests.Scenarios;

/// <summary>Waits for what has to come, generously: a busy machine is no failure.</summary>
internal static class Waiting
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    internal static async Task ForAsync(Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(Patience), "what was waited for did not come");
            await Task.Delay(50);
        }
    }
}
