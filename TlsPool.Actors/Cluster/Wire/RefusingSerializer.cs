using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace TlsPool.Actors.Cluster.Wire;

/// <summary>
/// Takes the place of serializers that come with Akka and make objects of types, or actors, which a message names. As Akka finds the serializer
/// of what it reads by a number, theirs are unknown then.
/// </summary>
public sealed class RefusingSerializer : Serializer
{
    /// <summary>Made by Akka.</summary>
    public RefusingSerializer(ExtendedActorSystem system)
        : base(system)
    {
    }

    /// <summary>Made by Akka, for a name that has settings.</summary>
    public RefusingSerializer(ExtendedActorSystem system, Config settings)
        : base(system) => _ = settings;

    /// <inheritdoc/>
    public override int Identifier => 7215;

    /// <inheritdoc/>
    public override bool IncludeManifest => false;

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => throw new SerializationException($"{obj.GetType().Name} does not cross to other nodes");

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, Type type) => throw new SerializationException("this does not come from other nodes");
}
