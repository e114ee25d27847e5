using Akka.Actor;

namespace TlsPool.Actors.Cluster.People;

/// <summary>How a life of the node finds the relay of the pool, which is in another actor system and may start later. Thread safe.</summary>
internal sealed class EntryDoor
{
    private volatile IActorRef? _relay;

    /// <summary>The <see cref="EntryRelayActor"/>; null before it has started.</summary>
    internal IActorRef? Relay
    {
        get => _relay;
        set => _relay = value;
    }
}
