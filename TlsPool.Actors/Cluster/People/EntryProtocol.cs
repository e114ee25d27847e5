using Akka.Actor;

namespace TlsPool.Actors.Cluster.People;

/// <summary>Messages between a relay in the pool's actor system, and the gate and the stand-ins in the node's. None has a codec: none crosses.</summary>
internal static class EntryProtocol
{
    /// <summary>To the relay: from now on the cluster serves.</summary>
    internal sealed record Opened(IActorRef Gate);

    /// <summary>To the relay: from now on this host serves.</summary>
    internal sealed record Shut(IActorRef Gate);

    /// <summary>To the gate and a stand-in: what a local actor, the sender, has said to the service.</summary>
    internal sealed record Passed(object Message);

    /// <summary>To the gate: this life of the node ends. Answered by <see cref="Akka.Done"/> once the relay has been told.</summary>
    internal sealed record Close
    {
        internal static Close Instance { get; } = new();
    }
}
