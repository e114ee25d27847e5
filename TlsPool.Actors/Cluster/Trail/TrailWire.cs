using System.Runtime.Serialization;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Cluster.Wire;
using TlsPool.Actors.Storage.Trails;
using TlsPool.Protocol.Transport;

namespace TlsPool.Actors.Cluster.Trail;

/// <summary>How audit trails cross to the nodes that collect them. What arrives is checked and cleaned: a node may say anything of itself.</summary>
internal static class TrailWire
{
    /// <summary>Bytes of a cleaned text, which has 512 characters and a few more where PINs were taken out.</summary>
    private const int MaxText = 2048;

    private const int MaxName = 64;

    internal static IReadOnlyList<WireCodec> Codecs { get; } =
    [
        WireCodec.Of("trail-request", WriteRequest, ReadRequest),
        WireCodec.Of("trail-reply", WriteReply, ReadReply),
    ];

    private static void WriteRequest(WireWriter writer, TrailRequest request)
    {
        writer.Number(request.Number);
        writer.Text(request.From.Incarnation);
        writer.Number(request.From.After);
        writer.Number(request.From.Mark);
    }

    private static TrailRequest ReadRequest(WireReader reader) =>
        new(reader.Number(), new AuditPosition(Incarnation(reader), Count(reader), reader.Number()));

    private static void WriteReply(WireWriter writer, TrailReply reply)
    {
        writer.Number(reply.Number);
        writer.Flag(reply.Page is not null);
        if (reply.Page is not { } page)
            return;
        writer.Number((int)page.Answer);
        writer.Text(page.Incarnation);
        writer.Number(page.Last);
        writer.Number(page.Mark);
        writer.List(page.Rows, WriteRow);
    }

    private static TrailReply ReadReply(WireReader reader)
    {
        long number = reader.Number();
        if (!reader.Flag())
            return new TrailReply(number, null);
        var answer = (AuditPageAnswer)reader.Int();
        string incarnation = Incarnation(reader);
        if (!Enum.IsDefined(answer) || incarnation.Length == 0)
            throw Malformed();
        return new TrailReply(number, new AuditPage(answer, incarnation, Count(reader), reader.Number(), reader.List(AuditPage.MaxRows, ReadRow)));
    }

    private static void WriteRow(WireWriter writer, AuditRow row)
    {
        AuditEvent decision = row.Record.Event;
        writer.Number(row.Record.Id);
        writer.Time(row.Record.Time);
        writer.Text(row.Kind);
        writer.Flag(decision.Allowed);
        writer.Text(decision.Reason);
        writer.Flag(decision.Application is not null);
        if (decision.Application is { } application)
        {
            writer.Number(application.UserId);
            writer.Number(application.GroupId);
            writer.Number(application.ProcessId);
            writer.Text(application.Executable);
        }
        writer.Number(decision.Session);
        writer.Text(decision.LocalId);
        writer.Text(decision.RemoteId);
        writer.Text(decision.Use);
        writer.Text(decision.Token);
        writer.Text(decision.Key);
    }

    private static AuditRow ReadRow(WireReader reader)
    {
        long id = Count(reader);
        DateTimeOffset time = reader.Time();
        string kind = reader.Text(MaxName);
        return AuditRow.Of(id, time, kind, new AuditEvent(AuditKind.Unknown, reader.Flag(), reader.Text(MaxText))
        {
            Application = reader.Flag() ? Application(reader) : null,
            Session = reader.Number(),
            LocalId = reader.Text(MaxText),
            RemoteId = reader.Text(MaxText),
            Use = reader.Text(MaxText),
            Token = reader.Text(MaxText),
            Key = reader.Text(MaxText),
        }).Cleaned();
    }

    private static PeerCredentials Application(WireReader reader)
    {
        (uint user, uint group, int process) = (reader.UInt(), reader.UInt(), reader.Int());
        return new PeerCredentials(process, user, group) { Executable = reader.Text(MaxText) };
    }

    private static long Count(WireReader reader) => reader.Number() is >= 0 and var count ? count : throw Malformed();

    private static string Incarnation(WireReader reader) =>
        reader.Text(MaxName) is var name && name.All(char.IsAsciiHexDigit) ? name : throw Malformed();

    private static SerializationException Malformed() => new("an audit trail of another node is malformed");
}
