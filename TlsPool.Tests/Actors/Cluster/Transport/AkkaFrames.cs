using Akka.Actor;
using Google.Protobuf;

namespace TlsPool.Tests.Actors.Cluster.Transport;

/// <summary>Frames as Akka's codec writes them, and pieces of them that it would never put together so.</summary>
internal static class AkkaFrames
{
    internal const ulong AssociateCommand = 1;
    internal const ulong HeartbeatCommand = 3;

    internal static byte[] Heartbeat => Bytes(2, Number(1, HeartbeatCommand));

    /// <summary>A field of bytes, text or a message.</summary>
    internal static byte[] Bytes(int field, params byte[] content) => Written(output =>
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(content));
    });

    internal static byte[] Text(int field, string content) => Bytes(field, System.Text.Encoding.UTF8.GetBytes(content));

    internal static byte[] Number(int field, ulong value) => Written(output =>
    {
        output.WriteTag(field, WireFormat.WireType.Varint);
        output.WriteUInt64(value);
    });

    internal static byte[] Fixed(int field, uint value) => Written(output =>
    {
        output.WriteTag(field, WireFormat.WireType.Fixed32);
        output.WriteFixed32(value);
    });

    internal static byte[] Long(int field, ulong value) => Written(output =>
    {
        output.WriteTag(field, WireFormat.WireType.Fixed64);
        output.WriteFixed64(value);
    });

    internal static byte[] Join(params byte[][] pieces) => [.. pieces.SelectMany(piece => piece)];

    internal static byte[] Origin(Address address) => Join(
        Text(1, address.System), Text(2, address.Host), Number(3, (ulong)address.Port!.Value), Text(4, address.Protocol));

    internal static byte[] Associate(Address origin, ulong uid = 7) => Instruction(Number(1, AssociateCommand), Handshake(Origin(origin), uid));

    internal static byte[] Handshake(byte[] origin, ulong uid = 7) => Bytes(2, Join(Bytes(1, origin), Long(2, uid)));

    internal static byte[] Instruction(params byte[][] pieces) => Bytes(2, Join(pieces));

    internal static string PathOf(Address address, string actor) => $"akka.{address}/{actor}";

    /// <summary>A message to an actor.</summary>
    internal static byte[] Payload(string recipient, string? sender, int serializer = 17, string manifest = "S", byte[]? message = null) => Payload(
        Bytes(1, Text(1, recipient)),
        Bytes(2, Join(Bytes(1, message ?? "hello"u8.ToArray()), Number(2, (ulong)serializer), Text(3, manifest))),
        sender is null ? [] : Bytes(4, Text(1, sender)),
        Long(5, ulong.MaxValue));

    internal static byte[] Payload(params byte[][] envelope) => Bytes(1, Bytes(2, Join(envelope)));

    private static byte[] Written(Action<CodedOutputStream> write)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
            write(output);
        return stream.ToArray();
    }
}
