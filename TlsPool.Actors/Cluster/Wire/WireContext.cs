using System.Collections.Frozen;
using Akka.Actor;
using Akka.Actor.Setup;

namespace TlsPool.Actors.Cluster.Wire;

/// <summary>The version of messages in use. One for each actor system of a cluster.</summary>
internal sealed class WireContext : Setup
{
    private volatile int _version = WireVersion.Oldest;

    /// <summary>Version that is written: the highest that all nodes read.</summary>
    internal int Version
    {
        get => _version;
        set => _version = value;
    }

    /// <summary>Types of the only messages that cross; empty for all that have a codec.</summary>
    internal FrozenSet<Type> Only { get; init; } = [];

    /// <summary>True if messages of a type cross.</summary>
    internal bool Admits(WireCodec codec) => Only.Count == 0 || Only.Contains(codec.Type);

    /// <summary>That of an actor system.</summary>
    internal static WireContext Of(ActorSystem system)
    {
        Akka.Util.Option<WireContext> context = system.Settings.Setup.Get<WireContext>();
        return context.HasValue ? context.Value : new WireContext();
    }
}
