using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Dispatch.SysMsg;
using Akka.Remote.Serialization;
using Akka.Serialization;

namespace TlsPool.Actors.Cluster.Wire;

/// <summary>Akka's serializer of messages to what is below actors, held to those of watching: others start, suspend and end actors.</summary>
public sealed class SystemSerializer : Serializer
{
    private readonly SystemMessageSerializer _akka;

    /// <summary>Made by Akka.</summary>
    public SystemSerializer(ExtendedActorSystem system)
        : base(system) => _akka = new SystemMessageSerializer(system);

    /// <inheritdoc/>
    public override int Identifier => _akka.Identifier;

    /// <inheritdoc/>
    public override bool IncludeManifest => _akka.IncludeManifest;

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => _akka.ToBinary(obj);

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, Type type) => type == typeof(Watch) || type == typeof(Unwatch) || type == typeof(DeathWatchNotification)
        ? _akka.FromBinary(bytes, type)
        : throw new SerializationException("nodes do not send this to each other");
}
