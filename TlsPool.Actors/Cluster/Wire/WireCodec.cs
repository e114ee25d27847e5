namespace TlsPool.Actors.Cluster.Wire;

/// <summary>How messages of one type cross to other nodes.</summary>
/// <param name="Type">The type.</param>
/// <param name="Manifest">Its name on the wire, which never changes and is never used for anything else.</param>
/// <param name="Write">Writes one.</param>
/// <param name="Read">Reads one of any version.</param>
internal sealed record WireCodec(Type Type, string Manifest, Action<WireWriter, object> Write, Func<WireReader, object> Read)
{
    /// <summary>The codec of a type.</summary>
    internal static WireCodec Of<T>(string manifest, Action<WireWriter, T> write, Func<WireReader, T> read)
        where T : class, IClusterMessage =>
        new(typeof(T), manifest, (writer, message) => write(writer, (T)message), read);
}
