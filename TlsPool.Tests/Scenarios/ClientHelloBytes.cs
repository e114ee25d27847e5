using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace TlsPool.Tests.Scenarios;

/// <summary>A ClientHello made by hand, so that everything in it may be wrong (RFC 8446 section 4.1.2).</summary>
internal sealed class ClientHelloBytes
{
    internal const ushort ServerName = 0;
    internal const ushort SupportedGroups = 10;
    internal const ushort SignatureAlgorithms = 13;
    internal const ushort ApplicationProtocols = 16;
    internal const ushort EarlyData = 42;
    internal const ushort SupportedVersions = 43;
    internal const ushort KeyShare = 51;

    private readonly List<(ushort Type, byte[] Body)> _extensions =
    [
        (ServerName, NameList(0, Encoding.ASCII.GetBytes("server.example"))),
        (SupportedGroups, [0, 2, 0, 0x1d]),
        (SignatureAlgorithms, [0, 4, 4, 3, 8, 4]),
        (SupportedVersions, [2, 3, 4]),
        (KeyShare, [0, 36, 0, 0x1d, 0, 32, .. RandomNumberGenerator.GetBytes(32)]),
    ];

    internal ushort Version { get; init; } = 0x0303;

    internal byte[] Suites { get; init; } = [0x13, 0x01, 0xc0, 0x2b];

    internal ClientHelloBytes With(ushort type, params byte[] body)
    {
        _extensions.RemoveAll(extension => extension.Type == type);
        return Adding(type, body);
    }

    internal ClientHelloBytes Without(ushort type)
    {
        _extensions.RemoveAll(extension => extension.Type == type);
        return this;
    }

    internal ClientHelloBytes Adding(ushort type, params byte[] body)
    {
        _extensions.Add((type, body));
        return this;
    }

    /// <summary>Body of a server_name extension with one name.</summary>
    internal static byte[] NameList(byte type, byte[] name) => [.. Short(name.Length + 3), type, .. Short(name.Length), .. name];

    /// <summary>The handshake message.</summary>
    internal byte[] Message()
    {
        byte[] extensions = [.. _extensions.SelectMany(extension => (byte[])[.. Short(extension.Type), .. Short(extension.Body.Length), .. extension.Body])];
        byte[] body =
        [
            .. Short(Version), .. RandomNumberGenerator.GetBytes(32), 0, .. Short(Suites.Length), .. Suites, 1, 0,
            .. Short(extensions.Length), .. extensions,
        ];
        return [1, 0, .. Short(body.Length), .. body];
    }

    /// <summary>The message in records of at most so many bytes.</summary>
    internal byte[] Records(int size = 16384, ushort version = 0x0301) =>
        [.. Message().Chunk(size).SelectMany(piece => Record(22, piece, version))];

    /// <summary>A record without protection.</summary>
    internal static byte[] Record(byte type, ReadOnlySpan<byte> content, ushort version = 0x0303) =>
        [type, .. Short(version), .. Short(content.Length), .. content];

    private static byte[] Short(int value)
    {
        byte[] bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)value);
        return bytes;
    }
}
