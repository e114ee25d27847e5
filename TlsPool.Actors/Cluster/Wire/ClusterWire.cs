using TlsPool.Actors.Cluster.People;
using TlsPool.Actors.Cluster.Trail;
using TlsPool.Actors.Management.Wire;

namespace TlsPool.Actors.Cluster.Wire;

/// <summary>All messages between nodes.</summary>
internal static class ClusterWire
{
    /// <summary>Bytes of the largest message, beside Akka's own envelope.</summary>
    internal const int MaxMessage = 480 * 1024;

    /// <summary>Each room of the house declares its own.</summary>
    internal static IReadOnlyList<WireCodec> Codecs { get; } =
    [
        .. Replication.PolicyProtocol.Codecs,
        .. Signing.SigningProtocol.Codecs,
        .. Tickets.TicketProtocol.Codecs,
        .. TrailWire.Codecs,
        .. PinWire.Codecs,
        .. LocalIdWire.Codecs,
        .. ManagementWire.Codecs,
    ];
}
