using System.Buffers.Binary;
using NUnit.Framework;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;

namespace TlsPool.Tests.Crypto.Handshakes;

/// <summary>Bytes that no honest peer sends, and somebody between two honest ones.</summary>
[Parallelizable(ParallelScope.All)]
public class HostilePeerTests
{
    private static readonly TestIdentity Identity = TestIdentity.Ecdsa();

    private static HandshakeMachine Server() => Started(new HandshakeMachine(
        new HandshakeSettings(), new HandshakeRequest(TlsRole.Server, PeerAuthentication.Ignore, null, [], "scope"), new TestAnswers(Identity)));

    private static HandshakeMachine Client() => Started(new HandshakeMachine(
        new HandshakeSettings(), new HandshakeRequest(TlsRole.Client, PeerAuthentication.Demand, "localhost", [], "scope"), new TestAnswers(null)));

    private static HandshakeMachine Started(HandshakeMachine machine)
    {
        machine.Start();
        return machine;
    }

    private static byte[] Output(HandshakeMachine machine)
    {
        byte[] buffer = new byte[64 * 1024];
        return buffer[..machine.ReadOutput(buffer)];
    }

    private static byte[] Record(byte type, byte[] body) => [type, 3, 3, (byte)(body.Length >> 8), (byte)body.Length, .. body];

    private static void AssertFails(HandshakeMachine machine, byte[] input, AlertCode alert)
    {
        machine.Offer(input, out _);
        Assert.That(machine.Fault, Is.Not.Null);
        Assert.That(machine.Fault!.Alert, Is.EqualTo(alert), machine.Fault.Reason);
        Assert.That(machine.Outcome, Is.Null);
        byte[] output = Output(machine);
        Assert.That(output[^7], Is.EqualTo((byte)ContentType.Alert));
        Assert.That(output[^4..], Is.EqualTo(new byte[] { 0, 2, 2, (byte)alert }));
    }

    [Test]
    public void What_is_no_TLS_is_told_from_the_first_bytes()
    {
        AssertFails(Server(), "GET / HTTP/1.1\r\n\r\n"u8.ToArray(), AlertCode.ProtocolVersion);
        AssertFails(Server(), [0x80, 0x2e, 1, 3, 1], AlertCode.ProtocolVersion);
        AssertFails(Server(), [22, 2, 0], AlertCode.ProtocolVersion);
        AssertFails(Server(), Record(23, [1]), AlertCode.ProtocolVersion);
        AssertFails(Server(), Record(20, [1]), AlertCode.ProtocolVersion);
        AssertFails(Server(), [22, 3, 1, 0xff, 0xff], AlertCode.RecordOverflow);
        AssertFails(Server(), Record(22, []), AlertCode.UnexpectedMessage);
    }

    [Test]
    public void Messages_out_of_order_or_malformed_end_the_handshake()
    {
        AssertFails(Server(), Record(22, [20, 0, 0, 1, 0]), AlertCode.UnexpectedMessage);
        AssertFails(Server(), Record(22, [1, 0, 0, 2, 3, 3]), AlertCode.DecodeError);
        HandshakeMachine client = Client();
        Output(client);
        AssertFails(client, Record(22, [2, 0, 0, 2, 3, 3]), AlertCode.DecodeError);
    }

    [Test]
    public void An_alert_of_the_peer_is_reported_as_its_own()
    {
        HandshakeMachine client = Client();
        client.Offer(Record(21, [2, (byte)AlertCode.UnrecognizedName]), out _);

        Assert.That(client.Fault!.FromPeer, Is.True);
        Assert.That(client.Fault.Alert, Is.EqualTo(AlertCode.UnrecognizedName));
        Assert.That(client.Fault.Reason, Does.Contain("unrecognized_name"));
    }

    [Test]
    public void A_message_without_end_is_cut_off()
    {
        HandshakeMachine server = Server();
        // A ClientHello that says it has 16 MB.
        byte[] first = Record(22, [1, 0xff, 0xff, 0xff, .. new byte[16000]]);
        byte[] more = Record(22, new byte[16384]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        server.Offer(first, out _);
        for (int i = 0; i < 1000 && server.Fault is null; i++)
            server.Offer(more, out _);

        Assert.That(server.Fault, Is.Not.Null);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(8 << 20));
    }

    [Test]
    public void Tiny_records_without_end_are_cut_off()
    {
        HandshakeMachine server = Server();
        server.Offer(Record(22, [1]), out _);
        server.Offer(Record(22, [0]), out _);
        server.Offer(Record(22, [0xff]), out _);
        byte[] tiny = Record(22, [0]);
        int count = 0;
        while (server.Fault is null && count++ < 100_000)
            server.Offer(tiny, out _);

        Assert.That(server.Fault, Is.Not.Null);
    }

    [Test]
    public void Every_single_byte_of_a_ClientHello_may_be_wrong()
    {
        byte[] hello = Output(Client());
        for (int at = 0; at < hello.Length; at += 3)
        {
            byte[] damaged = [.. hello];
            damaged[at] ^= 0xff;
            using HandshakeMachine server = Server();
            Assert.DoesNotThrow(() => server.Offer(damaged, out _), $"byte {at}");
        }
    }

    [Test]
    public void Every_single_byte_of_a_server_s_flight_may_be_wrong()
    {
        HandshakeMachine client = Client();
        HandshakeMachine server = Server();
        server.Offer(Output(client), out _);
        byte[] flight = Output(server);
        for (int at = 0; at < flight.Length; at += 7)
        {
            byte[] damaged = [.. flight];
            damaged[at] ^= 0x55;
            using HandshakeMachine fresh = Client();
            Output(fresh);
            Assert.DoesNotThrow(() => fresh.Offer(damaged, out _), $"byte {at}");
            Assert.That(fresh.Outcome, Is.Null);
        }
    }

    [Test]
    public void Somebody_who_takes_TLS_1_3_out_of_the_ClientHello_is_noticed()
    {
        byte[] both = [0x00, 0x2b, 0x00, 0x05, 0x04, 0x03, 0x04, 0x03, 0x03];
        var settings = new HandshakeSettings();
        bool changed = false;
        MachinePair pair = new MachinePair(settings, new TestAnswers(Identity), settings, new TestAnswers(null))
        {
            ToServer = bytes =>
            {
                int at = bytes.AsSpan().IndexOf(both);
                if (at < 0)
                    return bytes;
                changed = true;
                BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(at + 5), 0x0303);
                return bytes;
            },
        }.Run();

        Assert.That(changed, Is.True);
        // The server's random tells (RFC 8446 section 4.1.3), long before Finished would.
        Assert.That(pair.Client.Fault!.Alert, Is.EqualTo(AlertCode.IllegalParameter));
        Assert.That(pair.Client.Fault.FromPeer, Is.False);
    }

    [Test]
    public void A_second_ClientHello_must_not_ask_for_another_name()
    {
        // P-384 is nobody's first choice: the server asks for a second ClientHello.
        int hellos = 0;
        MachinePair pair = new MachinePair(
            new HandshakeSettings { Groups = [0x0018] }, new TestAnswers(Identity), new HandshakeSettings(), new TestAnswers(null))
        {
            ToServer = bytes =>
            {
                int at = bytes.AsSpan().IndexOf("localhost"u8);
                if (at >= 0 && ++hellos == 2)
                    "evilhost!"u8.CopyTo(bytes.AsSpan(at));
                return bytes;
            },
        }.Run();

        Assert.That(hellos, Is.EqualTo(2));
        Assert.That(pair.Server.Fault!.Alert, Is.EqualTo(AlertCode.IllegalParameter));
        Assert.That(pair.Server.Fault.Reason, Does.Contain("HelloRetryRequest"));
    }

    [Test]
    public void No_record_of_a_handshake_can_be_repeated_or_left_out([Values(TlsVersion.Tls12, TlsVersion.Tls13)] TlsVersion version, [Values] bool repeat)
    {
        var settings = new HandshakeSettings { MinVersion = version, MaxVersion = version };
        int flights = 0;
        MachinePair pair = new MachinePair(settings, new TestAnswers(Identity), settings, new TestAnswers(null))
        {
            ToServer = bytes =>
            {
                if (bytes.Length == 0 || ++flights != 2)
                    return bytes;
                // The last record of the second flight is Finished.
                int at = 0, last = 0;
                for (; at < bytes.Length; at += RecordHeader.Size + RecordHeader.BodyLength(bytes.AsSpan(at)))
                    last = at;
                return repeat ? [.. bytes[..last], .. bytes[last..], .. bytes[last..]] : bytes[..last];
            },
        }.Run();

        if (repeat)
            Assert.That(pair.Server.Outcome, Is.Not.Null, "what follows Finished is the record opener's matter");
        else
            Assert.That(pair.Server.Outcome, Is.Null);
    }

    [TestCase("before")]
    [TestCase("asking")]
    public void Closing_tells_the_peer(string when)
    {
        HandshakeMachine client = Client();
        HandshakeMachine server = Started(new HandshakeMachine(
            new HandshakeSettings(), new HandshakeRequest(TlsRole.Server, PeerAuthentication.Ignore, null, [], "scope"), new TestAnswers(Identity, later: when == "asking")));
        byte[] hello = Output(client);
        if (when == "asking")
            server.Offer(hello, out _);
        server.Abort(AlertCode.UserCanceled);
        client.Offer(Output(server), out _);

        Assert.That(server.Fault!.Alert, Is.EqualTo(AlertCode.UserCanceled));
        Assert.That(client.Fault!.FromPeer, Is.True);
        Assert.That(client.Fault.Alert, Is.EqualTo(AlertCode.UserCanceled));
    }
}
