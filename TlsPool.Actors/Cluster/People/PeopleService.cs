using Akka.Actor;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Cluster.Hosting;
using TlsPool.Actors.Dispatch;
using TlsPool.Actors.Entry;
using TlsPool.Actors.LocalIds;
using TlsPool.Actors.Logging;

namespace TlsPool.Actors.Cluster.People;

/// <summary>Puts together what a node has that shares entry: the doors of the pool's relays, and the gates behind them.</summary>
/// <param name="loggers">The log.</param>
/// <param name="board">Where others see what goes on.</param>
internal sealed class PeopleService(ILoggerFactory loggers, EntryBoard board)
{
    private readonly ILogger _log = loggers.CreateLogger(LogFacility.Cluster);

    /// <summary>The way to those who enter PINs.</summary>
    internal EntryDoor Pins { get; } = new();

    /// <summary>The way to those who choose local identities.</summary>
    internal EntryDoor LocalIds { get; } = new();

    /// <summary>What stands in the pool in place of the host's own <see cref="LocalIdActor"/>.</summary>
    internal Props LocalIdRelay(Props service) =>
        EntryRelayActor.Props(LocalIds, service, LocalIdProtocol.Cease.Instance).WithDispatcher(LoopDispatcher.Name);

    /// <summary>Parts of the node.</summary>
    /// <param name="audit">The trail of this host, which has what the arbiter decides while it is here.</param>
    internal IReadOnlyList<ClusterPart> Parts(IAuditTrail audit) =>
    [
        new ClusterPart("pin-entry", () => EntryGateActor.Props(new EntryGateSettings("PIN entry", Pins, _log)
        {
            Peers = system => new EntryPeers(system),
            Manager = (system, peers) => EntryGateActor.Singleton(
                system, PinEntryActor.Props(loggers.CreateLogger(LogFacility.Pkcs11), audit, TimeProvider.System, peers, board), PinProtocol.Cease.Instance),
            StandIn = (ends, first) => first is PinProtocol.Ask or PinProtocol.Withdraw or PinProtocol.Tried
                ? PinTokenStandInActor.Props(ends, _log)
                : PinConnectionStandInActor.Props(ends, _log),
        })),
        new ClusterPart("local-ids", () => EntryGateActor.Props(new EntryGateSettings("the choice of local identities", LocalIds, _log)
        {
            Peers = system => new EntryPeers(system),
            Manager = (system, peers) => EntryGateActor.Singleton(
                system, LocalIdActor.Props(audit, loggers.CreateLogger(LogFacility.User), TimeProvider.System, peers, board), LocalIdProtocol.Cease.Instance),
            StandIn = (ends, first) => first is LocalIdProtocol.Choose
                ? LocalIdSessionStandInActor.Props(ends)
                : LocalIdConnectionStandInActor.Props(ends),
            IsBrief = message => message is LocalIdProtocol.Choose,
        })),
    ];
}
