using Akka.Actor;

namespace TlsPool.Actors;

/// <summary>Makes actors by a plain call of their constructor: no reflection for each session, and constructors stay private.</summary>
/// <typeparam name="TActor">The actor.</typeparam>
internal sealed class ActorFactory<TActor> : IIndirectActorProducer
    where TActor : ActorBase
{
    private readonly Func<TActor> _make;

    private ActorFactory(Func<TActor> make) => _make = make;

    public Type ActorType => typeof(TActor);

    /// <summary>Props of an actor.</summary>
    /// <param name="make">Makes it; called again for each restart.</param>
    internal static Props Props(Func<TActor> make) => Akka.Actor.Props.CreateBy(new ActorFactory<TActor>(make));

    public ActorBase Produce() => _make();

    public void Release(ActorBase actor)
    {
    }
}
