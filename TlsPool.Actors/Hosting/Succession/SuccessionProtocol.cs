using System.Buffers.Binary;
using System.Security.Cryptography;
using TlsPool.Crypto.Handshakes;
using TlsPool.Protocol.IO;
using TlsPool.Protocol.Transport;

namespace TlsPool.Actors.Hosting.Succession;

/// <summary>
/// What a daemon and its successor say to each other, over a pair of sockets that nobody else has:
/// <code>
/// daemon    ──sockets, PID file, notifier, ticket keys, End──►            ──Go──►          ──Yours──► ──Connection*──►
/// successor                                        (starts) ◄──Ready──  (accepts) ◄──Taken──
/// </code>
/// Up to Taken the daemon can go on as if nothing had happened: it has stopped accepting, and new connections wait in the kernel's queue. A
/// successor whose daemon is gone takes its place at once.
/// </summary>
internal static class SuccessionProtocol
{
    internal const char OwnSocket = 'S';
    internal const char ManagerSocket = 'M';
    internal const char Point = 'H';
    internal const char PidFile = 'P';
    internal const char Notifier = 'N';
    internal const char Ticket = 'T';
    internal const char End = 'E';
    internal const char Go = 'G';
    internal const char Yours = 'Y';
    internal const char Connection = 'C';

    internal const char Ready = 'R';
    internal const char Failed = 'F';
    internal const char Taken = 'K';

    /// <summary>The successor's end of the pair.</summary>
    internal const int Descriptor = 3;

    private const int NameAt = 0;
    private const int MadeAt = NameAt + sizeof(ulong);
    private const int SealsFromAt = MadeAt + sizeof(long);
    private const int SecretAt = SealsFromAt + sizeof(long);
    private const int TicketSize = SecretAt + TicketKey.SecretSize;

    // The end of the year 9999, in milliseconds since 1970.
    private const long MaxTime = 253_402_300_799_999;

    /// <summary>Sends a ticket key.</summary>
    /// <exception cref="IOException">The other side is gone.</exception>
    internal static void Send(DescriptorChannel channel, TicketKey key)
    {
        Span<byte> bytes = stackalloc byte[TicketSize];
        BinaryPrimitives.WriteUInt64BigEndian(bytes[NameAt..], key.Name);
        BinaryPrimitives.WriteInt64BigEndian(bytes[MadeAt..], key.Made.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteInt64BigEndian(bytes[SealsFromAt..], key.SealsFrom.ToUnixTimeMilliseconds());
        key.Secret.CopyTo(bytes[SecretAt..]);
        channel.SendSecret(Ticket, bytes);
        CryptographicOperations.ZeroMemory(bytes);
    }

    /// <summary>Reads a ticket key; null if it is none.</summary>
    internal static TicketKey? ReadTicket(ReadOnlySpan<byte> bytes)
    {
        long made = BinaryPrimitives.ReadInt64BigEndian(bytes[MadeAt..]);
        long sealsFrom = BinaryPrimitives.ReadInt64BigEndian(bytes[SealsFromAt..]);
        return made is < 0 or > MaxTime || sealsFrom is < 0 or > MaxTime
            ? null
            : new TicketKey(
                BinaryPrimitives.ReadUInt64BigEndian(bytes[NameAt..]),
                bytes.Slice(SecretAt, TicketKey.SecretSize),
                DateTimeOffset.FromUnixTimeMilliseconds(made),
                DateTimeOffset.FromUnixTimeMilliseconds(sealsFrom));
    }
}
