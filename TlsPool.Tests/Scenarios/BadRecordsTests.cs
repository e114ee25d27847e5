using System.Net.Sockets;
using NUnit.Framework;
using TlsPool.Crypto.Records;

namespace TlsPool.Tests.Scenarios;

/// <summary>What network peers may do wrong once their handshake is done. Each case ends its own session at most.</summary>
[TestFixtureSource(nameof(Versions))]
[Parallelizable]
public sealed class BadRecordsTests(TlsVersion version) : UnharmedTunnelFixture
{
    private static IReadOnlyList<TlsVersion> Versions { get; } = [TlsVersion.Tls12, TlsVersion.Tls13];

    private bool Is13 => version == TlsVersion.Tls13;

    [Test]
    public async Task A_peer_that_behaves_is_served()
    {
        using RawTlsClient peer = Connect();
        Talk(peer);
        peer.Send(ContentType.Alert, 1, (byte)AlertCode.CloseNotify);
        Assert.That(peer.ReceiveAlert(), Is.EqualTo(AlertCode.CloseNotify));
        Assert.That(await BackendEndAsync(), Is.EqualTo("clean"));
    }

    [Test]
    public void Some_empty_records_are_no_harm_and_many_are()
    {
        using RawTlsClient peer = Connect();
        for (int i = 0; i < 20; i++)
            peer.Send(ContentType.ApplicationData);
        Talk(peer);
        FloodUntilAlert(peer, () => peer.Send(ContentType.ApplicationData), AlertCode.UnexpectedMessage);
    }

    [Test]
    public async Task A_record_that_was_changed_on_the_way_ends_the_session()
    {
        using RawTlsClient peer = Connect();
        Talk(peer);
        byte[] record = peer.Seal(ContentType.ApplicationData, "hello"u8);
        record[^1] ^= 1;
        peer.SendRaw(record);
        Assert.That(peer.ReceiveAlert(), Is.EqualTo(AlertCode.BadRecordMac));
        Assert.That(await BackendEndAsync(), Is.EqualTo("reset"));
    }

    [Test]
    public void A_record_that_comes_twice_ends_the_session()
    {
        using RawTlsClient peer = Connect();
        byte[] record = peer.Seal(ContentType.ApplicationData, "hello"u8);
        peer.SendRaw([.. record, .. record]);
        Assert.That(peer.ReceiveAlert(), Is.EqualTo(AlertCode.BadRecordMac));
    }

    [Test]
    public void A_record_that_is_too_long_ends_the_session()
    {
        using RawTlsClient peer = Connect();
        peer.SendRaw([23, 3, 3, 0xff, 0xff, .. new byte[100]]);
        Assert.That(peer.ReceiveAlert(), Is.EqualTo(AlertCode.RecordOverflow));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(7)]
    [TestCase(15)]
    public void A_record_that_is_too_short_ends_the_session(int length)
    {
        using RawTlsClient peer = Connect();
        peer.SendRaw([23, 3, 3, 0, (byte)length, .. new byte[length]]);
        Assert.That(peer.ReceiveAlert(), Is.Not.Null.And.Not.EqualTo(AlertCode.CloseNotify));
    }

    [Test]
    public async Task A_record_that_is_cut_off_is_a_truncation()
    {
        using RawTlsClient peer = Connect();
        Talk(peer);
        byte[] record = peer.Seal(ContentType.ApplicationData, "hello"u8);
        peer.SendRaw(record.AsSpan(0, record.Length - 3));
        peer.Socket.Shutdown(SocketShutdown.Send);
        Assert.That(await BackendEndAsync(), Is.EqualTo("reset"));
    }

    [Test]
    public async Task An_end_without_close_notify_is_a_truncation()
    {
        using RawTlsClient peer = Connect();
        Talk(peer);
        peer.Socket.Shutdown(SocketShutdown.Send);
        Assert.That(await BackendEndAsync(), Is.EqualTo("reset"));
    }

    [Test]
    public async Task A_peer_that_dies_is_a_truncation()
    {
        using RawTlsClient peer = Connect();
        Talk(peer);
        peer.Socket.LingerState = new LingerOption(true, 0);
        peer.Socket.Close();
        Assert.That(await BackendEndAsync(), Is.EqualTo("reset"));
    }

    [Test]
    public async Task A_fatal_alert_is_no_clean_end()
    {
        using RawTlsClient peer = Connect();
        Talk(peer);
        peer.Send(ContentType.Alert, 2, (byte)AlertCode.InternalError);
        Assert.That(await BackendEndAsync(), Is.EqualTo("reset"));
    }

    [TestCase(new byte[0])]
    [TestCase(new byte[] { 2 })]
    [TestCase(new byte[] { 1, 0, 1, 0 })]
    public void A_malformed_alert_ends_the_session(byte[] alert)
    {
        using RawTlsClient peer = Connect();
        peer.Send(ContentType.Alert, alert);
        Assert.That(peer.ReceiveAlert(), Is.Not.Null.And.Not.EqualTo(AlertCode.CloseNotify));
    }

    [Test]
    public async Task What_follows_close_notify_is_ignored()
    {
        using RawTlsClient peer = Connect();
        Talk(peer);
        peer.Send(ContentType.Alert, 1, (byte)AlertCode.CloseNotify);
        try
        {
            for (int i = 0; i < 1000; i++)
                peer.Send(ContentType.ApplicationData, new byte[1000]);
        }
        catch (SocketException)
        {
            // The session is over.
        }
        Assert.That(await BackendEndAsync(), Is.EqualTo("clean"));
    }

    [TestCase((byte)24, TestName = "A heartbeat")]
    [TestCase((byte)99, TestName = "A type that does not exist")]
    [TestCase((byte)0, TestName = "The type of nothing")]
    public void A_record_of_a_type_without_a_place_ends_the_session(byte type)
    {
        using RawTlsClient peer = Connect();
        peer.Send((ContentType)type, 1, 0, 16, 0);
        Assert.That(peer.ReceiveAlert(), Is.EqualTo(AlertCode.UnexpectedMessage));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void A_change_of_ciphers_ends_the_session(bool sealedAsRecord)
    {
        using RawTlsClient peer = Connect();
        if (sealedAsRecord)
            peer.Send(ContentType.ChangeCipherSpec, 1);
        else
            peer.SendRaw(20, 3, 3, 0, 1, 1);
        Assert.That(peer.ReceiveAlert(), Is.Not.Null.And.Not.EqualTo(AlertCode.CloseNotify));
    }

    [Test]
    public void A_second_client_hello_that_does_not_continue_the_session_ends_it()
    {
        using RawTlsClient peer = Connect();
        peer.Send(ContentType.Handshake, new ClientHelloBytes().Message());
        Assert.That(peer.ReceiveAlert(), Is.EqualTo(Is13 ? AlertCode.UnexpectedMessage : AlertCode.HandshakeFailure));
    }

    [Test]
    public void A_handshake_message_of_16_MB_ends_the_session()
    {
        using RawTlsClient peer = Connect();
        peer.Send(ContentType.Handshake, 24, 0xff, 0xff, 0xff, 0);
        Assert.That(peer.ReceiveAlert(), Is.EqualTo(AlertCode.DecodeError));
    }

    [Test]
    public void An_empty_handshake_record_ends_the_session()
    {
        using RawTlsClient peer = Connect();
        peer.Send(ContentType.Handshake);
        Assert.That(peer.ReceiveAlert(), Is.EqualTo(AlertCode.UnexpectedMessage));
    }

    [Test]
    public void A_handshake_message_that_is_interrupted_by_data_ends_the_session()
    {
        using RawTlsClient peer = Connect();
        peer.Send(ContentType.Handshake, 24, 0, 0);
        peer.Send(ContentType.ApplicationData, "hello"u8);
        Assert.That(peer.ReceiveAlert(), Is.EqualTo(AlertCode.UnexpectedMessage));
    }

    [Test]
    public void Key_updates_without_end_end_the_session()
    {
        using RawTlsClient peer = Connect();
        for (int i = 0; i < 10 && Is13; i++)
            peer.UpdateKeys();
        Talk(peer);
        // TLS 1.2 knows none at all.
        FloodUntilAlert(peer, Is13 ? peer.UpdateKeys : () => peer.Send(ContentType.Handshake, 24, 0, 0, 1, 0), AlertCode.UnexpectedMessage);
    }

    [TestCase(new byte[] { 24, 0, 0, 1, 2 })]
    [TestCase(new byte[] { 24, 0, 0, 2, 0, 0 })]
    [TestCase(new byte[] { 24, 0, 0, 0 })]
    public void A_malformed_key_update_ends_the_session(byte[] message)
    {
        using RawTlsClient peer = Connect();
        peer.Send(ContentType.Handshake, message);
        Assert.That(peer.ReceiveAlert(), Is.EqualTo(Is13 ? AlertCode.IllegalParameter : AlertCode.UnexpectedMessage));
    }

    [Test]
    public void A_peer_that_never_reads_holds_up_nobody()
    {
        using RawTlsClient deaf = Connect();
        deaf.Socket.SendTimeout = 1000;
        try
        {
            // The backend answers each piece, and nobody takes the answers.
            for (int i = 0; i < 20_000; i++)
                deaf.Send(ContentType.ApplicationData, new byte[4096]);
        }
        catch (SocketException)
        {
            // Held up itself.
        }
        using RawTlsClient other = Connect();
        Talk(other);
    }

    [Test]
    public void Records_in_single_bytes_are_records()
    {
        using RawTlsClient peer = Connect();
        foreach (byte one in peer.Seal(ContentType.ApplicationData, "hello"u8))
            peer.SendRaw(one);
        Assert.That(peer.Receive()?.Content, Is.EqualTo("heard\n"u8.ToArray()));
    }

    private RawTlsClient Connect() => new(Tunnel.Port, version);

    private static void Talk(RawTlsClient peer)
    {
        peer.Send(ContentType.ApplicationData, "hello"u8);
        Assert.That(peer.Receive()?.Content, Is.EqualTo("heard\n"u8.ToArray()));
    }

    private static void FloodUntilAlert(RawTlsClient peer, Action send, AlertCode expected)
    {
        try
        {
            for (int i = 0; i < 200; i++)
                send();
        }
        catch (SocketException)
        {
            // It has ended already; the alert may still be there to read.
        }
        AlertCode? last = null;
        while (peer.ReceiveAlert() is { } alert)
            last = alert;
        Assert.That(last, Is.EqualTo(expected).Or.Null);
    }
}
