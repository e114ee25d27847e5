using System.Text.Json;

namespace TlsPool.Actors.Storage.Replication;

/// <summary>
/// The latest version of one replicated row, as hosts hand it to each other. What comes from others is checked by
/// <see cref="ReplicaStore.Apply(IReadOnlyList{ReplicaRecord}, PeerProgress?)"/> and not before. Immutable.
/// </summary>
/// <param name="Kind">Which kind of row: 1 to 64 of a-z, A-Z, 0-9, <c>-</c> and <c>_</c>.</param>
/// <param name="Key">Which row: a JSON array, at most 4 KiB of UTF-8.</param>
/// <param name="Clock">
/// When it was made, on a hybrid logical clock: milliseconds since 1970, times 65536, or one more than the greatest ever seen. From 1, which
/// is older than any change, to 2^62.
/// </param>
/// <param name="Node">Who made it: 1 to 255 printable characters of ASCII without spaces.</param>
/// <param name="Seen">
/// What whoever made it knew of this row: a JSON object with the greatest clock for each node that ever changed it, itself included; at most
/// 16 KiB of UTF-8.
/// </param>
/// <param name="Value">What the row says: a JSON object, at most 256 KiB of UTF-8; null if it was removed.</param>
public sealed record ReplicaRecord(string Kind, string Key, long Clock, string Node, string Seen, string? Value)
{
    /// <summary>The clock of rows that were there before anything was journaled.</summary>
    internal const long BeforeAll = 1;

    /// <summary>Bits of the clock below a millisecond.</summary>
    internal const int ClockShift = 16;

    /// <summary>Greater than zero if this version is the newer one, less if it is older, zero if it is the same.</summary>
    internal int CompareVersion(ReplicaRecord other) =>
        Clock != other.Clock ? Clock.CompareTo(other.Clock) : string.CompareOrdinal(Node, other.Node);

    /// <summary>True if whoever made this version, which is good, knew that one of the same row.</summary>
    internal bool Knows(ReplicaRecord older)
    {
        using JsonDocument seen = JsonDocument.Parse(Seen);
        return seen.RootElement.TryGetProperty(older.Node, out JsonElement clock) && clock.GetInt64() >= older.Clock;
    }
}
