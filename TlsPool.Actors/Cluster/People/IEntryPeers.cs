using Akka.Actor;

namespace TlsPool.Actors.Cluster.People;

/// <summary>The nodes that share entry, as this one sees them at the moment.</summary>
internal interface IEntryPeers
{
    /// <summary>Nodes that take part and are reached, this one included; none while this one is out of the cluster.</summary>
    IReadOnlyList<Address> Nodes { get; }

    /// <summary>Name of the node that an actor lives at; null if that does not share entry, or if there is no such actor.</summary>
    string? NodeOf(IActorRef actor);
}
