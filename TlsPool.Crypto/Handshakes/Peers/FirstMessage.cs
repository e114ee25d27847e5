using System.Buffers.Binary;
using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes.Peers;

/// <summary>Looks at the first handshake message of the other side, which may be spread over records, before anybody takes it.</summary>
internal readonly ref struct FirstMessage
{
    private const int HeaderSize = 4;

    private FirstMessage(byte? type, int length, bool endsRecord, byte[] body) => (Type, Length, EndsRecord, Body) = (type, length, endsRecord, body);

    /// <summary>Its HandshakeType; null for something else than a handshake message.</summary>
    private byte? Type { get; }

    /// <summary>Bytes of the records that it is in.</summary>
    internal int Length { get; }

    /// <summary>True if nothing follows it in its last record.</summary>
    internal bool EndsRecord { get; }

    private byte[] Body { get; }

    internal bool IsClientHello => Type == HandshakeTypes.ClientHello;

    /// <summary>Reads it.</summary>
    /// <param name="input">What has come so far.</param>
    /// <param name="message">The message, if there is enough of it; of anything but a ClientHello the type is enough.</param>
    /// <param name="fault">What is wrong with its records; null for nothing.</param>
    /// <returns>False if more is needed, or something is wrong.</returns>
    internal static bool TryRead(ReadOnlySpan<byte> input, out FirstMessage message, out HandshakeFault? fault)
    {
        message = default;
        byte[] content = new byte[input.Length];
        int have = 0;
        for (int at = 0; ;)
        {
            ReadOnlySpan<byte> rest = input[at..];
            fault = RecordRules.Check(rest, first: at == 0);
            if (fault is not null || rest.Length < RecordHeader.Size)
                return false;
            if ((ContentType)rest[0] != ContentType.Handshake)
            {
                message = new FirstMessage(type: null, 0, endsRecord: false, []);
                // An alert in the middle of a ClientHello is no ClientHello any more.
                return true;
            }
            int size = RecordHeader.Size + RecordHeader.BodyLength(rest);
            if (rest.Length < size)
                return false;
            rest[RecordHeader.Size..size].CopyTo(content.AsSpan(have));
            have += size - RecordHeader.Size;
            at += size;
            if (content[0] != HandshakeTypes.ClientHello)
            {
                message = new FirstMessage(content[0], 0, endsRecord: false, []);
                return true;
            }
            if (have < HeaderSize)
                continue;
            int whole = HeaderSize + ((content[1] << 16) | BinaryPrimitives.ReadUInt16BigEndian(content.AsSpan(2)));
            if (have < whole)
                continue;
            message = new FirstMessage(HandshakeTypes.ClientHello, at, have == whole, content[HeaderSize..whole]);
            return true;
        }
    }

    /// <summary>Finds the peer's number in a ClientHello (RFC 8446 section 4.1.2).</summary>
    /// <param name="value">The number; empty if there is none.</param>
    /// <returns>False if the message is malformed.</returns>
    internal bool TryFindValue(out ReadOnlySpan<byte> value)
    {
        const int versionAndRandom = 34;
        value = default;
        ReadOnlySpan<byte> rest = Body;
        if (!TrySkip(ref rest, versionAndRandom) || !TryTake(ref rest, 1, out _) || !TryTake(ref rest, 2, out _) || !TryTake(ref rest, 1, out _))
            return false;
        if (rest.IsEmpty)
            return true;
        if (!TryTake(ref rest, 2, out ReadOnlySpan<byte> extensions) || !rest.IsEmpty)
            return false;
        while (!extensions.IsEmpty)
        {
            if (extensions.Length < 2)
                return false;
            int type = BinaryPrimitives.ReadUInt16BigEndian(extensions);
            extensions = extensions[2..];
            if (!TryTake(ref extensions, 2, out ReadOnlySpan<byte> content))
                return false;
            if (type != PeerValue.Extension)
                continue;
            if (content.Length != PeerValue.Size || !value.IsEmpty)
                return false;
            value = content;
        }
        return true;
    }

    private static bool TrySkip(scoped ref ReadOnlySpan<byte> rest, int count)
    {
        if (rest.Length < count)
            return false;
        rest = rest[count..];
        return true;
    }

    /// <summary>Takes a vector whose length comes first.</summary>
    private static bool TryTake(scoped ref ReadOnlySpan<byte> rest, int lengthSize, out ReadOnlySpan<byte> content)
    {
        content = default;
        if (rest.Length < lengthSize)
            return false;
        int length = lengthSize == 1 ? rest[0] : BinaryPrimitives.ReadUInt16BigEndian(rest);
        if (rest.Length < lengthSize + length)
            return false;
        content = rest.Slice(lengthSize, length);
        rest = rest[(lengthSize + length)..];
        return true;
    }
}
