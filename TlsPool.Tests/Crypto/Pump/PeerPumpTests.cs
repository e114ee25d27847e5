using System.Net.Sockets;
using NUnit.Framework;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Handshakes.Peers;
using TlsPool.Crypto.Records;
using TlsPool.Protocol.IO;

namespace TlsPool.Tests.Crypto.Pump;

/// <summary>Two sides that may both be client or server, and others who take advantage of that.</summary>
[Parallelizable]
public sealed class PeerPumpTests
{
    private static readonly TimeSpan AtOnce = TimeSpan.Zero;
    private static readonly PeerValue Low = PeerValue.Of([1, .. new byte[15]]);
    private static readonly PeerValue High = PeerValue.Of([2, .. new byte[15]]);

    [TestCase(TlsVersion.Tls12, false)]
    [TestCase(TlsVersion.Tls12, true)]
    [TestCase(TlsVersion.Tls13, false)]
    [TestCase(TlsVersion.Tls13, true)]
    public void The_lower_number_is_the_client_when_both_begin(TlsVersion version, bool later)
    {
        var settings = new HandshakeSettings { MinVersion = version, MaxVersion = version };
        (SafeDescriptor one, SafeDescriptor other) = SocketPair.Create();
        using var low = new PeerPump(one, PeerPump.Either(Low, AtOnce), later, settings);
        using var high = new PeerPump(other, PeerPump.Either(High, AtOnce), later, settings);
        ExpectSession(client: low, server: high);
        Assert.That(low.Outcome().Version, Is.EqualTo(version));
    }

    [TestCase(0, null)]
    [TestCase(null, 0)]
    [TestCase(0, 300)]
    [TestCase(300, 0)]
    public void Who_begins_alone_is_the_client_whatever_the_numbers(int? low, int? high)
    {
        (SafeDescriptor one, SafeDescriptor other) = SocketPair.Create();
        using var early = new PeerPump(one, PeerPump.Either(Low, Wait(low)));
        using var late = new PeerPump(other, PeerPump.Either(High, Wait(high)));
        // With both under way the one with the low number wins in any case.
        HandshakeOutcome first = early.Outcome(), second = late.Outcome();
        Assert.That(first.Role, Is.Not.EqualTo(second.Role));
        if (low is null || high is null)
            Assert.That(first.Role, Is.EqualTo(low is null ? TlsRole.Server : TlsRole.Client));
    }

    [Test]
    public void Random_numbers_and_the_usual_patience_lead_to_one_client_and_one_server()
    {
        for (int i = 0; i < 8; i++)
        {
            (SafeDescriptor one, SafeDescriptor other) = SocketPair.Create();
            using var left = new PeerPump(one, PeerPump.Either(AtOnce));
            using var right = new PeerPump(other, PeerPump.Either(AtOnce));
            Assert.That(left.Outcome().Role, Is.Not.EqualTo(right.Outcome().Role));
        }
    }

    [Test]
    public void The_number_stays_the_same_after_a_HelloRetryRequest()
    {
        (SafeDescriptor one, SafeDescriptor other) = SocketPair.Create();
        using var low = new PeerPump(one, PeerPump.Either(Low, AtOnce), settings: new HandshakeSettings { Groups = [0x17, 0x18] });
        using var high = new PeerPump(other, PeerPump.Either(High, AtOnce), settings: new HandshakeSettings { Groups = [0x18] });
        ExpectSession(client: low, server: high);
        Assert.That(low.Outcome().Group, Is.EqualTo(0x18));
    }

    [Test]
    public void One_who_can_only_be_the_client_is_served()
    {
        (SafeDescriptor one, SafeDescriptor other) = SocketPair.Create();
        using var client = new PeerPump(one, (settings, request, _, answers) => PeerNegotiation.ClientOnly(settings, request, answers));
        using var either = new PeerPump(other, PeerPump.Either(Low, AtOnce));
        ExpectSession(client, either);
    }

    [Test]
    public void One_who_can_only_be_the_server_is_asked()
    {
        (SafeDescriptor one, SafeDescriptor other) = SocketPair.Create();
        using var server = new PeerPump(one, (settings, _, request, answers) => PeerNegotiation.ServerOnly(settings, request, answers));
        using var either = new PeerPump(other, PeerPump.Either(High, AtOnce));
        ExpectSession(either, server);
    }

    [TestCase(true)]
    [TestCase(false)]
    public void One_who_says_with_a_hello_that_he_can_only_be_the_server_is_asked(bool begun)
    {
        (SafeDescriptor one, Socket test) = PeerPump.Wire();
        using Socket _ = test;
        using var either = new PeerPump(one, PeerPump.Either(High, begun ? AtOnce : null));
        if (begun)
            Assert.That(ReceiveRecord(test)[5], Is.EqualTo(1));
        test.Send(Hello(PeerValue.ServerOnly));
        if (!begun)
            Assert.That(ReceiveRecord(test)[5], Is.EqualTo(1), "it begins, as nobody else will");
        Until(() => either.Role == TlsRole.Client);
    }

    [Test]
    public void Two_who_can_only_be_the_client_part()
    {
        (SafeDescriptor one, SafeDescriptor other) = SocketPair.Create();
        using var left = new PeerPump(one, (settings, request, _, answers) => PeerNegotiation.ClientOnly(settings, request, answers));
        using var right = new PeerPump(other, (settings, request, _, answers) => PeerNegotiation.ClientOnly(settings, request, answers));
        // One of them may hear the other's alert first.
        Assert.That(new[] { left.Fault().Alert, right.Fault().Alert }, Has.Some.EqualTo(AlertCode.IllegalParameter));
    }

    [Test]
    public void A_hello_that_is_sent_back_is_refused()
    {
        (SafeDescriptor one, Socket test) = PeerPump.Wire();
        using Socket _ = test;
        using var pump = new PeerPump(one, PeerPump.Either(AtOnce));
        test.Send(ReceiveRecord(test));
        Assert.That(pump.Fault(), Is.EqualTo(pump.Fault() with { Alert = AlertCode.IllegalParameter, FromPeer = false }));
        Assert.That(pump.Fault().Reason, Does.Contain("sent back"));
        Assert.That(ReceiveRecord(test) is [21, .., 2, 47], Is.True, "a fatal alert: illegal_parameter");
    }

    [Test]
    public void A_client_that_knows_nothing_of_peers_is_served_before_and_not_after()
    {
        (SafeDescriptor waiting, Socket early) = PeerPump.Wire();
        (SafeDescriptor begun, Socket late) = PeerPump.Wire();
        using Socket _ = early, __ = late;
        using var served = new PeerPump(waiting, PeerPump.Either(patience: null));
        early.Send(Hello(value: null));
        Assert.That(ReceiveRecord(early)[5], Is.EqualTo(2), "a ServerHello");
        Assert.That(served.Role, Is.EqualTo(TlsRole.Server));
        using var crossed = new PeerPump(begun, PeerPump.Either(AtOnce));
        ReceiveRecord(late);
        late.Send(Hello(value: null));
        Assert.That(crossed.Fault().Alert, Is.EqualTo(AlertCode.UnexpectedMessage));
    }

    [Test]
    public void A_hello_in_pieces_is_put_together_whoever_takes_it([Values(1, 3, 700)] int bytesPerRecord, [Values] bool wins)
    {
        (SafeDescriptor one, Socket test) = PeerPump.Wire();
        using Socket _ = test;
        using var pump = new PeerPump(one, PeerPump.Either(wins ? High : Low, AtOnce));
        ReceiveRecord(test);
        byte[] hello = Hello(wins ? Low : High);
        foreach (byte[] piece in hello[5..].Chunk(bytesPerRecord))
        {
            byte[] record = [22, 3, 1, (byte)(piece.Length >> 8), (byte)piece.Length, .. piece];
            test.Send(record);
        }
        Until(() => pump.Role is not null);
        Assert.That(pump.Role, Is.EqualTo(wins ? TlsRole.Server : TlsRole.Client));
        if (wins)
            Assert.That(ReceiveRecord(test)[5], Is.EqualTo(2), "a ServerHello");
    }

    [Test]
    public void A_number_of_another_length_or_twice_or_a_damaged_hello_is_refused([Values(0, 1, 2, 3, 4)] int kind)
    {
        (SafeDescriptor one, Socket test) = PeerPump.Wire();
        using Socket _ = test;
        using var pump = new PeerPump(one, PeerPump.Either(Low, AtOnce));
        ReceiveRecord(test);
        byte[] hello = Hello(High);
        int at = hello.AsSpan().IndexOf(new byte[] { 0xFF, 0x70, 0, 16 });
        switch (kind)
        {
            case 0:
                hello[at + 3] = 15;
                break;
            case 1:
                hello[at + 3] = 255;
                break;
            case 2:
                // The extension in front of it becomes one like it.
                hello = [.. hello[..at], .. hello[at..(at + 20)], .. hello[at..]];
                Grow(hello, 20);
                break;
            case 3:
                hello[5 + 4 + 34] = 255;
                break;
            default:
                // Another message behind it in the same record.
                hello = [.. hello, 1, 0, 0, 0];
                Lengthen(hello, 3, 4);
                break;
        }
        test.Send(hello);
        Assert.That(pump.Fault().FromPeer, Is.False);
        Assert.That(pump.Fault().Alert, Is.EqualTo(kind == 4 ? AlertCode.UnexpectedMessage : AlertCode.DecodeError));
        Assert.That(ReceiveRecord(test)[0], Is.EqualTo(21), "an alert");
    }

    [Test]
    public void Whatever_is_wrong_with_a_hello_it_ends_in_a_decision_or_a_fault()
    {
        byte[] hello = Hello(High);
        var random = new Random(42);
        int taken = 0, failed = 0;
        for (int i = 0; i < 3000; i++)
        {
            byte[] bytes = hello[..random.Next(1, hello.Length + 1)];
            for (int changes = random.Next(4); changes > 0; changes--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            PeerDecision decision = Decide(bytes, begun: i % 2 == 0);
            taken += decision.Machine is not null ? 1 : 0;
            failed += decision.Fault is not null ? 1 : 0;
            Assert.That(decision.Machine is not null && decision.Fault is not null, Is.False);
            Assert.That(decision.Dropped, Is.InRange(0, bytes.Length));
        }
        Assert.That((taken, failed), Is.Not.EqualTo((0, 0)));
    }

    [TestCase(new byte[] { 71, 69, 84, 32, 47 }, AlertCode.ProtocolVersion)]
    [TestCase(new byte[] { 22, 3, 1, 0, 0 }, AlertCode.UnexpectedMessage)]
    [TestCase(new byte[] { 22, 3, 1, 255, 255 }, AlertCode.RecordOverflow)]
    public void What_is_no_TLS_is_refused(byte[] bytes, AlertCode alert)
    {
        (SafeDescriptor one, Socket test) = PeerPump.Wire();
        using Socket _ = test;
        using var pump = new PeerPump(one, PeerPump.Either(patience: null));
        test.Send(bytes);
        Assert.That(pump.Fault().Alert, Is.EqualTo(alert));
    }

    [Test]
    public void A_hello_without_end_is_refused()
    {
        (SafeDescriptor one, Socket test) = PeerPump.Wire();
        using Socket _ = test;
        using var pump = new PeerPump(one, PeerPump.Either(patience: null));
        byte[] record = [22, 3, 1, 0x40, 0, .. new byte[0x4000]];
        record[5] = 1;
        record[6] = 1;
        for (int i = 0; i < 3; i++)
        {
            try
            {
                test.Send(record);
            }
            catch (SocketException)
            {
                // It has had enough.
                break;
            }
        }
        Assert.That(pump.Fault().Alert, Is.EqualTo(AlertCode.RecordOverflow));
    }

    [Test]
    public void Closing_before_anything_was_decided_says_so_to_the_other_side([Values] bool begun)
    {
        (SafeDescriptor one, Socket test) = PeerPump.Wire();
        using Socket _ = test;
        using var pump = new PeerPump(one, PeerPump.Either(begun ? AtOnce : null));
        if (begun)
            ReceiveRecord(test);
        pump.Pump.Close(AlertCode.UserCanceled);
        Assert.That(ReceiveRecord(test)[0], Is.EqualTo(21));
        Assert.That(pump.Fault().Alert, Is.EqualTo(AlertCode.UserCanceled));
    }

    private static void ExpectSession(PeerPump client, PeerPump server)
    {
        Assert.That((client.Outcome().Role, server.Outcome().Role), Is.EqualTo((TlsRole.Client, TlsRole.Server)));
        Assert.That((client.Role, server.Role), Is.EqualTo(((TlsRole?)TlsRole.Client, (TlsRole?)TlsRole.Server)));
        Assert.That(client.Outcome().PeerChain, Has.Count.EqualTo(1));
        Assert.That(server.Outcome().PeerChain, Has.Count.EqualTo(1), "both are known to each other");
    }

    private static PeerDecision Decide(byte[] input, bool begun)
    {
        var request = new HandshakeRequest(TlsRole.Client, PeerAuthentication.Demand, "localhost", [], ResumptionScope: null);
        using var negotiation = PeerNegotiation.Either(
            Low, new HandshakeSettings(), request, new Handshakes.TestAnswers(null), request with { Role = TlsRole.Server }, new Handshakes.TestAnswers(null), patience: null);
        if (begun)
            negotiation.Begin();
        return negotiation.Decide(input);
    }

    private static TimeSpan? Wait(int? milliseconds) => milliseconds is { } some ? TimeSpan.FromMilliseconds(some) : null;

    private static void Until(Func<bool> condition) =>
        Assert.That(SpinWait.SpinUntil(condition, PumpedSession.Patience), Is.True, "this did not happen");

    /// <summary>A ClientHello as this side would send it: one record.</summary>
    private static byte[] Hello(PeerValue? value)
    {
        using var machine = new HandshakeMachine(
            new HandshakeSettings(),
            new HandshakeRequest(TlsRole.Client, PeerAuthentication.Demand, "localhost", [], ResumptionScope: null) { PeerValue = value },
            new Handshakes.TestAnswers(null));
        machine.Start();
        byte[] output = new byte[8192];
        return output[..machine.ReadOutput(output)];
    }

    private static byte[] ReceiveRecord(Socket socket)
    {
        byte[] header = Receive(socket, 5);
        return [.. header, .. Receive(socket, RecordHeader.BodyLength(header))];
    }

    private static byte[] Receive(Socket socket, int count)
    {
        byte[] bytes = new byte[count];
        for (int have = 0; have < count;)
        {
            int got = socket.Receive(bytes, have, count - have, SocketFlags.None);
            Assert.That(got, Is.Positive, "the stream ended");
            have += got;
        }
        return bytes;
    }

    private static void Lengthen(byte[] bytes, int at, int by)
    {
        int length = ((bytes[at] << 8) | bytes[at + 1]) + by;
        (bytes[at], bytes[at + 1]) = ((byte)(length >> 8), (byte)length);
    }

    /// <summary>Makes record, message and list of extensions longer.</summary>
    private static void Grow(byte[] hello, int by)
    {
        const int record = 3, message = 5 + 2, sessionId = 5 + 4 + 34;
        Lengthen(hello, record, by);
        Lengthen(hello, message, by);
        int suites = sessionId + 1 + hello[sessionId];
        int methods = suites + 2 + ((hello[suites] << 8) | hello[suites + 1]);
        Lengthen(hello, methods + 1 + hello[methods], by);
    }
}
