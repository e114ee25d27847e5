using NUnit.Framework;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;

namespace TlsPool.Tests.Crypto.Handshakes;

/// <summary>However a handshake ends here, the peer is told, and told last.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class LastAlertTests
{
    private static readonly byte[] NoRecord = [99, 99, 99, 99, 99, 99];
    private static readonly Lazy<TestIdentity> Identity = new(() => TestIdentity.Ecdsa());

    [Test]
    public void A_server_that_ends_before_a_whole_message_came_sends_its_alert()
    {
        using HandshakeMachine server = Server(TlsVersion.Tls13);
        server.Start();
        server.Offer([22, 3, 1, 0, 100, 1, 0], out _);
        server.Abort(AlertCode.UserCanceled);
        Assert.That(Output(server), Is.EqualTo(new byte[] { 21, 3, 3, 0, 2, 2, (byte)AlertCode.UserCanceled }));
    }

    [Test]
    public void What_is_no_record_after_the_servers_flight_gets_an_alert_behind_it([Values(TlsVersion.Tls12, TlsVersion.Tls13)] TlsVersion version)
    {
        using HandshakeMachine client = Client(version), server = Server(version);
        client.Start();
        server.Start();
        HandshakeStatus status = server.Offer([.. Output(client), .. NoRecord], out _);
        Assert.That(status, Is.EqualTo(HandshakeStatus.Failed));
        byte[] last = LastRecord(Output(server));
        if (version == TlsVersion.Tls12)
            Assert.That(last[5..], Is.EqualTo(new byte[] { 2, (byte)AlertCode.UnexpectedMessage }));
        Assert.That((ContentType)last[0], Is.EqualTo(version == TlsVersion.Tls12 ? ContentType.Alert : ContentType.ApplicationData));
    }

    [Test]
    public void A_client_with_keys_protects_its_alert()
    {
        using HandshakeMachine client = Client(TlsVersion.Tls13), server = Server(TlsVersion.Tls13);
        client.Start();
        server.Start();
        server.Offer(Output(client), out _);
        byte[] flight = Output(server);
        int hello = 5 + ((flight[3] << 8) | flight[4]);
        HandshakeStatus status = client.Offer([.. flight.AsSpan(0, hello), .. NoRecord], out _);
        Assert.That(status, Is.EqualTo(HandshakeStatus.Failed));
        Assert.That((ContentType)LastRecord(Output(client))[0], Is.EqualTo(ContentType.ApplicationData));
    }

    private static HandshakeMachine Server(TlsVersion version) =>
        new(Only(version), new HandshakeRequest(TlsRole.Server, PeerAuthentication.Ignore, null, [], null), new TestAnswers(Identity.Value));

    private static HandshakeMachine Client(TlsVersion version) =>
        new(Only(version), new HandshakeRequest(TlsRole.Client, PeerAuthentication.Demand, "localhost", [], null), new TestAnswers(null));

    private static HandshakeSettings Only(TlsVersion version) => new() { MinVersion = version, MaxVersion = version };

    private static byte[] Output(HandshakeMachine machine)
    {
        var output = new List<byte>();
        byte[] buffer = new byte[2048];
        for (int count; (count = machine.ReadOutput(buffer)) > 0;)
            output.AddRange(buffer.AsSpan(0, count));
        return [.. output];
    }

    private static byte[] LastRecord(byte[] output)
    {
        int start = 0;
        for (int next = 0; next < output.Length; next += 5 + ((output[next + 3] << 8) | output[next + 4]))
            start = next;
        return output[start..];
    }
}
