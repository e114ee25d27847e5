using Akka.Actor;

namespace TlsPool.Tests.Actors.Cluster.People;

/// <summary>Has an arbiter as its child, as a cluster singleton has.</summary>
internal sealed class HoldingActor(Props arbiter) : UntypedActor
{
    protected override void PreStart() => Context.ActorOf(arbiter, "arbiter");

    protected override void OnReceive(object message) => Unhandled(message);
}
