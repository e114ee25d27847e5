using TlsPool.Actors.Cluster.Wire;
using TlsPool.Crypto.Handshakes;

namespace TlsPool.Actors.Cluster.Tickets;

/// <summary>What nodes say to each other about keys of session tickets.</summary>
internal static class TicketProtocol
{
    /// <summary>All keys that a node has. Has no text form.</summary>
    internal sealed record Keys(IReadOnlyList<TicketKey> All) : IClusterMessage
    {
        public override string ToString() => nameof(Keys);
    }

    /// <summary>How they cross.</summary>
    internal static IReadOnlyList<WireCodec> Codecs { get; } =
    [
        WireCodec.Of<Keys>(
            "ticket-keys",
            (writer, keys) => writer.List(keys.All, (to, key) =>
            {
                to.Number(unchecked((long)key.Name));
                to.Bytes(key.Secret);
                to.Time(key.Made);
                to.Time(key.SealsFrom);
            }),
            reader => new Keys(reader.List(TicketKeyRing.MaxKeys, Read))),
    ];

    private static TicketKey Read(WireReader reader)
    {
        ulong name = unchecked((ulong)reader.Number());
        ReadOnlyMemory<byte> secret = reader.Exactly(TicketKey.SecretSize);
        (DateTimeOffset made, DateTimeOffset sealsFrom) = (reader.Time(), reader.Time());
        return new TicketKey(name, secret.Span, made, sealsFrom);
    }
}
