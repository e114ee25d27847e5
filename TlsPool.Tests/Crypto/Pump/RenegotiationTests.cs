using System.Net.Sockets;
using System.Security.Cryptography;
using NUnit.Framework;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Pump;
using TlsPool.Crypto.Records;

namespace TlsPool.Tests.Crypto.Pump;

/// <summary>Renegotiation of TLS 1.2 between two pumps, with data on its way in both directions.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class RenegotiationTests
{
    private static readonly HandshakeSettings Tls12 = new() { MinVersion = TlsVersion.Tls12, MaxVersion = TlsVersion.Tls12 };

    private static PumpPair.End Of(PumpPair pair, TlsRole role) => role == TlsRole.Server ? pair.Server : pair.Client;

    [Test]
    public void Either_side_may_begin([Values] TlsRole role, [Values] bool later)
    {
        using var pair = new PumpPair(Tls12, later);
        Exchange(pair);
        for (int i = 1; i <= 3; i++)
        {
            byte[] unique = pair.Server.Outcome.Secrets.TlsUnique!.Value.ToArray();
            Of(pair, role).Renegotiate();
            WaitForRenewals(pair, i);
            Exchange(pair);
            Assert.That(pair.Server.Outcome.Secrets.TlsUnique!.Value.ToArray(), Is.EqualTo(pair.Client.Outcome.Secrets.TlsUnique!.Value.ToArray()).And.Not.EqualTo(unique));
            Assert.That(Export(pair.Server), Is.EqualTo(Export(pair.Client)));
        }
        Assert.That(Of(pair, role).Count("wanted"), Is.Zero);
    }

    [TestCase(0xc02b)]
    [TestCase(0xcca9)]
    [TestCase(0xc023)]
    public void Every_kind_of_protection_is_renewed(int suite)
    {
        using var pair = new PumpPair(Tls12 with { CipherSuites = [suite] });
        pair.Client.Renegotiate();
        WaitForRenewals(pair, 1);
        Exchange(pair);
        pair.Server.Renegotiate();
        WaitForRenewals(pair, 2);
        Exchange(pair);
        Assert.That(pair.Server.Outcome.CipherSuite, Is.EqualTo(suite));
    }

    [Test]
    public void A_server_learns_who_its_client_is([Values] bool later)
    {
        using var pair = new PumpPair(Tls12, later);
        Assert.That(pair.Server.Outcome.PeerChain, Is.Empty);
        pair.Server.Asks = PeerAuthentication.Demand;
        pair.Server.Renegotiate();
        WaitForRenewals(pair, 1);
        Assert.That(pair.Server.Outcome.PeerChain, Has.Count.EqualTo(1));
        Assert.That(pair.Client.Outcome.Credential!.Identity, Is.EqualTo("user@client.example"));
        Exchange(pair);
    }

    [Test]
    public void No_byte_is_lost_while_both_sides_send([Values] TlsRole role, [Values] bool later)
    {
        const int size = 6 << 20;
        using var pair = new PumpPair(Tls12, later);
        byte[] up = RandomNumberGenerator.GetBytes(size), down = RandomNumberGenerator.GetBytes(size);
        Task[] sending =
        [
            Task.Run(() => SendInPieces(pair.Client.Application, up)),
            Task.Run(() => SendInPieces(pair.Server.Application, down)),
        ];
        Task<byte[]> atServer = Task.Run(() => ReceiveAll(pair.Server.Application, size));
        Task<byte[]> atClient = Task.Run(() => ReceiveAll(pair.Client.Application, size));
        for (int i = 1; i <= 4; i++)
        {
            int before = i;
            PumpedSession.WaitUntil(() => pair.Server.Pump.BytesToPlaintext > before * (size / 8) || atServer.IsCompleted);
            Of(pair, role).Renegotiate();
            WaitForRenewals(pair, i);
        }
        Assert.That(Task.WaitAll([.. sending, atServer, atClient], PumpedSession.Patience), Is.True, $"{pair.Server.Told} / {pair.Client.Told}");
        Assert.That(SHA256.HashData(atServer.Result), Is.EqualTo(SHA256.HashData(up)));
        Assert.That(SHA256.HashData(atClient.Result), Is.EqualTo(SHA256.HashData(down)));
    }

    [Test]
    public void Both_may_begin_at_once()
    {
        using var pair = new PumpPair(Tls12);
        pair.Server.Renegotiate();
        pair.Client.Renegotiate();
        // The HelloRequest crosses the ClientHello that answers it.
        WaitForRenewals(pair, 1);
        Exchange(pair);
    }

    [Test]
    public void A_peer_that_does_not_want_to_is_left_as_it_is([Values] TlsRole role)
    {
        using var pair = new PumpPair(Tls12);
        (role == TlsRole.Server ? pair.Client : pair.Server).Refuses = true;
        Of(pair, role).Renegotiate();
        PumpedSession.WaitUntil(() => Of(pair, role).Count("refused ByPeer") == 1);
        Exchange(pair);
        Assert.That(pair.Server.Renewals + pair.Client.Renewals, Is.Zero);
    }

    [Test]
    public void A_storm_of_wishes_is_turned_down_and_ends_the_session([Values] TlsRole role)
    {
        using var pair = new PumpPair(Tls12);
        PumpPair.End stormy = Of(pair, role);
        for (int i = 1; i <= PostHandshake12.MaxRenegotiations; i++)
        {
            stormy.Renegotiate();
            WaitForRenewals(pair, i);
        }
        stormy.Renegotiate();
        PumpedSession.WaitUntil(() => stormy.Count("refused ByPeer") == 1);
        Exchange(pair);
        for (int i = 2; stormy.Count("ended") == 0 && i < 20; i++)
        {
            int refusals = i;
            stormy.Renegotiate();
            PumpedSession.WaitUntil(() => stormy.Count("refused ByPeer") == refusals || stormy.Count("ended") > 0);
        }
        Assert.That(stormy.WaitForEnd().Alert, Is.EqualTo(AlertCode.UnexpectedMessage));
        Assert.That(pair.Server.Renewals, Is.EqualTo(PostHandshake12.MaxRenegotiations));
    }

    [Test]
    public void A_wish_that_is_not_answered_is_given_up()
    {
        using var pair = new PumpPair(Tls12);
        pair.Client.Hesitates = true;
        pair.Server.Renegotiate();
        PumpedSession.WaitUntil(() => pair.Client.Count("wanted") == 1);
        Exchange(pair);
        pair.Server.Renegotiate();
        PumpedSession.WaitUntil(() => pair.Server.Count("refused NotNow") == 1);
        pair.Server.Pump.CancelRenegotiation(AlertCode.UserCanceled);
        PumpedSession.WaitUntil(() => pair.Server.Count("refused GivenUp") == 1);
        Exchange(pair);
        // The client comes round to it, and it is the client's wish then.
        pair.Client.Renegotiate();
        WaitForRenewals(pair, 1);
        Exchange(pair);
    }

    [Test]
    public void A_client_that_gets_no_answer_gives_up_with_the_session()
    {
        using var pair = new PumpPair(Tls12);
        pair.Server.Hesitates = true;
        pair.Client.Renegotiate();
        PumpedSession.WaitUntil(() => pair.Server.Count("wanted") == 1);
        pair.Client.Pump.CancelRenegotiation(AlertCode.UserCanceled);
        Assert.That(pair.Client.WaitForEnd().Reason, Is.EqualTo(SessionEndReason.ProtocolError));
        Assert.That(pair.Client.Count("failed UserCanceled"), Is.EqualTo(1), pair.Client.Told);
        Assert.That(pair.Server.WaitForEnd().Alert, Is.EqualTo(AlertCode.UserCanceled));
    }

    [Test]
    public void A_client_that_continues_another_session_ends_this_one()
    {
        using var other = new PumpPair(Tls12);
        using var pair = new PumpPair(Tls12);
        pair.Client.Pump.Renegotiate(pair.Client.Machine(other.Client.Outcome.Secrets));
        Assert.That(pair.Server.WaitForEnd().Alert, Is.EqualTo(AlertCode.HandshakeFailure), pair.Server.Told);
        Assert.That(pair.Client.WaitForEnd().Reason, Is.EqualTo(SessionEndReason.AlertReceived));
    }

    [Test]
    public void A_server_that_continues_another_session_ends_this_one()
    {
        using var pair = new PumpPair(Tls12);
        var before = (SessionSecrets12)pair.Server.Outcome.Secrets;
        // Right about the client's part, so that only the client can notice.
        pair.Server.Remembers = new SessionSecrets12(
            HashAlgorithmName.SHA256, true, new byte[48], [], [], null, before.ClientVerifyData.ToArray(), new byte[12], default);
        pair.Client.Renegotiate();
        Assert.That(pair.Client.WaitForEnd().Alert, Is.EqualTo(AlertCode.HandshakeFailure), pair.Client.Told);
        Assert.That(pair.Server.WaitForEnd().Reason, Is.EqualTo(SessionEndReason.AlertReceived));
    }

    [Test]
    public void A_peer_that_is_refused_ends_the_session()
    {
        using var pair = new PumpPair(Tls12);
        pair.Client.Asks = PeerAuthentication.Demand;
        pair.Server.Asks = PeerAuthentication.Demand;
        pair.Server.Rejects = true;
        pair.Server.Renegotiate();
        Assert.That(pair.Server.WaitForEnd().Reason, Is.EqualTo(SessionEndReason.ProtocolError));
        Assert.That(pair.Client.WaitForEnd().Alert, Is.EqualTo(AlertCode.AccessDenied));
        Assert.That(pair.Client.Application.Receive(new byte[1]), Is.Zero);
    }

    [Test]
    public void A_session_that_is_closing_is_not_renewed([Values] TlsRole role)
    {
        using var pair = new PumpPair(Tls12);
        Of(pair, role).Application.Shutdown(SocketShutdown.Send);
        Assert.That((role == TlsRole.Server ? pair.Client : pair.Server).Application.Receive(new byte[1]), Is.Zero);
        pair.Server.Renegotiate();
        pair.Client.Renegotiate();
        PumpedSession.WaitUntil(() => pair.Server.Count("refused NotNow") == 1 && pair.Client.Count("refused NotNow") == 1);
    }

    [Test]
    public void A_peer_that_leaves_in_the_middle_ends_the_session([Values] bool politely)
    {
        using var pair = new PumpPair(Tls12);
        pair.Server.Hesitates = true;
        pair.Client.Renegotiate();
        PumpedSession.WaitUntil(() => pair.Server.Count("wanted") == 1);
        if (politely)
            pair.Server.Application.Shutdown(SocketShutdown.Send);
        else
            pair.Server.Pump.Close(AlertCode.InternalError);
        SessionEnd end = pair.Client.WaitForEnd();
        Assert.That(end.Reason, Is.EqualTo(politely ? SessionEndReason.ProtocolError : SessionEndReason.AlertReceived));
    }

    [Test]
    public void TLS_1_3_is_not_renegotiated()
    {
        using var pair = new PumpPair(new HandshakeSettings());
        using var old = new PumpPair(Tls12);
        pair.Client.Pump.Renegotiate(old.Client.Machine());
        PumpedSession.WaitUntil(() => pair.Client.Count("refused NotNow") == 1);
        Exchange(pair);
        Assert.That(() => pair.Client.Machine(), Throws.ArgumentException);
    }

    private static void WaitForRenewals(PumpPair pair, int count)
    {
        PumpedSession.WaitUntil(() => (pair.Server.Renewals >= count && pair.Client.Renewals >= count) || pair.Server.Count("ended") + pair.Client.Count("ended") > 0);
        Assert.That((pair.Server.Renewals, pair.Client.Renewals), Is.EqualTo((count, count)), $"server: {pair.Server.Told}; client: {pair.Client.Told}");
    }

    private static void Exchange(PumpPair pair)
    {
        pair.Client.Application.Send("up"u8);
        Assert.That(PumpedSession.ReceiveExactly(pair.Server.Application, 2), Is.EqualTo("up"u8.ToArray()));
        pair.Server.Application.Send("down"u8);
        Assert.That(PumpedSession.ReceiveExactly(pair.Client.Application, 4), Is.EqualTo("down"u8.ToArray()));
    }

    private static byte[] Export(PumpPair.End end)
    {
        byte[] exported = new byte[32];
        end.Outcome.Secrets.Export("EXPERIMENTAL"u8, null, exported);
        return exported;
    }

    private static void SendInPieces(Socket socket, byte[] bytes)
    {
        var random = new Random(17);
        for (int at = 0; at < bytes.Length;)
        {
            int size = Math.Min(random.Next(1, 40_000), bytes.Length - at);
            PumpedSession.SendAll(socket, bytes.AsSpan(at, size));
            at += size;
        }
    }

    private static byte[] ReceiveAll(Socket socket, int size) => PumpedSession.ReceiveExactly(socket, size);
}
