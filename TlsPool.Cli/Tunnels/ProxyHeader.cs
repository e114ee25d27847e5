using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace TlsPool.Cli.Tunnels;

/// <summary>
/// The header of the PROXY protocol, version 2 (proxy-protocol.txt of HAProxy, section 2.2): who connected, and what TLS has shown.
/// </summary>
internal static class ProxyHeader
{
    private const byte Version2Proxy = 0x21;
    private const byte TcpOverIPv4 = 0x11;
    private const byte TcpOverIPv6 = 0x21;
    private const byte UnixStream = 0x31;
    private const int UnixPathSize = 108;

    private const byte AuthorityType = 0x02;
    private const byte SslType = 0x20;
    private const byte SslVersionType = 0x21;
    private const byte SslNameType = 0x22;
    private const byte SslCipherType = 0x23;
    private const byte SslGroupType = 0x26;

    private const byte ClientUsedTls = 0x01;
    private const byte ClientSentCertificate = 0x02;
    private const uint Verified = 0;
    private const uint NotVerified = 1;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>Makes a header.</summary>
    /// <param name="source">The network peer; null if it came through a UNIX socket.</param>
    /// <param name="destination">The address it connected to; null likewise.</param>
    /// <param name="path">Path of the UNIX socket that it came through; empty if that is not known.</param>
    /// <param name="tls">What TLS has shown; null while there is none.</param>
    internal static byte[] Make(IPEndPoint? source, IPEndPoint? destination, string path, ProxyTls? tls)
    {
        using var body = new MemoryStream();
        byte family = WriteAddresses(body, source, destination, path);
        if (tls is not null)
        {
            WriteValue(body, AuthorityType, Encoding.UTF8.GetBytes(tls.LocalId));
            WriteValue(body, SslType, Ssl(tls));
        }
        byte[] header = new byte[Signature.Length + 4 + body.Length];
        Signature.CopyTo(header);
        header[12] = Version2Proxy;
        header[13] = family;
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(14), (ushort)body.Length);
        body.ToArray().CopyTo(header, 16);
        return header;
    }

    private static byte WriteAddresses(MemoryStream body, IPEndPoint? source, IPEndPoint? destination, string path)
    {
        if (source is null || destination is null)
        {
            // A client's own end of a UNIX connection has no name.
            byte[] names = new byte[2 * UnixPathSize];
            Encoding.UTF8.GetBytes(path, names.AsSpan(UnixPathSize));
            body.Write(names);
            return UnixStream;
        }
        IPEndPoint from = Plain(source), to = Plain(destination);
        body.Write(from.Address.GetAddressBytes());
        body.Write(to.Address.GetAddressBytes());
        WriteNumber(body, from.Port);
        WriteNumber(body, to.Port);
        return from.AddressFamily == AddressFamily.InterNetwork ? TcpOverIPv4 : TcpOverIPv6;
    }

    /// <summary>PP2_TYPE_SSL: client bits, whether a certificate was verified, then values of its own.</summary>
    private static byte[] Ssl(ProxyTls tls)
    {
        bool proved = tls.RemoteId.Length > 0;
        using var ssl = new MemoryStream();
        ssl.WriteByte((byte)(ClientUsedTls | (proved ? ClientSentCertificate : 0)));
        Span<byte> verify = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(verify, proved ? Verified : NotVerified);
        ssl.Write(verify);
        WriteValue(ssl, SslVersionType, Encoding.ASCII.GetBytes(tls.Version));
        WriteValue(ssl, SslNameType, Encoding.UTF8.GetBytes(tls.RemoteId));
        WriteValue(ssl, SslCipherType, Encoding.ASCII.GetBytes(tls.CipherSuite));
        WriteValue(ssl, SslGroupType, Encoding.ASCII.GetBytes(tls.Group));
        return ssl.ToArray();
    }

    private static IPEndPoint Plain(IPEndPoint address) =>
        address.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(address.Address.MapToIPv4(), address.Port) : address;

    private static void WriteNumber(MemoryStream body, int number)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)number);
        body.Write(bytes);
    }

    private static void WriteValue(MemoryStream body, byte type, byte[] value)
    {
        if (value.Length == 0)
            return;
        body.WriteByte(type);
        WriteNumber(body, value.Length);
        body.Write(value);
    }
}
