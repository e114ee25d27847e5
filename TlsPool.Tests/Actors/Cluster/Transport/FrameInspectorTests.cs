using Akka.Actor;
using NUnit.Framework;
using TlsPool.Actors.Cluster.Transport;
using static TlsPool.Tests.Actors.Cluster.Transport.AkkaFrames;

namespace TlsPool.Tests.Actors.Cluster.Transport;

[Parallelizable(ParallelScope.All)]
public sealed class FrameInspectorTests
{
    private static readonly Address Own = new("tls", "tlspool-cluster", "127.9.0.1", 4253);
    private static readonly Address Peer = new("tls", "tlspool-cluster", "127.9.0.2", 4253);
    private static readonly Address Other = new("tls", "tlspool-cluster", "127.9.0.3", 4253);
    private static readonly string Here = PathOf(Own, "user/membership");
    private static readonly FrameInspector Inspector = new(Peer, Own);

    private static readonly byte[] Recipient = Bytes(1, Text(1, Here));
    private static readonly byte[] Message = Bytes(2, Bytes(1, 1));

    [Test]
    public void An_honest_peer_passes() => Assert.Multiple(() =>
    {
        Assert.That(Inspector.MayPass(Associate(Peer)));
        Assert.That(Inspector.MayPass(Heartbeat));
        Assert.That(Inspector.MayPass(Payload(Here, PathOf(Peer, "user/x#123"))));
        Assert.That(Inspector.MayPass(Payload(Here, null)), "from nobody");
        Assert.That(Inspector.MayPass(Payload(Here, "")), "from nobody, said so");
        Assert.That(Inspector.MayPass(Bytes(1, Bytes(1, Number(1, 5)))), "an acknowledgement");
        Assert.That(Inspector.MayPass(Join(Associate(Peer), Number(900, 1), Text(901, "later versions may have more"))));
    });

    [TestCase("127.9.0.3", 4253, "tlspool-cluster", "tls", TestName = "Who_associates_with_the_host_of_another_is_refused")]
    [TestCase("127.9.0.2", 42530, "tlspool-cluster", "tls", TestName = "Who_associates_with_another_port_is_refused")]
    [TestCase("127.9.0.2", 4253, "TLSPOOL-CLUSTER", "tls", TestName = "Who_associates_with_another_system_is_refused")]
    [TestCase("127.9.0.2", 4253, "tlspool-cluster", "tcp", TestName = "Who_associates_with_another_protocol_is_refused")]
    public void Refuses_origins(string host, int port, string system, string protocol) =>
        Assert.That(Inspector.MayPass(Associate(new Address(protocol, system, host, port))), Is.False);

    [Test]
    public void A_name_in_capitals_is_another_one()
    {
        var inspector = new FrameInspector(Peer.WithHost("node2.example"), Own);
        Assert.That(inspector.MayPass(Associate(Peer.WithHost("node2.example"))));
        // As Akka's addresses have no capitals, this one is put together by hand.
        byte[] origin = Join(Text(1, Peer.System), Text(2, "NODE2.example"), Number(3, 4253), Text(4, Peer.Protocol));
        Assert.That(inspector.MayPass(Instruction(Number(1, AssociateCommand), Handshake(origin))), Is.False);
    }

    [TestCase("akka.tls://tlspool-cluster@127.9.0.3:4253/user/x")]
    [TestCase("akka.tls://tlspool-cluster@127.9.0.2:42530/user/x")]
    [TestCase("akka.tls://tlspool-cluster@127.9.0.20:4253/user/x")]
    [TestCase("akka.tls://tlspool-cluster@127.9.0.2:4253")]
    [TestCase("akka.tls://tlspool-cluster@127.9.0.2:4253@127.9.0.3:4253/user/x")]
    [TestCase("akka.tls://tlspool-cluster@127.9.0.2:4253#@127.9.0.3:4253/user/x")]
    [TestCase("AKKA.TLS://tlspool-cluster@127.9.0.2:4253/user/x")]
    [TestCase(" akka.tls://tlspool-cluster@127.9.0.2:4253/user/x")]
    [TestCase("akka.tcp://tlspool-cluster@127.9.0.2:4253/user/x")]
    [TestCase("akka://tlspool-cluster/user/x")]
    [TestCase("/user/x")]
    [TestCase("x")]
    public void Who_sends_as_another_actor_is_refused(string sender) => Assert.That(Inspector.MayPass(Payload(Here, sender)), Is.False);

    [TestCase("akka.tls://tlspool-cluster@127.9.0.3:4253/user/x")]
    [TestCase("akka.tls://tlspool-cluster@127.9.0.2:4253/user/x")]
    [TestCase("akka://tlspool-cluster/user/x")]
    [TestCase("")]
    public void Who_sends_to_elsewhere_is_refused(string recipient) => Assert.That(Inspector.MayPass(Payload(recipient, null)), Is.False);

    [Test]
    public void What_parsers_merge_or_override_is_refused() => Assert.Multiple(() =>
    {
        byte[] command = Number(1, AssociateCommand);
        Refuse(Join(Associate(Peer), Associate(Other)), "two instructions");
        Refuse(Join(Associate(Other), Associate(Peer)), "two instructions");
        Refuse(Join(Associate(Peer), Associate(Peer)), "the same twice");
        Refuse(Instruction(command, Handshake(Origin(Peer)), Handshake(Origin(Other))), "two handshakes");
        Refuse(Instruction(command, Handshake(Origin(Peer)), Bytes(2, Bytes(1, Text(2, Other.Host)))), "a handshake that overrides one field");
        Refuse(Instruction(command, Bytes(2, Join(Bytes(1, Origin(Peer)), Bytes(1, Text(4, "tcp"))))), "two origins");
        Refuse(Instruction(command, Handshake(Join(Origin(Peer), Text(2, Other.Host)))), "two hosts");
        Refuse(Instruction(command, Handshake(Join(Text(2, Other.Host), Origin(Peer)))), "two hosts");
        Refuse(Instruction(Number(1, HeartbeatCommand), Handshake(Origin(Peer)), command), "two commands");
        Refuse(Payload(Recipient, Message, Bytes(4, Text(1, PathOf(Peer, "x"))), Bytes(4, Text(1, PathOf(Other, "x")))), "two senders");
        Refuse(Payload(Recipient, Message, Bytes(4, Join(Text(1, PathOf(Other, "x")), Text(1, PathOf(Peer, "x"))))), "two paths");
        Refuse(Payload(Recipient, Message, Recipient), "two recipients");
        Refuse(Payload(Recipient, Message, Message), "two messages");
        Refuse(Bytes(1, Join(Bytes(2, Join(Recipient, Message)), Bytes(2, Bytes(4, Text(1, PathOf(Other, "x")))))), "two envelopes");
        Refuse(Join(Payload(Recipient, Message), Payload(Recipient, Message)), "two payloads");
    });

    [Test]
    public void A_field_of_another_type_is_refused_as_parsers_skip_it() => Assert.Multiple(() =>
    {
        byte[] elsewhere = Join(Text(1, Peer.System), Text(2, Peer.Host), Text(4, Peer.Protocol));
        Refuse(Instruction(Number(1, AssociateCommand), Handshake(Join(elsewhere, Number(3, 80), Fixed(3, 4253)))), "the port, as four bytes");
        Refuse(Instruction(Number(1, AssociateCommand), Handshake(Join(elsewhere, Fixed(3, 4253)))), "the port, as four bytes only");
        Refuse(Instruction(Number(1, AssociateCommand), Handshake(Join(elsewhere, Number(3, 4253 | (1UL << 32))))), "the port, with more bits than it has");
        Refuse(Instruction(Number(1, AssociateCommand), Number(2, 1)), "a number for a handshake");
        Refuse(Payload(Number(1, 1), Message), "a number for a recipient");
        Refuse(Payload(Recipient, Message, Number(4, 1)), "a number for a sender");
        Refuse(Number(2, 1), "a number for an instruction");
    });

    [Test]
    public void What_is_missing_is_missed_before_Akka_stumbles_over_it() => Assert.Multiple(() =>
    {
        Refuse([], "nothing");
        Refuse(Number(900, 1), "nothing known");
        Refuse(Bytes(1), "an empty payload");
        Refuse(Bytes(2), "an empty instruction");
        Refuse(Instruction(Number(1, 0)), "no command");
        Refuse(Instruction(Number(1, 6)), "an unknown command");
        Refuse(Instruction(Number(1, AssociateCommand)), "an association of nobody");
        Refuse(Instruction(Number(1, AssociateCommand), Bytes(2, Number(2, 7))), "an association without origin");
        Refuse(Instruction(Number(1, AssociateCommand), Handshake([])), "an association with an empty origin");
        Refuse(Payload(Message), "no recipient");
        Refuse(Payload(Recipient), "no message");
    });

    [Test]
    public void Groups_and_broken_numbers_are_refused() => Assert.Multiple(() =>
    {
        const byte startOfGroup = (9 << 3) | 3;
        const byte endOfGroup = (9 << 3) | 4;
        Refuse(Join(Associate(Peer), [startOfGroup, endOfGroup]), "a group");
        Refuse(Join([startOfGroup], Associate(Other), [endOfGroup], Heartbeat), "something in a group");
        Refuse(Join(Heartbeat, [endOfGroup]), "the end of a group");
        Refuse(Join(Heartbeat, [0x00]), "field 0");
        Refuse(Join(Heartbeat, [(1 << 3) | 6]), "type 6");
        Refuse(Join(Heartbeat, [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]), "a number of eleven bytes");
        Refuse(Join([0x92, 0x80, 0x80, 0x80, 0x80, 0x01], Heartbeat[1..]), "a tag with more bits than it has");
        Refuse(Join(Heartbeat, [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]), "a length that overflows");
    });

    [Test]
    public void A_frame_that_is_cut_off_is_refused() => Assert.Multiple(() =>
    {
        byte[] frame = Payload(Here, PathOf(Peer, "user/x"));
        for (int length = 0; length < frame.Length; length++)
            Refuse(frame[..length], $"{length} bytes");
    });

    private static void Refuse(byte[] frame, string what) => Assert.That(Inspector.MayPass(frame), Is.False, what);
}
