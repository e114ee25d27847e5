using System.Collections.Frozen;
using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;

namespace TlsPool.Actors.Cluster.Wire;

/// <summary>The one serializer of our messages between nodes. What has no <see cref="WireCodec"/> is neither written nor read.</summary>
public sealed class ClusterSerializer : SerializerWithStringManifest
{
    /// <summary>Name of the serializer in the configuration of Akka.</summary>
    internal const string Name = "tlspool";

    private readonly WireContext _context;

    /// <summary>Made by Akka.</summary>
    public ClusterSerializer(ExtendedActorSystem system)
        : base(system) => _context = WireContext.Of(system);

    /// <summary>Its number on the wire, which never changes.</summary>
    public override int Identifier => 7214;

    private static FrozenDictionary<Type, WireCodec> ByType { get; } = ClusterWire.Codecs.ToFrozenDictionary(codec => codec.Type);

    private static FrozenDictionary<string, WireCodec> ByManifest { get; } = ClusterWire.Codecs.ToFrozenDictionary(codec => codec.Manifest, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override string Manifest(object o) => CodecOf(o).Manifest;

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj)
    {
        var writer = new WireWriter(_context.Version);
        CodecOf(obj).Write(writer, obj);
        return writer.ToArray();
    }

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest) => ByManifest.TryGetValue(manifest, out WireCodec? codec) && _context.Admits(codec)
        ? codec.Read(new WireReader(bytes, system))
        : throw new SerializationException($"this version of the pool knows no message \"{(manifest.Length > 16 ? manifest[..16] : manifest)}\"");

    private WireCodec CodecOf(object message) => ByType.TryGetValue(message.GetType(), out WireCodec? codec) && _context.Admits(codec)
        ? codec
        : throw new SerializationException($"{message.GetType().Name} does not cross to other nodes");
}
