using System.Runtime.Serialization;
using Akka.Actor;
using TlsPool.Actors.Cluster.Wire;
using TlsPool.Actors.Sessions;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.Transport;
using static TlsPool.Actors.Entry.PinProtocol;

namespace TlsPool.Actors.Cluster.People;

/// <summary>
/// Messages of PIN entry between nodes. Actors are left out: whoever sends is meant. A PIN is written only if it is sealed, and no answer
/// passes for a plain one.
/// </summary>
internal static class PinWire
{
    private const int MaxField = 128;
    private const int MaxReason = 1024;
    private const int MaxPath = 4096;

    /// <summary>The codecs.</summary>
    internal static IReadOnlyList<WireCodec> Codecs { get; } =
    [
        WireCodec.Of<Ask>("pin-ask", Write, reader => new Ask(
            reader.Text(MaxField), reader.Text(MaxField), reader.Text(MaxField), reader.Text(MaxField), reader.Text(MaxReason), reader.UInt())),
        WireCodec.Of<Withdraw>("pin-withdraw", Nothing, _ => Withdraw.Instance),
        WireCodec.Of<Tried>("pin-tried", Nothing, _ => Tried.Instance),
        WireCodec.Of<AskAgain>("pin-again", Nothing, _ => AskAgain.Instance),
        WireCodec.Of<Asked>("pin-asked", Nothing, _ => Asked.Instance),
        WireCodec.Of<Entered>("pin-entered", Write, ReadEntered),
        WireCodec.Of<Refused>("pin-refused", (writer, refused) => writer.Text(refused.Reason), reader => new Refused(reader.Text(MaxReason))),
        WireCodec.Of<Offer>("pin-offer", Write, ReadOffer),
        WireCodec.Of<Answer>("pin-answer", Write, ReadAnswer),
        WireCodec.Of<Spoiled>("pin-spoiled", (writer, spoiled) => writer.Number(spoiled.Question), reader => new Spoiled(reader.Number())),
        WireCodec.Of<Resign>("pin-resign", Nothing, _ => new Resign(ActorRefs.Nobody)),
        WireCodec.Of<OfferDone>("pin-done", Write, reader => new OfferDone(reader.UShort(), reader.Flag() ? ReadFault(reader) : null)),
        WireCodec.Of<OfferEnded>("pin-ended", Write, reader => new OfferEnded(reader.UShort(), ReadFault(reader))),
        WireCodec.Of<Question>("pin-question", Write, ReadQuestion),
        WireCodec.Of<Expire>("pin-expire", (writer, expire) => writer.Number(expire.Number), reader => new Expire(reader.Number())),
        WireCodec.Of<PinKeys.Wanted>("pin-key-wanted", Nothing, _ => PinKeys.Wanted.Instance),
        WireCodec.Of<PinKeys.Given>("pin-key", (writer, given) => writer.Bytes(given.Key), reader => new PinKeys.Given(reader.Exactly(SealedPin.PublicSize).ToArray())),
    ];

    internal static void Write(WireWriter writer, PeerCredentials program)
    {
        writer.Number(program.ProcessId);
        writer.Number(program.UserId);
        writer.Number(program.GroupId);
        writer.Text(program.Executable);
    }

    internal static PeerCredentials ReadProgram(WireReader reader) =>
        new(reader.Int(), reader.UInt(), reader.UInt()) { Executable = reader.Text(MaxPath) };

    internal static void Write(WireWriter writer, PoolFault fault)
    {
        writer.Number((long)fault.Code);
        writer.Text(fault.Text);
    }

    internal static PoolFault ReadFault(WireReader reader)
    {
        var code = (PoolError)reader.Int();
        return Enum.IsDefined(code) ? new PoolFault(code, reader.Text(MaxReason)) : throw WireReader.Malformed();
    }

    private static void Nothing(WireWriter writer, IClusterMessage message)
    {
    }

    private static void Write(WireWriter writer, Ask ask)
    {
        writer.Text(ask.Manufacturer);
        writer.Text(ask.Model);
        writer.Text(ask.Serial);
        writer.Text(ask.Label);
        writer.Text(ask.Prompt);
        writer.Number(ask.Attempt);
    }

    private static void Write(WireWriter writer, Entered entered)
    {
        WritePin(writer, entered.Pin, entered.IsSealed);
        Write(writer, entered.By);
    }

    private static Entered ReadEntered(WireReader reader) => new(reader.Exactly(SealedPin.Size).ToArray(), ReadProgram(reader)) { IsSealed = true };

    private static void Write(WireWriter writer, Offer offer)
    {
        writer.Number(offer.RequestId);
        Write(writer, offer.Program);
        writer.Number(offer.Timeout.Ticks);
    }

    private static Offer ReadOffer(WireReader reader)
    {
        ushort request = reader.UShort();
        PeerCredentials program = ReadProgram(reader);
        // As much as a frame can say.
        return reader.Number() is >= 0 and var ticks && ticks <= TimeSpan.FromMicroseconds(uint.MaxValue).Ticks
            ? new Offer(ActorRefs.Nobody, request, program, new TimeSpan(ticks))
            : throw WireReader.Malformed();
    }

    private static void Write(WireWriter writer, Answer answer)
    {
        Write(writer, answer.Next);
        writer.Number(answer.Question);
        writer.Flag(answer.Pin.Length > 0);
        if (answer.Pin.Length > 0)
            WritePin(writer, answer.Pin, answer.IsSealed);
    }

    private static Answer ReadAnswer(WireReader reader)
    {
        Offer next = ReadOffer(reader);
        long question = reader.Number();
        return new Answer(next, question, reader.Flag() ? reader.Exactly(SealedPin.Size).ToArray() : []) { IsSealed = true };
    }

    private static void WritePin(WireWriter writer, byte[] pin, bool isSealed)
    {
        if (!isSealed)
            throw new SerializationException("a PIN does not cross to other nodes unless it is sealed");
        writer.Bytes(pin);
    }

    private static void Write(WireWriter writer, OfferDone done)
    {
        writer.Number(done.RequestId);
        writer.Flag(done.Fault is not null);
        if (done.Fault is { } fault)
            Write(writer, fault);
    }

    private static void Write(WireWriter writer, OfferEnded ended)
    {
        writer.Number(ended.RequestId);
        Write(writer, ended.Fault);
    }

    private static void Write(WireWriter writer, Question question)
    {
        PinEntryMessage body = question.Body;
        writer.Number(question.RequestId);
        writer.Number(question.Number);
        writer.Actor(question.Token);
        writer.Number(body.Attempt);
        writer.Text(body.Prompt);
        writer.Text(body.TokenManufacturer);
        writer.Text(body.TokenModel);
        writer.Text(body.TokenSerial);
        writer.Text(body.TokenLabel);
    }

    private static Question ReadQuestion(WireReader reader)
    {
        ushort request = reader.UShort();
        long number = reader.Number();
        IActorRef token = reader.Actor();
        uint attempt = reader.UInt();
        var body = new PinEntryMessage(
            0, attempt, 0, [], reader.Text(MaxReason), reader.Text(MaxField), reader.Text(MaxField), reader.Text(MaxField), reader.Text(MaxField));
        return new Question(request, body, number) { Token = token };
    }
}
