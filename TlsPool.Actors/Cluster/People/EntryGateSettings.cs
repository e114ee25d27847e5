using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace TlsPool.Actors.Cluster.People;

/// <summary>What a gate is for.</summary>
/// <param name="Name">The service, for the log.</param>
/// <param name="Door">Where its relay is.</param>
/// <param name="Log">Log of the facility CLUSTER.</param>
internal sealed record EntryGateSettings(string Name, EntryDoor Door, ILogger Log)
{
    /// <summary>Makes the peers, for a new life of the node.</summary>
    internal required Func<ActorSystem, IEntryPeers> Peers { get; init; }

    /// <summary>Makes the one who has the arbiter as its child, while this node is the one to have it.</summary>
    internal required Func<ActorSystem, IEntryPeers, Props> Manager { get; init; }

    /// <summary>Makes the stand-in of an actor that says something for the first time.</summary>
    internal required Func<EntryEnds, object, Props> StandIn { get; init; }

    /// <summary>Says which messages have a stand-in of their own, that ends with the answer.</summary>
    internal Func<object, bool> IsBrief { get; init; } = _ => false;
}
