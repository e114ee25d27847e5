using System.Reflection;
using Akka.Actor;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using NUnit.Framework;
using TlsPool.Actors.Cluster.Transport;
using static TlsPool.Tests.Actors.Cluster.Transport.AkkaFrames;

namespace TlsPool.Tests.Actors.Cluster.Transport;

/// <summary>What the inspector lets pass, held against what Akka's own parser makes of it.</summary>
[TestFixture]
[Parallelizable]
public sealed class FrameInspectorProperties
{
    private static readonly Address Own = new("tls", "tlspool-cluster", "127.9.0.1", 4253);
    private static readonly Address Peer = new("tls", "tlspool-cluster", "127.9.0.2", 4253);
    private static readonly Address Other = new("tls", "tlspool-cluster", "127.9.0.3", 4254);
    private static readonly FrameInspector Inspector = new(Peer, Own);
    private static readonly MessageParser Frames = ParserOf("AkkaProtocolMessage");
    private static readonly MessageParser Payloads = ParserOf("AckAndEnvelopeContainer");

    [FsCheck.NUnit.Property(MaxTest = 2000)]
    public Property Any_bytes_pass_or_do_not() => Prop.ForAll(
        Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf().ToArbitrary(),
        bytes =>
        {
            _ = Inspector.MayPass(bytes);
            return true;
        });

    [FsCheck.NUnit.Property(MaxTest = 5000)]
    public Property What_passes_is_the_peer_to_Akka_too() => Prop.ForAll(
        Gen.Choose(0, int.MaxValue).ToArbitrary(),
        seed =>
        {
            byte[] frame = Frame(new Random(seed));
            return !Inspector.MayPass(frame) || SpeaksForPeer(frame);
        });

    [Test]
    public void Frames_of_this_kind_do_pass_and_do_not() => Assert.Multiple(() =>
    {
        bool[] passed = [.. Enumerable.Range(0, 5000).Select(seed => Inspector.MayPass(Frame(new Random(seed))))];
        Assert.That(passed.Count(pass => pass), Is.GreaterThan(50));
        Assert.That(passed.Count(pass => !pass), Is.GreaterThan(50));
    });

    private static bool SpeaksForPeer(byte[] bytes)
    {
        IMessage frame = Frames.ParseFrom(bytes);
        if (Get(frame, "instruction") is IMessage instruction)
        {
            if (Get(instruction, "handshakeInfo") is not IMessage handshake)
                return true;
            var origin = (IMessage)Get(handshake, "origin")!;
            return new Address((string)Get(origin, "protocol")!, (string)Get(origin, "system")!, (string)Get(origin, "hostname")!, (int)(uint)Get(origin, "port")!).Equals(Peer);
        }
        IMessage payload = Payloads.ParseFrom((ByteString)Get(frame, "payload")!);
        if (Get(payload, "envelope") is not IMessage envelope)
            return true;
        return AddressOf(Get(envelope, "recipient")).Equals(Own)
            && (Get(envelope, "sender") is not IMessage sender || Get(sender, "path") is "" || AddressOf(sender).Equals(Peer));
    }

    private static Address AddressOf(object? actor) => ActorPath.Parse((string)Get((IMessage)actor!, "path")!).Address.WithProtocol("tls");

    private static object? Get(IMessage message, string field) =>
        (message.Descriptor.FindFieldByName(field) ?? message.Descriptor.Fields.InDeclarationOrder().First(one => one.JsonName == field)).Accessor.GetValue(message);

    private static MessageParser ParserOf(string type) =>
        (MessageParser)typeof(Akka.Remote.RemoteActorRefProvider).Assembly.GetType($"Akka.Remote.Serialization.Proto.Msg.{type}", throwOnError: true)!
            .GetProperty("Parser", BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!;

    // A frame of pieces that each are in their place, and mostly honest: so that some frames pass, and others nearly do.
    private static byte[] Frame(Random random) => random.Next(2) == 0
        ? Some(random, () => Bytes(2, Instruction(random)))
        : Some(random, () => Bytes(1, Some(random, () => Bytes(2, Envelope(random)))));

    private static byte[] Instruction(Random random) => Join(
        Some(random, () => Number(1, AssociateCommand)),
        Some(random, () => Bytes(2, Some(random, () => Bytes(1, Origin(random))))));

    private static byte[] Origin(Random random) => Join(
        Some(random, () => Text(1, Peer.System)),
        Some(random, () => Text(2, AddressOf(random).Host)),
        Some(random, () => random.Next(12) == 0 ? Fixed(3, (uint)AddressOf(random).Port!.Value) : Number(3, (ulong)AddressOf(random).Port!.Value)),
        Some(random, () => Text(4, random.Next(12) == 0 ? "tcp" : "tls")));

    private static byte[] Envelope(Random random) => Join(
        Some(random, () => Bytes(1, Some(random, () => Text(1, PathOf(random.Next(12) == 0 ? Peer : Own, "user/x"))))),
        Some(random, () => Bytes(2, Number(2, 17))),
        random.Next(2) == 0 ? [] : Some(random, () => Bytes(4, Some(random, () => Text(1, PathOf(AddressOf(random), "user/x"))))));

    private static Address AddressOf(Random random) => random.Next(12) == 0 ? Other : Peer;

    private static byte[] Some(Random random, Func<byte[]> piece) => random.Next(20) switch
    {
        0 => [],
        1 => Join(piece(), piece()),
        2 => Join(Number(30, 1), piece()),
        _ => piece(),
    };
}
