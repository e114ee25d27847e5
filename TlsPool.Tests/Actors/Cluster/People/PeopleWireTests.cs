using System.Runtime.Serialization;
using Akka.Actor;
using NUnit.Framework;
using TlsPool.Actors.Cluster.People;
using TlsPool.Actors.Cluster.Wire;
using TlsPool.Actors.Entry;
using TlsPool.Actors.LocalIds;
using TlsPool.Actors.Sessions;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.Transport;

namespace TlsPool.Tests.Actors.Cluster.People;

/// <summary>What people's services say to each other between nodes.</summary>
[Parallelizable]
public sealed class PeopleWireTests : AkkaFixture
{
    private static readonly PeerCredentials Program = new(42, 1000, 100) { Executable = "/usr/bin/tlspool" };
    private static readonly byte[] Sealed = [.. Enumerable.Range(0, SealedPin.Size).Select(i => (byte)i)];
    private static readonly LidEntryMessage Lid = new(LidEntryFlags.DbInsert, 2, 60, "john@a.example", "www.example.com");
    private static readonly PoolFault Fault = new(PoolError.PinEntryNotVacant, "busy");

    private static IReadOnlyList<WireCodec> Codecs => [.. PinWire.Codecs, .. LocalIdWire.Codecs];

    [Test]
    public void All_messages_come_out_as_they_went_in()
    {
        IActorRef nobody = ActorRefs.Nobody;
        var offer = new PinProtocol.Offer(nobody, 7, Program, TimeSpan.FromMicroseconds(1234567));
        IClusterMessage[] messages =
        [
            new PinProtocol.Ask("maker", "model", "serial", "label", "PIN of label", 2),
            PinProtocol.Withdraw.Instance,
            PinProtocol.Tried.Instance,
            PinProtocol.AskAgain.Instance,
            PinProtocol.Asked.Instance,
            new PinProtocol.Refused("no"),
            offer,
            new PinProtocol.Spoiled(-5),
            new PinProtocol.Resign(nobody),
            new PinProtocol.OfferDone(7, null),
            new PinProtocol.OfferDone(7, Fault),
            new PinProtocol.OfferEnded(7, Fault),
            new PinProtocol.Expire(long.MaxValue),
            PinKeys.Wanted.Instance,
            new LocalIdProtocol.Register(LidEntryFlags.WantDbEntry, 30, Program, nobody, 9),
            new LocalIdProtocol.RegistrationAnswered(9, Fault),
            new LocalIdProtocol.RegistrationEnded(9, Fault),
            LocalIdProtocol.NobodyAsked.Instance,
            new LocalIdProtocol.Chosen(Lid, Program) { Node = "node2" },
            new LocalIdProtocol.NotChosen("no", Program),
            new LocalIdProtocol.NotChosen("no", null),
            new LocalIdProtocol.Question(9, Lid),
            new LocalIdProtocol.Answered(Lid),
            new LocalIdProtocol.Unanswered(Fault),
        ];
        foreach (IClusterMessage message in messages)
            Assert.That(Back(message), Is.EqualTo(message));

        var choose = new LocalIdProtocol.Choose("www.example.com", "john@a.example", 2, [new StoredChoice(".example.com", 1, "")]) { IsStuck = true };
        LocalIdProtocol.Choose chosen = Back(choose);
        Assert.That((chosen.RemoteId, chosen.Suggestion, chosen.MaxLevels, chosen.IsStuck), Is.EqualTo((choose.RemoteId, choose.Suggestion, choose.MaxLevels, true)));
        Assert.That(chosen.Stored, Is.EqualTo(choose.Stored));

        PinProtocol.Answer answer = Back(new PinProtocol.Answer(offer, 77, Sealed) { IsSealed = true });
        Assert.That((answer.Next, answer.Question, answer.IsSealed), Is.EqualTo((offer, 77L, true)));
        Assert.That(answer.Pin, Is.EqualTo(Sealed));
        Assert.That(Back(new PinProtocol.Answer(offer, 77, [])).Pin, Is.Empty, "a refusal");
        Assert.That(Back(new PinProtocol.Entered(Sealed, Program) { IsSealed = true }).By, Is.EqualTo(Program));
        Assert.That(Back(new PinKeys.Given(Sealed[..SealedPin.PublicSize])).Key, Is.EqualTo(Sealed[..SealedPin.PublicSize]));
        var body = new PinEntryMessage(0, 1, 0, [], "PIN of one", "maker", "model", "serial", "one");
        PinProtocol.Question question = Back(new PinProtocol.Question(7, body, 77) { Token = Kit.TestActor });
        Assert.That((question.Body, question.Number, question.Token), Is.EqualTo((body, 77L, Kit.TestActor)));
    }

    [Test]
    public void A_plain_PIN_is_not_written()
    {
        Assert.That(() => Back(new PinProtocol.Entered("1234"u8.ToArray(), Program)), Throws.InstanceOf<SerializationException>());
        Assert.That(
            () => Back(new PinProtocol.Answer(new PinProtocol.Offer(ActorRefs.Nobody, 7, Program, TimeSpan.Zero), 77, "1234"u8.ToArray())),
            Throws.InstanceOf<SerializationException>());
    }

    [Test]
    public void Bytes_of_any_kind_are_read_or_refused()
    {
        var random = new Random(4253);
        foreach (WireCodec codec in Codecs)
        {
            for (int i = 0; i < 2000; i++)
            {
                byte[] bytes = new byte[random.Next(0, 120)];
                // Mostly zeros, so that lengths and numbers are small enough to be believed.
                for (int j = 0; j < bytes.Length; j++)
                    bytes[j] = random.Next(4) == 0 ? (byte)random.Next(256) : (byte)0;
                try
                {
                    codec.Read(Reader(bytes));
                }
                catch (SerializationException)
                {
                    // Refused.
                }
            }
        }
    }

    [Test]
    public void Manifests_are_unique() => Assert.That(Codecs.Select(codec => codec.Manifest), Is.Unique);

    private T Back<T>(T message)
        where T : IClusterMessage
    {
        WireCodec codec = Codecs.Single(codec => codec.Type == message.GetType());
        var writer = new WireWriter(WireVersion.Newest);
        codec.Write(writer, message);
        return (T)codec.Read(Reader(writer.ToArray()));
    }

    private WireReader Reader(byte[] bytes) => new(bytes, (ExtendedActorSystem)Sys);
}
