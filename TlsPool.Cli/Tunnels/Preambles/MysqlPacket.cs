using TlsPool.Protocol.IO;

namespace TlsPool.Cli.Tunnels.Preambles;

/// <summary>Packets of the MySQL protocol: length (3 bytes, little-endian), sequence number (1 byte), payload.</summary>
internal static class MysqlPacket
{
    /// <summary>Bytes before the payload.</summary>
    internal const int HeaderSize = 4;

    /// <summary>Index of the sequence number.</summary>
    internal const int SequenceAt = 3;

    private const int MaxPayload = 64 * 1024;

    /// <summary>Reads a whole packet of the connection phase.</summary>
    /// <exception cref="InvalidDataException">It is larger than any packet of that phase.</exception>
    internal static async Task<byte[]> ReadAsync(LoopSocket socket, CancellationToken cancellation)
    {
        byte[] header = new byte[HeaderSize];
        await socket.ReceiveExactlyAsync(header, cancellation).ConfigureAwait(false);
        return await ReadPayloadAsync(socket, header, cancellation).ConfigureAwait(false);
    }

    /// <summary>Reads the rest of a packet whose header is known; the result is the whole packet.</summary>
    /// <exception cref="InvalidDataException">It is larger than any packet of the connection phase, or empty.</exception>
    internal static async Task<byte[]> ReadPayloadAsync(LoopSocket socket, byte[] header, CancellationToken cancellation)
    {
        int length = PayloadLength(header);
        if (length is 0 or > MaxPayload)
            throw new InvalidDataException("the other side does not speak the MySQL protocol");
        byte[] packet = new byte[HeaderSize + length];
        header.CopyTo(packet, 0);
        await socket.ReceiveExactlyAsync(packet.AsMemory(HeaderSize), cancellation).ConfigureAwait(false);
        return packet;
    }

    /// <summary>Length of the payload that a header announces.</summary>
    internal static int PayloadLength(ReadOnlySpan<byte> header) => header[0] | (header[1] << 8) | (header[2] << 16);
}
