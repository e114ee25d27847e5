using System.Buffers.Binary;
using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;

namespace TlsPool.Actors.Cluster.Wire;

/// <summary>Reads what <see cref="WireWriter"/> writes. The bytes may be anything: each method throws <see cref="SerializationException"/>.</summary>
internal sealed class WireReader(ReadOnlyMemory<byte> message, ExtendedActorSystem system)
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private ReadOnlyMemory<byte> _rest = message;

    /// <summary>True if the writer's version has more fields.</summary>
    internal bool HasMore => !_rest.IsEmpty;

    internal long Number() => BinaryPrimitives.ReadInt64BigEndian(Take(sizeof(long)).Span);

    internal int Int() => Number() is >= int.MinValue and <= int.MaxValue and var value ? (int)value : throw Malformed();

    internal uint UInt() => Number() is >= 0 and <= uint.MaxValue and var value ? (uint)value : throw Malformed();

    internal ushort UShort() => Number() is >= 0 and <= ushort.MaxValue and var value ? (ushort)value : throw Malformed();

    internal bool Flag() => Number() != 0;

    internal DateTimeOffset Time() => Number() is >= 0 and <= 253_402_300_799_000 and var value ? DateTimeOffset.FromUnixTimeMilliseconds(value) : throw Malformed();

    internal TimeSpan Duration() => Number() is >= 0 and <= int.MaxValue and var value ? TimeSpan.FromMilliseconds(value) : throw Malformed();

    /// <summary>Bytes that stay part of the message.</summary>
    /// <param name="max">More than these are malformed.</param>
    internal ReadOnlyMemory<byte> Bytes(int max)
    {
        int length = BinaryPrimitives.ReadInt32BigEndian(Take(sizeof(int)).Span);
        return length < 0 || length > max ? throw Malformed() : Take(length);
    }

    /// <summary>Bytes of which there are always as many.</summary>
    internal ReadOnlyMemory<byte> Exactly(int size) => Bytes(size) is var bytes && bytes.Length == size ? bytes : throw Malformed();

    internal string Text(int max)
    {
        try
        {
            return StrictUtf8.GetString(Bytes(max).Span);
        }
        catch (DecoderFallbackException)
        {
            throw Malformed();
        }
    }

    internal IActorRef Actor()
    {
        const int maxPath = 1024;
        return system.Provider.ResolveActorRef(Text(maxPath));
    }

    internal List<T> List<T>(int max, Func<WireReader, T> read)
    {
        int count = Int();
        if (count < 0 || count > max)
            throw Malformed();
        // No room is made for what is only claimed.
        var values = new List<T>(Math.Min(count, 64));
        for (int i = 0; i < count; i++)
            values.Add(read(this));
        return values;
    }

    private ReadOnlyMemory<byte> Take(int length)
    {
        if (length > _rest.Length)
            throw Malformed();
        ReadOnlyMemory<byte> taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    internal static SerializationException Malformed() => new("a message of another node is malformed");
}
