using TlsPool.Actors.Cluster.Replication;
using TlsPool.Actors.Cluster.Signing;
using TlsPool.Actors.Cluster.Tickets;
using TlsPool.Actors.Cluster.Wire;
using TlsPool.Actors.Storage.Replication;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Keys;

namespace TlsPool.Tests.Actors.Cluster.Wire;

/// <summary>One message of each type, with its bytes in each version: these never change, as nodes of other versions read them.</summary>
internal static class WireSamples
{
    /// <summary>By manifest and version.</summary>
    internal static IReadOnlyList<(string Manifest, int Version, IClusterMessage Message, string Bytes)> All { get; } =
    [
        .. Both("policy-have", new PolicyProtocol.Have("inc", 42), "00000003696e63000000000000002a"),
        .. Both("policy-pull", new PolicyProtocol.Pull(43), "000000000000002b"),
        .. Both(
            "policy-page",
            new PolicyProtocol.Page(new ReplicaChanges(
                [
                    new ReplicaRecord("anchor", """["x"]""", 5, "a", """{"a":5}""", null),
                    new ReplicaRecord("access", """["y"]""", 6, "b", """{"b":6}""", """{"v":1}"""),
                ],
                "inc",
                44,
                HasMore: true)),
            "00000003696e63000000000000002c00000000000000010000000000000002"
            + "00000006616e63686f72000000055b2278225d00000000000000050000000161000000077b2261223a357d000000000000000000000000"
            + "00000006616363657373000000055b2279225d00000000000000060000000162000000077b2262223a367d0000000000000001000000077b2276223a317d"),
        ("sign", 1, Ask, "000000000000000700000017706b637331313a746f6b656e3d743b6f626a6563743d6b0000000000000403000000030102030000000000000001"),
        ("sign", 2, Ask, "000000000000000700000017706b637331313a746f6b656e3d743b6f626a6563743d6b000000000000040300000003010203000000000000000100000000000005dc"),
        .. Both("signed", new SigningProtocol.Done(8, new byte[] { 0xaa, 0xbb }), "000000000000000800000002aabb"),
        .. Both("not-signed", new SigningProtocol.Refused(9, SigningProtocol.Refusal.Busy, "später"), "00000000000000090000000000000004000000077370c3a4746572"),
        .. Both(
            "ticket-keys",
            new TicketProtocol.Keys(
            [
                new TicketKey(
                    0xfedcba9876543210,
                    Enumerable.Range(0, TicketKey.SecretSize).Select(value => (byte)value).ToArray(),
                    DateTimeOffset.FromUnixTimeSeconds(1),
                    DateTimeOffset.FromUnixTimeSeconds(21)),
            ]),
            "0000000000000001fedcba987654321000000020000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f00000000000003e80000000000005208"),
    ];

    private static SigningProtocol.Ask Ask => new(
        7, new SignatureRequest(new KeyReference("pkcs11:token=t;object=k"), 0x0403, new byte[] { 1, 2, 3 }), Waits: true, TimeSpan.FromMilliseconds(1500));

    private static IEnumerable<(string, int, IClusterMessage, string)> Both(string manifest, IClusterMessage message, string bytes) =>
        [(manifest, 1, message, bytes), (manifest, 2, message, bytes)];
}
