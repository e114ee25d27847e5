using System.Collections.Concurrent;

namespace TlsPool.Actors.Sessions;

/// <summary>All sessions of the pool, for those who look on. The registry fills it. Thread safe; nobody who reads holds up a session.</summary>
internal sealed class SessionTable
{
    private readonly ConcurrentDictionary<long, SessionEntry> _entries = new();
    private long _established;
    private long _resumed;
    private long _failed;
    private long _received;
    private long _sent;
    private volatile bool _isDraining;

    /// <summary>All sessions, in no order.</summary>
    internal IEnumerable<SessionEntry> All => _entries.Select(pair => pair.Value);

    /// <summary>How many there are.</summary>
    internal int Count => _entries.Count;

    /// <summary>Setups that succeeded since the start.</summary>
    internal long Established => Interlocked.Read(ref _established);

    /// <summary>Of these, those that resumed an earlier session.</summary>
    internal long Resumed => Interlocked.Read(ref _resumed);

    /// <summary>Setups that did not succeed.</summary>
    internal long Failed => Interlocked.Read(ref _failed);

    /// <summary>True once no sessions are begun any more.</summary>
    internal bool IsDraining
    {
        get => _isDraining;
        set => _isDraining = value;
    }

    /// <summary>A session by its number; null if there is none.</summary>
    internal SessionEntry? Find(long number) => _entries.GetValueOrDefault(number);

    /// <summary>Application bytes of all sessions since the start, of those that run too.</summary>
    internal (long Received, long Sent) Bytes()
    {
        // A session that ends between the two is counted in neither, and by the next who looks in the first.
        (long received, long sent) = (Interlocked.Read(ref _received), Interlocked.Read(ref _sent));
        foreach (SessionEntry entry in All)
        {
            if (entry.Negotiated is { Pump: var pump })
                (received, sent) = (received + pump.BytesToPlaintext, sent + pump.BytesToCiphertext);
        }
        return (received, sent);
    }

    internal void Add(SessionEntry entry) => _entries[entry.Number] = entry;

    internal void IsEstablished(SessionEntry entry)
    {
        Interlocked.Increment(ref _established);
        if (entry.Negotiated is { Parameters.Resumed: true })
            Interlocked.Increment(ref _resumed);
    }

    internal void HasNotBegun() => Interlocked.Increment(ref _failed);

    internal void Remove(SessionEntry entry)
    {
        if (!_entries.TryRemove(entry.Number, out _))
            return;
        if (!entry.IsEstablished)
            Interlocked.Increment(ref _failed);
        if (entry.Negotiated is { Pump: var pump })
        {
            Interlocked.Add(ref _received, pump.BytesToPlaintext);
            Interlocked.Add(ref _sent, pump.BytesToCiphertext);
        }
    }
}
