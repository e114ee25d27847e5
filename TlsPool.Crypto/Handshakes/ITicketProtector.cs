namespace TlsPool.Crypto.Handshakes;

/// <summary>Seals and opens the state inside session tickets, under keys that rotate. Thread safe, never blocks.</summary>
public interface ITicketProtector
{
    /// <summary>How long a ticket is good for; RFC 8446 allows at most seven days.</summary>
    TimeSpan Lifetime { get; }

    /// <summary>Seals a state.</summary>
    byte[] Seal(ReadOnlySpan<byte> state);

    /// <summary>Opens a ticket: null if it is not ours, damaged, expired, or (single use) seen before.</summary>
    /// <param name="ticket">Bytes from the peer.</param>
    /// <param name="singleUse">True if a second use of the same ticket must fail (TLS 1.3).</param>
    byte[]? TryOpen(ReadOnlySpan<byte> ticket, bool singleUse);
}
