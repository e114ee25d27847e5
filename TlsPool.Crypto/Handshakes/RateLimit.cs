namespace TlsPool.Crypto.Handshakes;

/// <summary>Counts what a peer makes this side do after the handshake, in windows of time. Sessions may wait in thousands, so it is small.</summary>
internal struct RateLimit
{
    private long _start;
    private int _count;

    /// <summary>Counts one more; false if that is more than there may be in a window.</summary>
    /// <param name="limit">How many there may be.</param>
    /// <param name="window">Length of a window, which begins with the first that is counted after the one before.</param>
    internal bool TryTake(int limit, TimeSpan window)
    {
        long now = Environment.TickCount64;
        if (_count == 0 || now - _start > window.TotalMilliseconds)
            (_start, _count) = (now, 0);
        if (_count == limit)
            return false;
        _count++;
        return true;
    }
}
