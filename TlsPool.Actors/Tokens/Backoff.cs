namespace TlsPool.Actors.Tokens;

/// <summary>Pauses that double up to a limit, each shortened at random by up to a quarter so that many do not act at once.</summary>
internal sealed class Backoff
{
    private readonly TimeSpan _first;
    private readonly TimeSpan _longest;
    private TimeSpan _next;

    internal Backoff(TimeSpan first, TimeSpan longest) => (_first, _longest, _next) = (first, longest, first);

    /// <summary>The next pause.</summary>
    internal TimeSpan Next()
    {
        TimeSpan pause = _next;
        _next = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, _longest.Ticks));
        return pause - (pause * (Random.Shared.NextDouble() / 4));
    }

    /// <summary>Begins with the first pause again.</summary>
    internal void Reset() => _next = _first;
}
