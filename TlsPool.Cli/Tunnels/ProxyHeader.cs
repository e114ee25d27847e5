using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace TlsPool.Cli.Tunnels;

/// <summary>
/// The header of the PROXY protocol, version 2 (proxy-protocol.txt of HAProxy, section 2.2): who connected, and as an addition the
/// identities as the pool has validated them.
/// </summary>
internal static class ProxyHeader
{
    /// <summary>PP2_TYPE_AUTHORITY: the local identity, where it is known.</summary>
    internal const byte AuthorityType = 0x02;

    /// <summary>PP2_TYPE_MIN_CUSTOM: the remote identity, where there is one.</summary>
    internal const byte RemoteIdType = 0xe0;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>Makes a header.</summary>
    /// <param name="source">The network peer; null if it has no internet address.</param>
    /// <param name="destination">The address it connected to.</param>
    /// <param name="localId">Local identity, or empty.</param>
    /// <param name="remoteId">Remote identity, or empty.</param>
    internal static byte[] Make(IPEndPoint? source, IPEndPoint? destination, string localId, string remoteId)
    {
        using var body = new MemoryStream();
        byte family = 0x00; // AF_UNSPEC
        if (source is not null && destination is not null)
        {
            IPEndPoint from = Plain(source), to = Plain(destination);
            family = from.AddressFamily == AddressFamily.InterNetwork ? (byte)0x11 : (byte)0x21;
            body.Write(from.Address.GetAddressBytes());
            body.Write(to.Address.GetAddressBytes());
            WritePort(body, from.Port);
            WritePort(body, to.Port);
        }
        WriteText(body, AuthorityType, localId);
        WriteText(body, RemoteIdType, remoteId);
        byte[] content = body.ToArray();
        byte[] header = new byte[Signature.Length + 4 + content.Length];
        Signature.CopyTo(header);
        header[12] = 0x21; // version 2, command PROXY
        header[13] = family;
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(14), (ushort)content.Length);
        content.CopyTo(header, 16);
        return header;
    }

    private static IPEndPoint Plain(IPEndPoint address) =>
        address.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(address.Address.MapToIPv4(), address.Port) : address;

    private static void WritePort(MemoryStream body, int port)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)port);
        body.Write(bytes);
    }

    private static void WriteText(MemoryStream body, byte type, string text)
    {
        if (text.Length == 0)
            return;
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        body.WriteByte(type);
        WritePort(body, bytes.Length);
        body.Write(bytes);
    }
}
