using System.Buffers.Binary;

namespace TlsPool.Actors.Cluster.Transport;

/// <summary>Walks over the fields of a protobuf message (its encoding is public) without making objects of it. The bytes may be anything.</summary>
internal ref struct ProtobufFields(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;

    /// <summary>Number of the field that <see cref="Next"/> came to.</summary>
    internal uint Number { get; private set; }

    /// <summary>Its bytes; empty if it is a number.</summary>
    internal ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Its number; 0 if it has bytes.</summary>
    internal ulong Value { get; private set; }

    /// <summary>True if the message is none.</summary>
    internal bool IsMalformed { get; private set; }

    /// <summary>Goes to the next field; false at the end, or where the message is malformed.</summary>
    internal bool Next()
    {
        Bytes = [];
        Value = 0;
        if (_rest.IsEmpty || IsMalformed)
            return false;
        if (!TryVarint(out ulong tag) || tag >> 3 is 0 or > 0x1FFF_FFFF)
            return Fail();
        Number = (uint)(tag >> 3);
        switch (tag & 7)
        {
            case 0 when TryVarint(out ulong value):
                Value = value;
                return true;
            case 1 when _rest.Length >= sizeof(ulong):
                Value = BinaryPrimitives.ReadUInt64LittleEndian(_rest);
                _rest = _rest[sizeof(ulong)..];
                return true;
            case 2 when TryVarint(out ulong length) && length <= (ulong)_rest.Length:
                Bytes = _rest[..(int)length];
                _rest = _rest[(int)length..];
                return true;
            case 5 when _rest.Length >= sizeof(uint):
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
