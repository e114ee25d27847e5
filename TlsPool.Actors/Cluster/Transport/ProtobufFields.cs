using System.Buffers.Binary;

namespace TlsPool.Actors.Cluster.Transport;

/// <summary>
/// Walks over the fields of a protobuf message (its encoding is public) without making objects of it. The bytes may be anything.
/// <para>
/// Parsers take the last of repeated numbers and texts, merge repeated messages, and skip a field that has the wrong type. Here a known field
/// that is repeated or has another type is malformed: so what is seen here is all that a parser can come to.
/// </para>
/// </summary>
/// <param name="message">The message.</param>
/// <param name="bytes">Known fields that are texts, bytes or messages: a bit for each number.</param>
/// <param name="numbers">Known fields that are numbers.</param>
internal ref struct ProtobufFields(ReadOnlySpan<byte> message, uint bytes, uint numbers = 0)
{
    private const ulong Varint = 0;
    private const ulong Fixed64 = 1;
    private const ulong Delimited = 2;
    private const ulong Fixed32 = 5;

    private ReadOnlySpan<byte> _rest = message;
    private uint _seen;

    /// <summary>Number of the field that <see cref="Next"/> came to.</summary>
    internal uint Number { get; private set; }

    /// <summary>Its bytes; empty if it is a number.</summary>
    internal ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Its number; 0 if it has bytes.</summary>
    internal ulong Value { get; private set; }

    /// <summary>True if the message is none.</summary>
    internal bool IsMalformed { get; private set; }

    /// <summary>The bit of a field.</summary>
    internal static uint Bit(uint number) => number < 32 ? 1u << (int)number : 0;

    /// <summary>Goes to the next field; false at the end, or where the message is malformed.</summary>
    internal bool Next()
    {
        Bytes = [];
        Value = 0;
        if (_rest.IsEmpty || IsMalformed)
            return false;
        if (!TryVarint(out ulong tag) || tag > uint.MaxValue || tag >> 3 is 0)
            return Fail();
        Number = (uint)(tag >> 3);
        ulong type = tag & 7;
        uint bit = Bit(Number);
        if ((_seen & bit) != 0 || ((bytes & bit) != 0 && type != Delimited) || ((numbers & bit) != 0 && type != Varint))
            return Fail();
        _seen |= bit & (bytes | numbers);
        switch (type)
        {
            case Varint when TryVarint(out ulong value):
                Value = value;
                return true;
            case Fixed64 when _rest.Length >= sizeof(ulong):
                Value = BinaryPrimitives.ReadUInt64LittleEndian(_rest);
                _rest = _rest[sizeof(ulong)..];
                return true;
            case Delimited when TryVarint(out ulong length) && length <= (ulong)_rest.Length:
                Bytes = _rest[..(int)length];
                _rest = _rest[(int)length..];
                return true;
            case Fixed32 when _rest.Length >= sizeof(uint):
                Value = BinaryPrimitives.ReadUInt32LittleEndian(_rest);
                _rest = _rest[sizeof(uint)..];
                return true;
            default:
                return Fail();
        }
    }

    private bool Fail()
    {
        IsMalformed = true;
        return false;
    }

    private bool TryVarint(out ulong value)
    {
        value = 0;
        for (int i = 0; i < 10 && i < _rest.Length; i++)
        {
            value |= (ulong)(_rest[i] & 0x7F) << (7 * i);
            if (_rest[i] < 0x80)
            {
                _rest = _rest[(i + 1)..];
                return true;
            }
        }
        return false;
    }
}
