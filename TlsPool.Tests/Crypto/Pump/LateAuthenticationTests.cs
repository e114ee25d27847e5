using System.Security.Cryptography;
using NUnit.Framework;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Pump;
using TlsPool.Crypto.Records;

namespace TlsPool.Tests.Crypto.Pump;

/// <summary>Client authentication after a TLS 1.3 handshake between two pumps, with data on its way in both directions.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class LateAuthenticationTests
{
    [TestCase(0x1301)]
    [TestCase(0x1302)]
    public void A_server_learns_who_its_client_is(int suite)
    {
        using PumpPair pair = Pair(suite: suite);
        Assert.That(pair.Server.Outcome.PeerChain, Is.Empty);
        for (int i = 1; i <= 3; i++)
        {
            Ask(pair, i);
            Assert.That(pair.Server.Authenticated!.PeerChain, Has.Count.EqualTo(1));
            Assert.That(pair.Client.Authenticated!.Credential!.Identity, Is.EqualTo("user@client.example"));
            Exchange(pair);
            // The Finished that follows belongs to other keys.
            (i == 1 ? pair.Client : pair.Server).Pump.UpdateKeys(requestAnswer: true);
            Exchange(pair);
        }
    }

    [Test]
    public void No_byte_is_lost_while_both_sides_send()
    {
        const int size = 6 << 20;
        using PumpPair pair = Pair();
        byte[] up = RandomNumberGenerator.GetBytes(size), down = RandomNumberGenerator.GetBytes(size);
        Task[] sending = [Task.Run(() => PumpedSession.SendAll(pair.Client.Application, up)), Task.Run(() => PumpedSession.SendAll(pair.Server.Application, down))];
        Task<byte[]> atServer = Task.Run(() => PumpedSession.ReceiveExactly(pair.Server.Application, size));
        Task<byte[]> atClient = Task.Run(() => PumpedSession.ReceiveExactly(pair.Client.Application, size));
        for (int i = 1; i <= 4; i++)
        {
            int before = i;
            PumpedSession.WaitUntil(() => pair.Server.Pump.BytesToPlaintext > before * (size / 8) || atServer.IsCompleted);
            pair.Client.Pump.UpdateKeys(requestAnswer: true);
            Ask(pair, i);
        }
        Assert.That(Task.WaitAll([.. sending, atServer, atClient], PumpedSession.Patience), Is.True, $"{pair.Server.Told} / {pair.Client.Told}");
        Assert.That(SHA256.HashData(atServer.Result), Is.EqualTo(SHA256.HashData(up)));
        Assert.That(SHA256.HashData(atClient.Result), Is.EqualTo(SHA256.HashData(down)));
    }

    [Test]
    public void A_client_that_has_not_offered_it_is_not_asked()
    {
        using var pair = new PumpPair(new HandshakeSettings());
        pair.Server.Pump.RequestCertificate(PeerAuthentication.Demand);
        PumpedSession.WaitUntil(() => pair.Server.Count("refused NotOffered") == 1);
        Exchange(pair);
    }

    [Test]
    public void TLS_1_2_and_clients_do_not_ask_like_this()
    {
        using var pair = new PumpPair(new HandshakeSettings { MaxVersion = TlsVersion.Tls12 }, authenticatesLater: true);
        pair.Server.Pump.RequestCertificate(PeerAuthentication.Demand);
        PumpedSession.WaitUntil(() => pair.Server.Count("refused NotNow") == 1);
        using PumpPair newer = Pair();
        newer.Client.Pump.RequestCertificate(PeerAuthentication.Demand);
        PumpedSession.WaitUntil(() => newer.Client.Count("refused NotOffered") == 1);
        Exchange(pair);
        Exchange(newer);
    }

    [Test]
    public void A_client_that_is_refused_loses_its_session()
    {
        using PumpPair pair = Pair();
        pair.Server.Rejects = true;
        pair.Server.Pump.RequestCertificate(PeerAuthentication.Request);
        Assert.That(pair.Server.WaitForEnd().Reason, Is.EqualTo(SessionEndReason.ProtocolError));
        Assert.That(pair.Server.Count("failed AccessDenied"), Is.EqualTo(1));
        Assert.That(pair.Client.WaitForEnd().Alert, Is.EqualTo(AlertCode.AccessDenied));
    }

    [Test]
    public void A_request_that_is_given_up_is_answered_in_vain()
    {
        using PumpPair pair = Pair();
        pair.Client.Hesitates = true;
        pair.Server.Pump.RequestCertificate(PeerAuthentication.Demand);
        PumpedSession.WaitUntil(() => pair.Client.Count("asked") == 1);
        pair.Server.Pump.CancelRenegotiation(AlertCode.UserCanceled);
        PumpedSession.WaitUntil(() => pair.Server.Count("refused GivenUp") == 1);
        pair.Server.Pump.RequestCertificate(PeerAuthentication.Demand);
        PumpedSession.WaitUntil(() => pair.Server.Count("refused NotNow") == 1);
        pair.Client.Hesitates = false;
        pair.Client.Pump.Answer(new CredentialAnswer([]));
        PumpedSession.WaitUntil(() => pair.Client.Count("authenticated") == 1);
        Exchange(pair);
        Assert.That(pair.Server.Count("authenticated"), Is.Zero);
        pair.Server.Pump.RequestCertificate(PeerAuthentication.Demand);
        PumpedSession.WaitUntil(() => pair.Server.Count("authenticated") == 1);
    }

    [Test]
    public void A_client_that_closes_will_not_answer()
    {
        using PumpPair pair = Pair();
        pair.Client.Hesitates = true;
        pair.Server.Pump.RequestCertificate(PeerAuthentication.Demand);
        PumpedSession.WaitUntil(() => pair.Client.Count("asked") == 1);
        pair.Client.Application.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        PumpedSession.WaitUntil(() => pair.Server.Count("refused ByPeer") == 1);
    }

    private static PumpPair Pair(int? suite = null) => new(new HandshakeSettings { CipherSuites = suite is { } one ? [one] : null }, authenticatesLater: true);

    private static void Ask(PumpPair pair, int count)
    {
        pair.Server.Pump.RequestCertificate(PeerAuthentication.Demand);
        PumpedSession.WaitUntil(() => pair.Server.Count("authenticated") == count || pair.Server.Count("ended") > 0);
        Assert.That(pair.Server.Count("authenticated"), Is.EqualTo(count), $"server: {pair.Server.Told}; client: {pair.Client.Told}");
    }

    private static void Exchange(PumpPair pair)
    {
        pair.Client.Application.Send("up"u8);
        Assert.That(PumpedSession.ReceiveExactly(pair.Server.Application, 2), Is.EqualTo("up"u8.ToArray()));
        pair.Server.Application.Send("down"u8);
        Assert.That(PumpedSession.ReceiveExactly(pair.Client.Application, 4), Is.EqualTo("down"u8.ToArray()));
    }
}
