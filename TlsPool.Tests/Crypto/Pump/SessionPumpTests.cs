using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using NUnit.Framework;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Pump;
using TlsPool.Crypto.Records;

namespace TlsPool.Tests.Crypto.Pump;

/// <summary>The data path over real sockets and a real loop.</summary>
[Parallelizable(ParallelScope.All)]
public class SessionPumpTests
{
    private static readonly byte[] CloseNotify = [1, 0];

    [Test]
    public void Data_flows_both_ways([Values(TlsVersion.Tls12, TlsVersion.Tls13)] TlsVersion version, [Values] bool tcp)
    {
        using var session = new PumpedSession(version, tcp);
        session.SendRecord("hello"u8);
        Assert.That(PumpedSession.ReceiveExactly(session.Application, 5), Is.EqualTo("hello"u8.ToArray()));
        session.Application.Send("world"u8);
        Assert.That(session.ReceiveData(), Is.EqualTo((ContentType.ApplicationData, "world"u8.ToArray())));
        Assert.That(session.Pump.BytesToPlaintext, Is.EqualTo(5));
        Assert.That(session.Pump.BytesToCiphertext, Is.EqualTo(5));
    }

    [Test]
    public void What_came_before_the_application_is_not_lost([Values(TlsVersion.Tls12, TlsVersion.Tls13)] TlsVersion version)
    {
        using var session = new PumpedSession(version, attach: false);
        session.SendRecord("early"u8);
        session.SendRecord([1, 0], ContentType.Alert);
        session.Peer.Shutdown(SocketShutdown.Send);
        session.Attach();

        Assert.That(PumpedSession.ReceiveExactly(session.Application, 5), Is.EqualTo("early"u8.ToArray()));
        Assert.That(session.Application.Receive(new byte[1]), Is.Zero);
    }

    [Test]
    public void The_peer_may_end_first_and_the_other_direction_goes_on([Values(TlsVersion.Tls12, TlsVersion.Tls13)] TlsVersion version, [Values] bool tcp)
    {
        using var session = new PumpedSession(version, tcp);
        session.SendRecord("last words"u8);
        session.SendRecord(CloseNotify, ContentType.Alert);
        Assert.That(PumpedSession.ReceiveExactly(session.Application, 10), Is.EqualTo("last words"u8.ToArray()));
        Assert.That(session.Application.Receive(new byte[1]), Is.Zero);

        session.Application.Send("answer"u8);
        Assert.That(session.ReceiveData()!.Value.Content, Is.EqualTo("answer"u8.ToArray()));
        session.Application.Shutdown(SocketShutdown.Send);
        Assert.That(session.ReceiveAlert(), Is.EqualTo(CloseNotify));
        Assert.That(session.ReceiveRecord(), Is.Null);
        Assert.That(session.End(), Is.EqualTo(new SessionEnd(SessionEndReason.Finished, null, 10, 6)));
    }

    [Test]
    public void The_application_may_end_first_and_the_other_direction_goes_on([Values(TlsVersion.Tls12, TlsVersion.Tls13)] TlsVersion version, [Values] bool tcp)
    {
        using var session = new PumpedSession(version, tcp);
        session.Application.Send("request"u8);
        session.Application.Shutdown(SocketShutdown.Send);
        Assert.That(session.ReceiveData()!.Value.Content, Is.EqualTo("request"u8.ToArray()));
        Assert.That(session.ReceiveAlert(), Is.EqualTo(CloseNotify));
        Assert.That(session.ReceiveRecord(), Is.Null);

        session.SendRecord("response"u8);
        Assert.That(PumpedSession.ReceiveExactly(session.Application, 8), Is.EqualTo("response"u8.ToArray()));
        session.SendRecord(CloseNotify, ContentType.Alert);
        session.Peer.Close();
        Assert.That(session.Application.Receive(new byte[1]), Is.Zero);
        Assert.That(session.End().Reason, Is.EqualTo(SessionEndReason.Finished));
    }

    [Test]
    public void What_follows_close_notify_is_not_read([Values(TlsVersion.Tls12, TlsVersion.Tls13)] TlsVersion version)
    {
        using var session = new PumpedSession(version);
        PumpedSession.SendAll(session.Peer, [.. session.Seal("data"u8), .. session.Seal(CloseNotify, ContentType.Alert), .. session.Seal("more"u8), 1, 2, 3]);

        Assert.That(PumpedSession.ReceiveExactly(session.Application, 4), Is.EqualTo("data"u8.ToArray()));
        Assert.That(session.Application.Receive(new byte[8]), Is.Zero);
        session.Application.Shutdown(SocketShutdown.Send);
        Assert.That(session.End().Reason, Is.EqualTo(SessionEndReason.Finished));
    }

    [Test]
    public void A_stream_that_is_cut_off_is_no_clean_end(
        [Values(TlsVersion.Tls12, TlsVersion.Tls13)] TlsVersion version, [Values] bool tcp, [Values] bool insideRecord)
    {
        using var session = new PumpedSession(version, tcp);
        session.SendRecord("data"u8);
        if (insideRecord)
            PumpedSession.SendAll(session.Peer, session.Seal("rest"u8).AsSpan(0, 10));
        session.Peer.Shutdown(SocketShutdown.Send);

        if (tcp)
        {
            // What was complete may arrive before the reset.
            var failure = Assert.Throws<SocketException>(() =>
            {
                while (session.Application.Receive(new byte[16]) > 0)
                {
                }
                Assert.Fail("the end looks clean");
            });
            Assert.That(failure!.SocketErrorCode, Is.EqualTo(SocketError.ConnectionReset));
        }
        Assert.That(session.End().Reason, Is.EqualTo(SessionEndReason.Truncated));
    }

    [Test]
    public void A_fatal_alert_resets_the_application([Values(TlsVersion.Tls12, TlsVersion.Tls13)] TlsVersion version)
    {
        using var session = new PumpedSession(version, tcp: true);
        session.SendRecord([2, (byte)AlertCode.BadRecordMac], ContentType.Alert);

        Assert.That(session.End(), Is.EqualTo(new SessionEnd(SessionEndReason.AlertReceived, AlertCode.BadRecordMac, 0, 0)));
        Assert.That(Assert.Throws<SocketException>(() => session.Application.Receive(new byte[1]))!.SocketErrorCode, Is.EqualTo(SocketError.ConnectionReset));
    }

    [Test]
    public void Warnings_are_harmless_in_1_2_and_only_user_canceled_is_in_1_3()
    {
        using var old = new PumpedSession(TlsVersion.Tls12);
        old.SendRecord([1, (byte)AlertCode.NoRenegotiation], ContentType.Alert);
        old.SendRecord("on"u8);
        Assert.That(PumpedSession.ReceiveExactly(old.Application, 2), Is.EqualTo("on"u8.ToArray()));
        using var current = new PumpedSession(TlsVersion.Tls13);
        current.SendRecord([1, (byte)AlertCode.UserCanceled], ContentType.Alert);
        current.SendRecord("on"u8);
        Assert.That(PumpedSession.ReceiveExactly(current.Application, 2), Is.EqualTo("on"u8.ToArray()));
        current.SendRecord([1, (byte)AlertCode.InternalError], ContentType.Alert);
        Assert.That(current.End().Reason, Is.EqualTo(SessionEndReason.AlertReceived));
    }

    [TestCase("tampered", AlertCode.BadRecordMac)]
    [TestCase("plain", AlertCode.BadRecordMac)]
    [TestCase("garbage", AlertCode.RecordOverflow)]
    [TestCase("alert", AlertCode.DecodeError)]
    [TestCase("type", AlertCode.UnexpectedMessage)]
    [TestCase("hello", AlertCode.UnexpectedMessage)]
    [TestCase("empty handshake", AlertCode.UnexpectedMessage)]
    [TestCase("idle", AlertCode.UnexpectedMessage)]
    [TestCase("updates", AlertCode.UnexpectedMessage)]
    [TestCase("interrupted", AlertCode.UnexpectedMessage)]
    public void A_peer_that_breaks_the_protocol_is_told_so(string how, AlertCode alert)
    {
        using var session = new PumpedSession(TlsVersion.Tls13, tcp: true);
        session.SendRecord("good"u8);
        byte[] bytes = how switch
        {
            "tampered" => [.. session.Seal("bad"u8)[..^1], 0x55],
            "plain" => [23, 3, 3, 0, 30, .. new byte[30]],
            "garbage" => [23, 3, 3, 0xff, 0xff, .. new byte[100]],
            "alert" => session.Seal([1], ContentType.Alert),
            "type" => session.Seal([1], (ContentType)99),
            "hello" => session.Seal([1, 0, 0, 0], ContentType.Handshake),
            "empty handshake" => session.Seal([], ContentType.Handshake),
            "idle" => [.. Enumerable.Range(0, 200).SelectMany(_ => session.Seal([]))],
            "updates" => [.. Enumerable.Range(0, 200).SelectMany(_ => Update(session))],
            _ => [.. session.Seal([24, 0, 0], ContentType.Handshake), .. session.Seal("data"u8), .. session.Seal([1, 0], ContentType.Handshake)],
        };
        PumpedSession.SendAll(session.Peer, bytes);

        Assert.That(session.ReceiveAlert(), Is.EqualTo(new byte[] { 2, (byte)alert }));
        session.Peer.Close();
        SessionEnd end = session.End();
        Assert.That(end.Reason, Is.EqualTo(SessionEndReason.ProtocolError));
        Assert.That(end.Alert, Is.EqualTo(alert));
    }

    [Test]
    public void Bytes_may_arrive_in_any_pieces([Values(TlsVersion.Tls12, TlsVersion.Tls13)] TlsVersion version)
    {
        using var session = new PumpedSession(version);
        var random = new Random(4711);
        byte[] content = RandomNumberGenerator.GetBytes(300_000);
        var ciphertext = new MemoryStream();
        for (int at = 0; at < content.Length;)
        {
            int size = Math.Min(random.Next(1, 16385), content.Length - at);
            ciphertext.Write(session.Seal(content.AsSpan(at, size)));
            at += size;
        }
        byte[] bytes = ciphertext.ToArray();
        Task sending = Task.Run(() =>
        {
            for (int at = 0; at < bytes.Length;)
            {
                int size = Math.Min(random.Next(4) == 0 ? random.Next(1, 8) : random.Next(1, 40_000), bytes.Length - at);
                PumpedSession.SendAll(session.Peer, bytes.AsSpan(at, size));
                at += size;
            }
        });

        Assert.That(PumpedSession.ReceiveExactly(session.Application, content.Length), Is.EqualTo(content));
        sending.Wait(PumpedSession.Patience);
        Assert.That(sending.IsCompletedSuccessfully);
    }

    [Test]
    public void Two_full_directions_do_not_block_each_other([Values(TlsVersion.Tls12, TlsVersion.Tls13)] TlsVersion version)
    {
        const int size = 4 << 20;
        using var session = new PumpedSession(version);
        byte[] up = RandomNumberGenerator.GetBytes(size), down = RandomNumberGenerator.GetBytes(size);
        // Nobody reads until both are stuck.
        Task sendUp = Task.Run(() => PumpedSession.SendAll(session.Application, up));
        Task sendDown = Task.Run(() =>
        {
            for (int at = 0; at < size; at += 16384)
                session.SendRecord(down.AsSpan(at, 16384));
        });
        PumpedSession.WaitUntil(() => session.Pump.BytesToCiphertext > 0 && session.Pump.BytesToPlaintext > 0);
        Task<byte[]> readDown = Task.Run(() => PumpedSession.ReceiveExactly(session.Application, size));
        var readUp = new MemoryStream();
        while (readUp.Length < size)
            readUp.Write(session.ReceiveData()!.Value.Content);

        Assert.That(Task.WaitAll([sendUp, sendDown, readDown], PumpedSession.Patience), Is.True);
        Assert.That(readUp.ToArray(), Is.EqualTo(up));
        Assert.That(readDown.Result, Is.EqualTo(down));
    }

    [Test]
    public void A_reader_that_does_not_read_stops_the_sender()
    {
        using var session = new PumpedSession(TlsVersion.Tls13);
        session.Peer.Blocking = false;
        byte[] content = new byte[16384];
        long sent = 0;
        int refusals = 0;
        for (byte[] record = session.Seal(content); refusals < 2000 && sent < 64 << 20;)
        {
            try
            {
                int taken = session.Peer.Send(record);
                sent += taken;
                record = taken == record.Length ? session.Seal(content) : record[taken..];
                refusals = 0;
            }
            catch (SocketException full) when (full.SocketErrorCode == SocketError.WouldBlock)
            {
                refusals++;
                Thread.Yield();
            }
        }

        Assert.That(sent, Is.LessThan(64 << 20), "the pump reads on for a reader who does not read");
        Assert.That(session.HasEnded, Is.False);
    }

    [Test]
    public void A_key_update_of_the_peer_is_followed_and_answered()
    {
        using var session = new PumpedSession(TlsVersion.Tls13);
        for (int generation = 0; generation < 3; generation++)
        {
            PumpedSession.SendAll(session.Peer, Update(session));
            session.SendRecord("after"u8);
            Assert.That(PumpedSession.ReceiveExactly(session.Application, 5), Is.EqualTo("after"u8.ToArray()));
            session.Application.Send("answer"u8);
            // ReceiveData follows the update that comes first.
            Assert.That(session.ReceiveData()!.Value.Content, Is.EqualTo("answer"u8.ToArray()));
        }
    }

    [Test]
    public void A_key_that_is_used_up_is_updated_in_1_3()
    {
        using var session = new PumpedSession(
            TlsVersion.Tls13,
            prepare: (own, peer) => Sequence((Tls13Sealer)own.Sealer) = OpenerSequence((Tls13Opener)peer.Opener) = Tls13Sealer.RecordsPerKey - 1);
        session.Application.Send("one"u8);
        Assert.That(session.ReceiveRecord()!.Value.Content, Is.EqualTo("one"u8.ToArray()));
        session.Application.Send("two"u8);
        Assert.That(session.ReceiveRecord(), Is.EqualTo((ContentType.Handshake, new byte[] { 24, 0, 0, 1, 0 })));
        session.UpdatePeerOpener();
        Assert.That(session.ReceiveRecord()!.Value.Content, Is.EqualTo("two"u8.ToArray()));
    }

    [Test]
    public void A_key_that_is_used_up_ends_the_session_in_1_2()
    {
        using var session = new PumpedSession(
            TlsVersion.Tls12, tcp: true, prepare: (own, _) => Blocks((Tls12AeadSealer)own.Sealer) = RecordSealer.BlocksPerKey12);
        session.Application.Send("one"u8);
        Assert.That(session.ReceiveData()!.Value.Content, Is.EqualTo("one"u8.ToArray()));
        Assert.That(session.ReceiveAlert(), Is.EqualTo(new byte[] { 2, (byte)AlertCode.InternalError }));
        session.Peer.Close();
        Assert.That(session.End().Reason, Is.EqualTo(SessionEndReason.ClosedHere));
    }

    [Test]
    public void An_update_on_request_goes_out_in_order_with_data()
    {
        using var session = new PumpedSession(TlsVersion.Tls13);
        session.Pump.UpdateKeys(requestAnswer: true);
        Assert.That(session.ReceiveRecord(), Is.EqualTo((ContentType.Handshake, new byte[] { 24, 0, 0, 1, 1 })));
        session.UpdatePeerOpener();
        session.Application.Send("data"u8);
        Assert.That(session.ReceiveRecord()!.Value.Content, Is.EqualTo("data"u8.ToArray()));
    }

    [Test]
    public void Records_are_as_small_as_the_peer_wants([Values(TlsVersion.Tls12, TlsVersion.Tls13)] TlsVersion version)
    {
        using var session = new PumpedSession(version, maxContent: 512);
        byte[] content = RandomNumberGenerator.GetBytes(5000);
        PumpedSession.SendAll(session.Application, content);
        var read = new MemoryStream();
        while (read.Length < content.Length)
        {
            byte[] part = session.ReceiveData()!.Value.Content;
            Assert.That(part, Has.Length.LessThanOrEqualTo(512));
            read.Write(part);
        }
        Assert.That(read.ToArray(), Is.EqualTo(content));
    }

    [Test]
    public void Closing_here_says_goodbye_and_waits_for_the_peer_to_read([Values(TlsVersion.Tls12, TlsVersion.Tls13)] TlsVersion version)
    {
        using var session = new PumpedSession(version, tcp: true);
        session.Application.Send("data"u8);
        Assert.That(session.ReceiveData()!.Value.Content, Is.EqualTo("data"u8.ToArray()));
        // Unread bytes must not turn the goodbye into a reset.
        session.SendRecord("unread"u8);
        session.Pump.Close(AlertCode.CloseNotify);

        Assert.That(session.ReceiveAlert(), Is.EqualTo(CloseNotify));
        Assert.That(session.ReceiveRecord(), Is.Null);
        Assert.That(session.End().Reason, Is.EqualTo(SessionEndReason.ClosedHere));
    }

    [Test]
    public void A_peer_that_is_gone_ends_the_session()
    {
        using var session = new PumpedSession(TlsVersion.Tls13, tcp: true);
        session.Peer.LingerState = new LingerOption(true, 0);
        session.Peer.Close();

        Assert.That(session.End().Reason, Is.EqualTo(SessionEndReason.CiphertextReset).Or.EqualTo(SessionEndReason.Truncated));
    }

    [Test]
    public void An_application_that_is_gone_ends_the_session()
    {
        using var session = new PumpedSession(TlsVersion.Tls13, tcp: true);
        session.Application.LingerState = new LingerOption(true, 0);
        session.Application.Close();

        Assert.That(session.ReceiveAlert(), Is.EqualTo(new byte[] { 2, (byte)AlertCode.InternalError }));
        session.Peer.Close();
        Assert.That(session.End().Reason, Is.EqualTo(SessionEndReason.PlaintextReset));
    }

    private static byte[] Update(PumpedSession session)
    {
        byte[] record = session.Seal([24, 0, 0, 1, 1], ContentType.Handshake);
        session.PeerSealer.UpdateKeys();
        return record;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_sequence")]
    private static extern ref ulong Sequence(Tls13Sealer sealer);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_sequence")]
    private static extern ref ulong OpenerSequence(Tls13Opener opener);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_blocks")]
    private static extern ref long Blocks(Tls12AeadSealer sealer);
}
