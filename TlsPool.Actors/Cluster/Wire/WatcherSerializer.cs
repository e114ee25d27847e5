using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Remote.Serialization;
using Akka.Serialization;

namespace TlsPool.Actors.Cluster.Wire;

/// <summary>
/// Akka's serializer of messages of all kinds, held to those that nodes send: others make exceptions of any type, end actors, or bring
/// configurations.
/// </summary>
public sealed class WatcherSerializer : SerializerWithStringManifest
{
    private readonly MiscMessageSerializer _akka;

    /// <summary>Made by Akka.</summary>
    public WatcherSerializer(ExtendedActorSystem system)
        : base(system) => _akka = new MiscMessageSerializer(system);

    /// <inheritdoc/>
    public override int Identifier => _akka.Identifier;

    /// <inheritdoc/>
    public override string Manifest(object o) => _akka.Manifest(o);

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => _akka.ToBinary(obj);

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest) => manifest switch
    {
        // Who is an actor, the answer, an actor; heartbeats of those who watch actors, and their answers.
        "ID" or "AID" or "AR" or "RWHB" or "RWHR" => _akka.FromBinary(bytes, manifest),
        _ => throw new SerializationException("nodes do not send this to each other"),
    };
}
