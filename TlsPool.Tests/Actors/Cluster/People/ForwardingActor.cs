using Akka.Actor;

namespace TlsPool.Tests.Actors.Cluster.People;

/// <summary>Passes everything on, and keeps it.</summary>
internal sealed class ForwardingActor(IActorRef target, List<object>? seen = null) : UntypedActor
{
    protected override void OnReceive(object message)
    {
        if (seen is not null)
        {
            lock (seen)
                seen.Add(message);
        }
        target.Forward(message);
    }
}
