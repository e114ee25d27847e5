using System.Buffers.Binary;
using System.Security.Cryptography;
using TlsPool.Crypto.Handshakes;

namespace TlsPool.Tests.Crypto.Handshakes;

/// <summary>Ticket keys on several hosts.</summary>
internal static class SharedRings
{
    internal static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    internal static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    internal static readonly byte[] State = [1, 2, 3];

    /// <summary>The ring of a node of a cluster: tickets live an hour, and a key seals a minute after it was made.</summary>
    internal static TicketKeyRing Ring(TimeProvider time, bool rotates = false) => new(Hour, time) { RotatesItself = rotates, Lead = Minute };

    /// <summary>Gives one ring what another has; how many keys were new.</summary>
    internal static int Send(TicketKeyRing from, TicketKeyRing to)
    {
        IReadOnlyList<TicketKey> keys = from.Export();
        int taken = to.Import(keys);
        foreach (TicketKey key in keys)
            key.Dispose();
        return taken;
    }

    /// <summary>Name of the key that a ring seals with now.</summary>
    internal static ulong SealedUnder(TicketKeyRing ring) => BinaryPrimitives.ReadUInt64BigEndian(ring.Seal(State));

    internal static TicketKey Key(ulong name, DateTimeOffset made, DateTimeOffset? sealsFrom = null) =>
        new(name, RandomNumberGenerator.GetBytes(TicketKey.SecretSize), made, sealsFrom ?? made);
}
