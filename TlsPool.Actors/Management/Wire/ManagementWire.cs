using TlsPool.Actors.Cluster.Wire;
using TlsPool.Actors.Management.Access;

namespace TlsPool.Actors.Management.Wire;

/// <summary>How management crosses to other programs and nodes.</summary>
internal static class ManagementWire
{
    /// <summary>Bytes of an answer: what Akka puts around it has room too.</summary>
    internal const int MaxBody = 400 * 1024;

    /// <summary>Bytes of arguments: certificates are the longest.</summary>
    internal const int MaxArguments = 384 * 1024;

    private const int MaxName = 256;

    internal static IReadOnlyList<WireCodec> Codecs { get; } =
    [
        WireCodec.Of<ManagementRequest>(
            "manage",
            (writer, request) =>
            {
                writer.Number(request.Number);
                writer.Text(request.Operation);
                writer.Text(request.Node);
                writer.Bytes(request.Arguments.Span);
            },
            reader => new ManagementRequest(reader.Number(), reader.Text(MaxName), reader.Text(MaxName), reader.Bytes(MaxArguments))),
        WireCodec.Of<ForwardedRequest>(
            "manage-for",
            (writer, request) =>
            {
                writer.Text(request.Operation);
                writer.Bytes(request.Arguments.Span);
                writer.Text(request.Name);
                writer.Number((int)request.Role);
            },
            reader => new ForwardedRequest(reader.Text(MaxName), reader.Bytes(MaxArguments), reader.Text(MaxName), RoleOf(reader.Int()))),
        WireCodec.Of<ManagementReply>(
            "managed",
            (writer, reply) =>
            {
                writer.Number(reply.Number);
                writer.Number((int)(reply.Fault ?? 0));
                writer.Bytes(reply.Body.Span);
            },
            reader => new ManagementReply(reader.Number(), FaultOf(reader.Int()), reader.Bytes(MaxBody))),
    ];

    private static ManagementRole RoleOf(int value) => Enum.IsDefined((ManagementRole)value) ? (ManagementRole)value : throw WireReader.Malformed();

    // What a later version has for a reason is a failure for this one.
    private static ManagementFault? FaultOf(int value) =>
        value == 0 ? null : Enum.IsDefined((ManagementFault)value) ? (ManagementFault)value : ManagementFault.Failed;
}
