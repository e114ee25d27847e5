namespace TlsPool.Actors.Connections;

/// <summary>
/// Holds back the answers to control keys that nobody has. A key may go wrong by chance, as its session may just have ended; a connection
/// that goes on is told ever later, one answer after the other, and so tries few keys however many it sends.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class GuessLimit(TimeProvider time)
{
    /// <summary>Wrong keys that are answered at once.</summary>
    internal const int Free = 32;

    /// <summary>Time in which one wrong key is forgiven.</summary>
    internal static readonly TimeSpan Forgiven = TimeSpan.FromSeconds(10);

    /// <summary>Time between two answers beyond that.</summary>
    internal static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    private double _wrong;
    private DateTimeOffset _last = time.GetUtcNow();
    private DateTimeOffset _next;

    /// <summary>Counts a wrong key.</summary>
    /// <returns>How long its answer is held back.</returns>
    internal TimeSpan Take()
    {
        DateTimeOffset now = time.GetUtcNow();
        _wrong = Math.Max(0, _wrong - Math.Max(0, (now - _last) / Forgiven)) + 1;
        _last = now;
        if (_wrong <= Free)
            return TimeSpan.Zero;
        _next = (_next > now ? _next : now) + Step;
        return _next - now;
    }
}
