using System.Runtime.Serialization;
using Akka.Actor;
using TlsPool.Actors.Cluster.Wire;
using TlsPool.Actors.LocalIds;
using TlsPool.Protocol.Frames;
using static TlsPool.Actors.LocalIds.LocalIdProtocol;

namespace TlsPool.Actors.Cluster.People;

/// <summary>Messages about local identities between nodes. Actors are left out: whoever sends is meant.</summary>
internal static class LocalIdWire
{
    private const int MaxIdentity = 512;
    private const int MaxReason = 1024;
    private const int MaxStored = 1024;

    /// <summary>What a frame has room for.</summary>
    private const int MaxInFrame = 127;

    /// <summary>The codecs.</summary>
    internal static IReadOnlyList<WireCodec> Codecs { get; } =
    [
        WireCodec.Of<Register>("lid-register", Write, ReadRegister),
        WireCodec.Of<RegistrationAnswered>("lid-registered", Write, ReadAnswered),
        WireCodec.Of<RegistrationEnded>("lid-ended", Write, reader => new RegistrationEnded(reader.UShort(), PinWire.ReadFault(reader))),
        WireCodec.Of<Choose>("lid-choose", Write, ReadChoose),
        WireCodec.Of<NobodyAsked>("lid-nobody", (_, _) => { }, _ => NobodyAsked.Instance),
        WireCodec.Of<Chosen>("lid-chosen", Write, ReadChosen),
        WireCodec.Of<NotChosen>("lid-not-chosen", Write, ReadNotChosen),
        WireCodec.Of<Question>("lid-question", Write, reader => new Question(reader.UShort(), ReadBody(reader))),
        WireCodec.Of<Answered>("lid-answer", (writer, answered) => Write(writer, answered.Body), reader => new Answered(ReadBody(reader))),
        WireCodec.Of<Unanswered>("lid-no-answer", (writer, failed) => PinWire.Write(writer, failed.Fault), reader => new Unanswered(PinWire.ReadFault(reader))),
    ];

    private static void Write(WireWriter writer, Register register)
    {
        writer.Number((long)register.Flags);
        writer.Number(register.Timeout);
        PinWire.Write(writer, register.Program);
        writer.Number(register.RequestId);
    }

    private static Register ReadRegister(WireReader reader) => new(
        (LidEntryFlags)reader.UInt(), reader.UInt(), PinWire.ReadProgram(reader), ActorRefs.Nobody, reader.UShort());

    private static void Write(WireWriter writer, RegistrationAnswered answered)
    {
        writer.Number(answered.RequestId);
        writer.Flag(answered.Fault is not null);
        if (answered.Fault is { } fault)
            PinWire.Write(writer, fault);
    }

    private static RegistrationAnswered ReadAnswered(WireReader reader) => new(reader.UShort(), reader.Flag() ? PinWire.ReadFault(reader) : null);

    private static void Write(WireWriter writer, RegistrationEnded ended)
    {
        writer.Number(ended.RequestId);
        PinWire.Write(writer, ended.Fault);
    }

    private static void Write(WireWriter writer, Choose question)
    {
        writer.Text(question.RemoteId);
        writer.Text(question.Suggestion);
        writer.Number(question.MaxLevels);
        writer.List(question.Stored, (inner, stored) =>
        {
            inner.Text(stored.Remote);
            inner.Number(stored.Level);
            inner.Text(stored.LocalId);
        });
        writer.Flag(question.IsStuck);
    }

    private static Choose ReadChoose(WireReader reader) => new(
        reader.Text(MaxIdentity),
        reader.Text(MaxIdentity),
        reader.UShort(),
        reader.List(MaxStored, inner => new StoredChoice(inner.Text(MaxIdentity), inner.UShort(), inner.Text(MaxIdentity))))
    {
        IsStuck = reader.Flag(),
    };

    private static void Write(WireWriter writer, Chosen chosen)
    {
        Write(writer, chosen.Answer);
        PinWire.Write(writer, chosen.Program);
        writer.Text(chosen.Node);
    }

    private static Chosen ReadChosen(WireReader reader) => new(ReadBody(reader), PinWire.ReadProgram(reader)) { Node = reader.Text(MaxIdentity) };

    private static void Write(WireWriter writer, NotChosen refused)
    {
        writer.Text(refused.Reason);
        writer.Flag(refused.Program is not null);
        if (refused.Program is { } program)
            PinWire.Write(writer, program);
    }

    private static NotChosen ReadNotChosen(WireReader reader) => new(reader.Text(MaxReason), reader.Flag() ? PinWire.ReadProgram(reader) : null);

    private static void Write(WireWriter writer, Question question)
    {
        writer.Number(question.RequestId);
        Write(writer, question.Body);
    }

    private static void Write(WireWriter writer, LidEntryMessage body)
    {
        writer.Number((long)body.Flags);
        writer.Number(body.MaxLevels);
        writer.Number(body.Timeout);
        writer.Text(body.LocalId);
        writer.Text(body.RemoteId);
    }

    /// <summary>What would not fit into a frame ends here, and not where it has to be put into one.</summary>
    private static LidEntryMessage ReadBody(WireReader reader)
    {
        var body = new LidEntryMessage(
            (LidEntryFlags)reader.UInt(), reader.UShort(), reader.UInt(), reader.Text(MaxInFrame), reader.Text(MaxInFrame));
        return body.LocalId.Contains('\0', StringComparison.Ordinal) || body.RemoteId.Contains('\0', StringComparison.Ordinal)
            ? throw new SerializationException("a message of another node is malformed")
            : body;
    }
}
