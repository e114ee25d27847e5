using System.Security.Cryptography;
using NUnit.Framework;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Pump;
using TlsPool.Crypto.Records;

namespace TlsPool.Tests.Crypto.Pump;

/// <summary>Sessions that begin anonymously: what comes before anybody has shown who he is.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class PrecursorPumpTests
{
    private static readonly HandshakeSettings Tls12 = new() { MinVersion = TlsVersion.Tls12, MaxVersion = TlsVersion.Tls12 };

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(1000)]
    public void Early_bytes_wait_for_the_handshake_that_counts(int size)
    {
        byte[] early = RandomNumberGenerator.GetBytes(size);
        using var pair = new PumpPair(Tls12, early: early);
        Assert.That(pair.Server.Outcome.IsAnonymous && pair.Client.Outcome.IsAnonymous);
        Assert.That(pair.Server.Outcome.Credential, Is.Null);
        pair.Server.Asks = PeerAuthentication.Demand;
        pair.Client.Asks = PeerAuthentication.Demand;
        pair.Server.Renegotiate();
        pair.Client.Renegotiate();
        PumpedSession.WaitUntil(() => pair.Server.Renewals + pair.Client.Renewals == 2 || pair.Server.Count("ended") > 0);
        Assert.That(pair.Server.Outcome.IsAnonymous, Is.False, $"{pair.Server.Told} / {pair.Client.Told}");
        Assert.That(pair.Server.Outcome.PeerChain, Has.Count.EqualTo(1));
        Assert.That(pair.Client.Outcome.PeerChain, Has.Count.EqualTo(1));
        pair.Client.Application.Send("late"u8);
        Assert.That(PumpedSession.ReceiveExactly(pair.Server.Application, size + 4), Is.EqualTo((byte[])[.. early, .. "late"u8]));
        Assert.That(pair.Server.Pump.BytesToPlaintext, Is.EqualTo(size + 4));
        pair.Server.Application.Send("down"u8);
        Assert.That(PumpedSession.ReceiveExactly(pair.Client.Application, 4), Is.EqualTo("down"u8.ToArray()));
    }

    [Test]
    public void More_early_bytes_than_allowed_end_the_session()
    {
        using var pair = new PumpPair(Tls12, early: new byte[1001]);
        pair.Server.Hesitates = true;
        pair.Client.Renegotiate();
        Assert.That(pair.Server.WaitForEnd().Reason, Is.EqualTo(SessionEndReason.ProtocolError));
        Assert.That(pair.Client.WaitForEnd().Alert, Is.EqualTo(AlertCode.UnexpectedMessage));
    }

    [Test]
    public void A_peer_that_refuses_to_go_on_is_told_of()
    {
        using var pair = new PumpPair(Tls12, early: []);
        pair.Server.Refuses = true;
        pair.Client.Renegotiate();
        PumpedSession.WaitUntil(() => pair.Client.Count("refused ByPeer") == 1);
        pair.Client.Pump.Close(AlertCode.HandshakeFailure);
        Assert.That(pair.Server.WaitForEnd().Alert, Is.EqualTo(AlertCode.HandshakeFailure));
    }

    [Test]
    public void A_peer_that_leaves_instead_ends_the_session()
    {
        using var pair = new PumpPair(Tls12, early: []);
        pair.Server.Renegotiate();
        pair.Client.Pump.Close(AlertCode.CloseNotify);
        Assert.That(pair.Server.WaitForEnd().Reason, Is.EqualTo(SessionEndReason.ProtocolError).Or.EqualTo(SessionEndReason.Truncated));
    }

    [Test]
    public void The_second_handshake_is_never_anonymous()
    {
        using var pair = new PumpPair(Tls12, early: []);
        var request = new HandshakeRequest(TlsRole.Client, PeerAuthentication.Demand, "localhost", [], null)
        {
            Renews = pair.Client.Outcome.Secrets,
            Precursor = true,
        };
        pair.Client.Pump.Renegotiate(new HandshakeMachine(Tls12, request, pair.Client));
        PumpedSession.WaitUntil(() => pair.Client.Renewals == 1 || pair.Client.Count("ended") > 0);
        Assert.That(pair.Client.Outcome.IsAnonymous, Is.False, pair.Client.Told);
    }
}
