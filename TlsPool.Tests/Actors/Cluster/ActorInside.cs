using System.Collections;
using System.Reflection;
using Akka.Actor;

namespace TlsPool.Tests.Actors.Cluster;

/// <summary>Looks into an actor that has come to rest, for what it must not keep.</summary>
internal static class ActorInside
{
    private const BindingFlags All = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>How many things a collection of the actor has, once the actor has taken all that was told to it before.</summary>
    internal static async Task<int> CountAsync(IActorRef actor, string field, TimeSpan patience)
    {
        await actor.Ask<ActorIdentity>(new Identify(0), patience);
        ICell cell = ((ActorRefWithCell)actor).Underlying;
        object inside = cell.GetType().GetProperty("Actor", All)!.GetValue(cell)!;
        return ((ICollection)inside.GetType().GetField(field, All)!.GetValue(inside)!).Count;
    }
}
