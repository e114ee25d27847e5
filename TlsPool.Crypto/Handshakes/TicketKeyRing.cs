using System.Buffers.Binary;
using System.Security.Cryptography;

namespace TlsPool.Crypto.Handshakes;

/// <summary>
/// Ticket protection under AES-256-GCM keys that rotate: a new key every half lifetime, the old ones kept until no ticket of theirs can be
/// valid. A ticket is key name (8), nonce (12), sealed issue time (8) and state, tag (16).
/// </summary>
public sealed class TicketKeyRing : ITicketProtector, IDisposable
{
    private const int NameSize = 8;
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private const int TimeSize = 8;
    private const int Overhead = NameSize + NonceSize + TimeSize + TagSize;

    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly UsedTickets _used;
    private volatile Key[] _keys = [];

    /// <summary>Starts with a fresh key.</summary>
    /// <param name="lifetime">How long tickets are good for: 1 minute to 7 days.</param>
    /// <param name="time">The clock.</param>
    public TicketKeyRing(TimeSpan lifetime, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lifetime, TimeSpan.FromMinutes(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lifetime, TimeSpan.FromDays(7));
        (Lifetime, _time, _used) = (lifetime, time, new UsedTickets(lifetime, time));
        Rotate();
    }

    /// <inheritdoc/>
    public TimeSpan Lifetime { get; }

    /// <inheritdoc/>
    public byte[] Seal(ReadOnlySpan<byte> state)
    {
        Key key = Current();
        byte[] ticket = new byte[Overhead + state.Length];
        BinaryPrimitives.WriteUInt64BigEndian(ticket, key.Name);
        Span<byte> nonce = ticket.AsSpan(NameSize, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        Span<byte> body = ticket.AsSpan(NameSize + NonceSize, TimeSize + state.Length);
        BinaryPrimitives.WriteInt64BigEndian(body, _time.GetUtcNow().ToUnixTimeSeconds());
        state.CopyTo(body[TimeSize..]);
        lock (key.Cipher)
            key.Cipher.Encrypt(nonce, body, body, ticket.AsSpan(ticket.Length - TagSize), ticket.AsSpan(0, NameSize));
        return ticket;
    }

    /// <inheritdoc/>
    public byte[]? TryOpen(ReadOnlySpan<byte> ticket, bool singleUse)
    {
        if (ticket.Length < Overhead)
            return null;
        ulong name = BinaryPrimitives.ReadUInt64BigEndian(ticket);
        Key? key = Array.Find(_keys, candidate => candidate.Name == name);
        if (key is null)
            return null;
        byte[] body = new byte[ticket.Length - NameSize - NonceSize - TagSize];
        try
        {
            lock (key.Cipher)
                key.Cipher.Decrypt(
                    ticket.Slice(NameSize, NonceSize), ticket[(NameSize + NonceSize)..^TagSize], ticket[^TagSize..], body, ticket[..NameSize]);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
        var issued = DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64BigEndian(body));
        if (_time.GetUtcNow() - issued > Lifetime)
            return null;
        return singleUse && !_used.TryUse(ticket.Slice(NameSize, NonceSize)) ? null : body[TimeSize..];
    }

    /// <summary>Makes a new key now; older ones go on opening until their tickets have expired.</summary>
    public void Rotate()
    {
        lock (_lock)
        {
            DateTimeOffset now = _time.GetUtcNow();
            byte[] secret = RandomNumberGenerator.GetBytes(32);
            var key = new Key(BinaryPrimitives.ReadUInt64BigEndian(RandomNumberGenerator.GetBytes(NameSize)), now, new AesGcm(secret, TagSize));
            CryptographicOperations.ZeroMemory(secret);
            // A key seals for half a lifetime and its last ticket lives a whole one. Dropped ciphers may still be in use: they are left to the collector.
            _keys = [key, .. _keys.Where(old => now - old.Made < Lifetime * 1.5)];
        }
    }

    /// <summary>Drops all keys.</summary>
    public void Dispose()
    {
        foreach (Key key in _keys)
            key.Cipher.Dispose();
        _keys = [];
    }

    private Key Current()
    {
        Key key = _keys[0];
        if (_time.GetUtcNow() - key.Made < Lifetime / 2)
            return key;
        Rotate();
        return _keys[0];
    }

    private sealed record Key(ulong Name, DateTimeOffset Made, AesGcm Cipher);
}
