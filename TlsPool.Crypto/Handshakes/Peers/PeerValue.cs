using System.Security.Cryptography;

namespace TlsPool.Crypto.Handshakes.Peers;

/// <summary>
/// What a ClientHello between peers says about roles: a 128-bit number in an extension of the private range (RFC 8446 section 11). The side
/// with the lower number is the client. The ends of the range are fixed, and random numbers lie between them.
/// </summary>
public sealed class PeerValue
{
    /// <summary>The extension's number.</summary>
    public const int Extension = 0xFF70;

    /// <summary>Bytes of the number, which are the extension's content.</summary>
    public const int Size = 16;

    private readonly byte[] _bytes;

    private PeerValue(byte[] bytes) => _bytes = bytes;

    /// <summary>The lowest number: its side can only be the client.</summary>
    public static PeerValue ClientOnly { get; } = new(new byte[Size]);

    /// <summary>The highest number: its side can only be the server.</summary>
    public static PeerValue ServerOnly { get; } = new([.. Enumerable.Repeat((byte)0xFF, Size)]);

    /// <summary>The number, highest byte first.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>A number for a side that can be either.</summary>
    public static PeerValue Random()
    {
        while (true)
        {
            PeerValue value = new(RandomNumberGenerator.GetBytes(Size));
            if (value.CompareTo(ClientOnly.Bytes) != 0 && value.CompareTo(ServerOnly.Bytes) != 0)
                return value;
        }
    }

    /// <summary>A number that is given.</summary>
    /// <param name="bytes">Its 16 bytes, highest first.</param>
    internal static PeerValue Of(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, Size);
        return new PeerValue(bytes.ToArray());
    }

    /// <summary>Compares with the other side's number: negative if this side is the client, positive if it is the server, 0 if neither can be.</summary>
    public int CompareTo(ReadOnlySpan<byte> other) => Bytes.SequenceCompareTo(other);
}
