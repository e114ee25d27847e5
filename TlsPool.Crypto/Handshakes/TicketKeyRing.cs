using System.Buffers.Binary;
using System.Security.Cryptography;

namespace TlsPool.Crypto.Handshakes;

/// <summary>
/// Ticket protection under AES-256-GCM keys that rotate: a new key every half lifetime, the old ones kept until no ticket of theirs can be
/// valid. A ticket is key name (8), nonce (12), sealed issue time (8) and state, tag (16).
/// <para>
/// Nodes of a cluster share their keys, so that a client resumes on any of them: one node rotates, and each takes in what others have
/// (<see cref="Export"/>, <see cref="Import"/>). Rings with the same keys seal with the same one. That a ticket is used once only is
/// remembered by each ring for itself.
/// </para>
/// </summary>
public sealed class TicketKeyRing : ITicketProtector, IDisposable
{
    /// <summary>Keys that a ring has at most.</summary>
    public const int MaxKeys = 64;

    /// <summary>How far in the future a key of another ring may have been made, or may begin to seal: what clocks differ by, and its lead.</summary>
    public static readonly TimeSpan MaxAhead = TimeSpan.FromMinutes(5);

    /// <summary>Longest <see cref="Lead"/>: what is left of <see cref="MaxAhead"/> is for clocks that differ.</summary>
    public static readonly TimeSpan MaxLead = TimeSpan.FromMinutes(2);

    private const int NameSize = 8;
    private const int NonceSize = TicketCipher.NonceSize;
    private const int TagSize = TicketCipher.TagSize;
    private const int TimeSize = 8;
    private const int Overhead = NameSize + NonceSize + TimeSize + TagSize;

    // The end of the year 9999, in seconds since 1970.
    private const long MaxTime = 253_402_300_799;

    // Of a lifetime: when a ring makes a new key, when one does that waits for others to do it, and when no ticket of a key can be valid: a key
    // seals for half a lifetime, and its last ticket lives a whole one.
    private const double Rotation = 0.5;
    private const double Patience = 0.75;
    private const double Retention = 1.5;

    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly UsedTickets _used;
    private volatile bool _rotatesItself = true;
    private volatile bool _disposed;
    private long _lead;
    // The one that begins to seal last is first.
    private volatile TicketCipher[] _keys = [];

    /// <summary>Starts with a fresh key.</summary>
    /// <param name="lifetime">How long tickets are good for: 1 minute to 7 days. Rings that share keys have the same.</param>
    /// <param name="time">The clock.</param>
    public TicketKeyRing(TimeSpan lifetime, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lifetime, TimeSpan.FromMinutes(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lifetime, TimeSpan.FromDays(7));
        (Lifetime, _time, _used) = (lifetime, time, new UsedTickets(lifetime, time));
        Rotate();
    }

    /// <summary>
    /// A key was made here, so that it can be sent to other rings (<see cref="Export"/>). Told on the thread that rotated, which may be making
    /// a ticket: what is done here is quick, and throws nothing. The first key comes before anybody can listen.
    /// </summary>
    public event Action? Rotated;

    /// <inheritdoc/>
    public TimeSpan Lifetime { get; }

    /// <summary>
    /// True (from the start) on a single host, and on the node that rotates for its cluster. Another ring seals with the newest key that it
    /// knows, and makes one itself only when that is three quarters of a lifetime old, so that resumption goes on in a host that is cut off.
    /// What was sealed after half a lifetime may then open for less than its own.
    /// </summary>
    public bool RotatesItself
    {
        get => _rotatesItself;
        set => _rotatesItself = value;
    }

    /// <summary>
    /// How long a new key waits before it seals, so that by then other rings can open what it seals: 0 (from the start) to
    /// <see cref="MaxLead"/>; a quarter of a lifetime if that is less. A key that is its ring's only one seals at once.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of its range.</exception>
    public TimeSpan Lead
    {
        get => TimeSpan.FromTicks(Volatile.Read(ref _lead));
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MaxLead);
            Volatile.Write(ref _lead, value.Ticks);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The ring has no keys any more.</exception>
    public byte[] Seal(ReadOnlySpan<byte> state)
    {
        byte[] ticket = new byte[Overhead + state.Length];
        Span<byte> name = ticket.AsSpan(0, NameSize);
        Span<byte> nonce = ticket.AsSpan(NameSize, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        Span<byte> body = ticket.AsSpan(NameSize + NonceSize, TimeSize + state.Length);
        BinaryPrimitives.WriteInt64BigEndian(body, _time.GetUtcNow().ToUnixTimeSeconds());
        state.CopyTo(body[TimeSize..]);
        TicketCipher key;
        do
        {
            key = Current();
            BinaryPrimitives.WriteUInt64BigEndian(name, key.Key.Name);
        }
        // A key that went between these lines has been succeeded by another.
        while (!key.TryEncrypt(nonce, body, ticket.AsSpan(ticket.Length - TagSize), name));
        return ticket;
    }

    /// <inheritdoc/>
    public byte[]? TryOpen(ReadOnlySpan<byte> ticket, bool singleUse)
    {
        if (ticket.Length < Overhead)
            return null;
        ulong name = BinaryPrimitives.ReadUInt64BigEndian(ticket);
        TicketCipher? key = Array.Find(_keys, candidate => candidate.Key.Name == name);
        if (key is null)
            return null;
        byte[] body = new byte[ticket.Length - NameSize - NonceSize - TagSize];
        ReadOnlySpan<byte> nonce = ticket.Slice(NameSize, NonceSize);
        if (!key.TryDecrypt(nonce, ticket[(NameSize + NonceSize)..^TagSize], ticket[^TagSize..], body, ticket[..NameSize]))
            return null;
        long issued = BinaryPrimitives.ReadInt64BigEndian(body);
        // Another host may have written any number.
        if (issued is < 0 or > MaxTime || _time.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(issued) > Lifetime)
            return null;
        return singleUse && !_used.TryUse(nonce) ? null : body[TimeSize..];
    }

    /// <summary>Makes a new key now, to seal after <see cref="Lead"/>; older ones go on opening until their tickets have expired.</summary>
    public void Rotate()
    {
        lock (_lock)
            Make(_time.GetUtcNow());
        Rotated?.Invoke();
    }

    /// <summary>
    /// Makes a new key if it is time to. Sealing does this too; a ring whose host makes no tickets just now needs to be reminded, or the others
    /// would wait for it.
    /// </summary>
    /// <returns>True if a key was made.</returns>
    public bool RotateIfDue()
    {
        if (!IsDue(_time.GetUtcNow()))
            return false;
        lock (_lock)
        {
            // Of threads that come at the same time one makes the key.
            DateTimeOffset now = _time.GetUtcNow();
            if (!IsDue(now))
                return false;
            Make(now);
        }
        Rotated?.Invoke();
        return true;
    }

    /// <summary>Copies of the keys that have valid tickets or are going to, for the taker to dispose of: at most <see cref="MaxKeys"/>.</summary>
    public IReadOnlyList<TicketKey> Export()
    {
        lock (_lock)
        {
            DateTimeOffset now = _time.GetUtcNow();
            return [.. _keys.Where(key => !IsOver(key, now)).Select(key => Copy(key.Key))];
        }
    }

    /// <summary>
    /// Takes in keys of another ring; they are copied, and stay the caller's. Left out are keys that are known by name, older than one and a
    /// half lifetimes, or made more than <see cref="MaxAhead"/> in the future, and what follows after <see cref="MaxKeys"/>. Of too many keys
    /// those are kept that begin to seal last, and the one that seals now.
    /// </summary>
    /// <param name="keys">The keys, from wherever: none makes this throw.</param>
    /// <returns>How many of them are new here.</returns>
    public int Import(IReadOnlyList<TicketKey> keys)
    {
        lock (_lock)
        {
            if (_disposed)
                return 0;
            DateTimeOffset now = _time.GetUtcNow();
            List<TicketCipher> taken = [];
            for (int i = 0; i < Math.Min(keys.Count, MaxKeys); i++)
            {
                TicketKey? key = keys[i];
                if (key is not null && IsWelcome(key, now) && !_keys.Concat(taken).Any(known => known.Key.Name == key.Name))
                    taken.Add(new TicketCipher(Copy(key)));
            }
            if (taken.Count == 0)
                return 0;
            Keep([.. _keys, .. taken], now);
            return taken.Count(key => _keys.Contains(key));
        }
    }

    /// <summary>Drops all keys and overwrites them: from now on nothing opens.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            TicketCipher[] dropped = _keys;
            _keys = [];
            foreach (TicketCipher key in dropped)
                key.Dispose();
        }
    }

    private TicketCipher Current()
    {
        RotateIfDue();
        TicketCipher[] keys = _keys;
        ObjectDisposedException.ThrowIf(keys.Length == 0, this);
        return Sealing(keys, _time.GetUtcNow());
    }

    /// <summary>Which key seals, the same on all hosts with these keys: the last that has begun to; if none has, the one that is next to.</summary>
    private static TicketCipher Sealing(IReadOnlyList<TicketCipher> keys, DateTimeOffset now) =>
        keys.FirstOrDefault(key => key.Key.SealsFrom <= now) ?? keys[^1];

    private bool IsDue(DateTimeOffset now)
    {
        TimeSpan mayBe = Lifetime * (_rotatesItself ? Rotation : Patience);
        return !_disposed && Array.TrueForAll(_keys, key => now - key.Key.Made >= mayBe);
    }

    private bool IsOver(TicketCipher key, DateTimeOffset now) => now - key.Key.SealsFrom >= Lifetime * Retention;

    // By subtraction only: times from elsewhere may be any.
    private bool IsWelcome(TicketKey key, DateTimeOffset now) =>
        key.Made - now <= MaxAhead
        && key.SealsFrom - now <= MaxAhead
        && now - key.Made <= Lifetime * Retention
        && key.SealsFrom >= key.Made
        && key.Secret.ContainsAnyExcept((byte)0);

    private void Make(DateTimeOffset now)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        // Exact to what a message between nodes carries, so that all have the same order of keys.
        var made = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds());
        bool alone = Array.TrueForAll(_keys, key => IsOver(key, now));
        TimeSpan lead = TimeSpan.FromTicks(Math.Min(Lead.Ticks, (Lifetime / 4).Ticks));
        Span<byte> random = stackalloc byte[NameSize + TicketKey.SecretSize];
        RandomNumberGenerator.Fill(random);
        var key = new TicketKey(BinaryPrimitives.ReadUInt64BigEndian(random), random[NameSize..], made, alone ? made : made + lead);
        CryptographicOperations.ZeroMemory(random);
        Keep([.. _keys, new TicketCipher(key)], now);
    }

    /// <summary>Goes on with those of some keys that are still good, and not too many; never without one.</summary>
    private void Keep(List<TicketCipher> all, DateTimeOffset now)
    {
        all.Sort((one, other) => (other.Key.SealsFrom, other.Key.Name).CompareTo((one.Key.SealsFrom, one.Key.Name)));
        TicketCipher sealing = Sealing(all, now);
        List<TicketCipher> kept = [.. all.Where(key => key == sealing || !IsOver(key, now))];
        while (kept.Count > MaxKeys)
            kept.RemoveAt(kept[^1] == sealing ? kept.Count - 2 : kept.Count - 1);
        _keys = [.. kept];
        foreach (TicketCipher dropped in all.Except(kept))
            dropped.Dispose();
    }

    private static TicketKey Copy(TicketKey key) => new(key.Name, key.Secret, key.Made, key.SealsFrom);
}
