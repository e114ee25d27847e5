namespace TlsPool.Crypto.Handshakes;

/// <summary>
/// Remembers which tickets were used, for single use (RFC 8446 section 8.1). Two generations of one ticket lifetime each. When a
/// generation is full, further tickets are refused: those clients make a full handshake, which is safe.
/// </summary>
internal sealed class UsedTickets(TimeSpan lifetime, TimeProvider time)
{
    private const int MaxPerGeneration = 1 << 19;

    private readonly Lock _lock = new();
    private HashSet<UInt128> _current = [];
    private HashSet<UInt128> _previous = [];
    private DateTimeOffset _since = time.GetUtcNow();

    /// <summary>Notes a ticket by its 12-byte nonce; false if it was noted before, or there is no room.</summary>
    internal bool TryUse(ReadOnlySpan<byte> nonce)
    {
        Span<byte> padded = stackalloc byte[16];
        padded.Clear();
        nonce.CopyTo(padded);
        UInt128 id = System.Runtime.InteropServices.MemoryMarshal.Read<UInt128>(padded);
        lock (_lock)
        {
            if (time.GetUtcNow() - _since > lifetime)
                (_previous, _current, _since) = (_current, [], time.GetUtcNow());
            return !_previous.Contains(id) && _current.Count < MaxPerGeneration && _current.Add(id);
        }
    }
}
