using System.Buffers.Binary;

namespace TlsPool.Crypto.Records;

/// <summary>The five bytes before each record (RFC 8446 section 5.1).</summary>
public static class RecordHeader
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 5;

    /// <summary>Most bytes that may follow in TLS 1.3 (section 5.2).</summary>
    public const int MaxBody13 = RecordSealer.MaxContent + 256;

    /// <summary>Most bytes that may follow in TLS 1.2 (RFC 5246 section 6.2.3).</summary>
    public const int MaxBody12 = RecordSealer.MaxContent + 2048;

    private const ushort LegacyVersion = 0x0303;

    /// <summary>Type in a header.</summary>
    public static ContentType Type(ReadOnlySpan<byte> header) => (ContentType)header[0];

    /// <summary>Length of the body in a header, 0 to 65535.</summary>
    public static int BodyLength(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadUInt16BigEndian(header[3..]);

    /// <summary>Writes a header.</summary>
    internal static void Write(Span<byte> header, ContentType type, int bodyLength)
    {
        header[0] = (byte)type;
        BinaryPrimitives.WriteUInt16BigEndian(header[1..], LegacyVersion);
        BinaryPrimitives.WriteUInt16BigEndian(header[3..], (ushort)bodyLength);
    }
}
