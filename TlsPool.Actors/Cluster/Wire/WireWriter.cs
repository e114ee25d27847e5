using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Akka.Actor;
using Akka.Serialization;

namespace TlsPool.Actors.Cluster.Wire;

/// <summary>
/// Writes the fields of a message one after the other, without names: numbers as eight bytes, all else with a length of four bytes before
/// it. Numbers are big-endian. Later versions add fields at the end only, and readers ignore what they do not know.
/// </summary>
internal sealed class WireWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new(256);

    /// <summary>Starts a message.</summary>
    /// <param name="version">Version of messages that all nodes read.</param>
    internal WireWriter(int version) => Version = version;

    /// <summary>Version that is written.</summary>
    internal int Version { get; }

    internal void Number(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(_buffer.GetSpan(sizeof(long)), value);
        _buffer.Advance(sizeof(long));
    }

    internal void Flag(bool value) => Number(value ? 1 : 0);

    internal void Time(DateTimeOffset value) => Number(value.ToUnixTimeMilliseconds());

    internal void Duration(TimeSpan value) => Number((long)value.TotalMilliseconds);

    internal void Bytes(ReadOnlySpan<byte> value)
    {
        BinaryPrimitives.WriteInt32BigEndian(_buffer.GetSpan(sizeof(int)), value.Length);
        _buffer.Advance(sizeof(int));
        _buffer.Write(value);
    }

    internal void Text(string value) => Bytes(Encoding.UTF8.GetBytes(value));

    /// <summary>An actor that others can answer to: its path, with this node's address.</summary>
    internal void Actor(IActorRef actor) => Text(Serialization.SerializedActorPath(actor));

    internal void List<T>(IReadOnlyCollection<T> values, Action<WireWriter, T> write)
    {
        Number(values.Count);
        foreach (T value in values)
            write(this, value);
    }

    internal byte[] ToArray() => _buffer.WrittenSpan.ToArray();
}
