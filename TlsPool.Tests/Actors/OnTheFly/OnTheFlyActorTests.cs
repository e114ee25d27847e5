using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor;
using Akka.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using TlsPool.Actors.Audit;
using TlsPool.Actors.OnTheFly;
using TlsPool.Actors.Sessions;
using TlsPool.Actors.Tokens;
using TlsPool.Crypto.Certificates;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Keys;
using TlsPool.Protocol.Identities;
using static TlsPool.Actors.OnTheFly.OnTheFlyProtocol;

namespace TlsPool.Tests.Actors.OnTheFly;

/// <summary>How often an authority has to sign, and what it is not asked for.</summary>
[Parallelizable]
public sealed class OnTheFlyActorTests : AkkaFixture
{
    private static readonly ECDsa Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private readonly ManualTime _time = new();
    private readonly List<AuditEvent> _audit = [];
    private OnTheFlyKeys _keys = null!;
    private TestProbe _tokens = null!;
    private TestProbe _session = null!;
    private IActorRef _actor = null!;
    private SigningAuthority _authority = null!;

    [SetUp]
    public void Make()
    {
        _keys = new OnTheFlyKeys(new NoKeys(), _time);
        (_tokens, _session) = (Kit.CreateTestProbe(), Kit.CreateTestProbe());
        _actor = Sys.ActorOf(OnTheFlyActor.Props(_keys, _tokens, new Records(_audit), NullLogger.Instance, _time));
        _authority = Authority(TimeSpan.FromDays(10));
    }

    [TearDown]
    public void Stop() => _keys.Dispose();

    [Test]
    public void However_many_wait_one_signature_is_made()
    {
        TestProbe other = Kit.CreateTestProbe();
        Ask("a.example");
        Ask("A.example", from: other);
        Sign();
        Credential one = _session.ExpectMsg<Made>(Patience).Credential, same = other.ExpectMsg<Made>(Patience).Credential;
        Assert.That(same, Is.SameAs(one));
        Assert.That(one.Identity, Is.EqualTo("a.example"));
        Assert.That(_audit.Select(record => (record.Kind, record.Allowed, record.LocalId, record.Key)), Is.EqualTo(new[] { (AuditKind.KeyUse, true, "a.example", "test:authority") }));
    }

    [Test]
    public void A_certificate_serves_for_two_minutes()
    {
        Ask("a.example");
        Sign();
        Credential first = _session.ExpectMsg<Made>(Patience).Credential;
        _time.Advance(TimeSpan.FromSeconds(119));
        Ask("a.example");
        Assert.That(_session.ExpectMsg<Made>(Patience).Credential, Is.SameAs(first));
        _time.Advance(TimeSpan.FromSeconds(1));
        Ask("a.example");
        Sign();
        Assert.That(_session.ExpectMsg<Made>(Patience).Credential, Is.Not.SameAs(first));
    }

    [Test]
    public void Roles_services_and_authorities_do_not_share()
    {
        Ask("a.example");
        Ask("a.example", TlsRole.Client);
        Ask("a.example", service: "sip");
        _authority = Authority(TimeSpan.FromDays(10));
        Ask("a.example");
        string[][] usages = [.. Enumerable.Range(0, 4).Select(_ =>
        {
            Sign();
            return CertificateFacts.Read(_session.ExpectMsg<Made>(Patience).Credential.Chain[0].Span).ExtendedUsages!.ToArray();
        })];
        Assert.That(usages, Is.EqualTo(new string[][]
        {
            [CertificateRole.Server], [CertificateRole.Client], [CertificateRole.Server, "1.3.6.1.5.5.7.3.20"], [CertificateRole.Server],
        }));
    }

    [Test]
    public void A_failure_is_told_to_all_who_wait_and_not_kept()
    {
        Ask("a.example");
        Ask("a.example");
        _tokens.ExpectMsg<TokenProtocol.Sign>(Patience);
        _tokens.Reply(new TokenProtocol.SigningFailed("the token is not there"));
        Assert.That(_session.ExpectMsg<NotMade>(Patience).Reason, Does.Contain("the token is not there"));
        _session.ExpectMsg<NotMade>(Patience);
        Ask("a.example");
        Sign();
        _session.ExpectMsg<Made>(Patience);
    }

    [Test]
    public void A_signature_by_another_key_is_not_shown_to_anybody()
    {
        Ask("a.example");
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Sign(other);
        Assert.That(_session.ExpectMsg<NotMade>(Patience).Reason, Does.Contain("signature"));
    }

    [Test]
    public void An_authority_that_has_expired_is_not_asked()
    {
        _authority = Authority(TimeSpan.FromMinutes(10));
        _time.Advance(TimeSpan.FromMinutes(11));
        Ask("a.example");
        Assert.That(_session.ExpectMsg<NotMade>(Patience).Reason, Does.Contain("expired at").And.Contains("tls_onthefly_signcert"));
        Assert.That(_tokens.HasMessages, Is.False);
    }

    [Test]
    public void A_flood_of_names_is_turned_away_and_ends_when_signatures_come()
    {
        for (int i = 0; i <= OnTheFlyActor.MaxUnderWay; i++)
            Ask($"n{i}.example");
        Assert.That(_session.ExpectMsg<NotMade>(Patience).Reason, Does.Contain("too many"));
        Sign();
        _session.ExpectMsg<Made>(Patience);
        Ask("late.example");
        for (int i = 0; i < OnTheFlyActor.MaxUnderWay; i++)
            Sign();
        for (int i = 0; i < OnTheFlyActor.MaxUnderWay; i++)
            _session.ExpectMsg<Made>(Patience);
    }

    [Test]
    public void Keys_change_each_hour_and_the_one_before_still_signs()
    {
        var request = new SignatureRequest(_keys.Current().Key, 0x0403, new byte[] { 1, 2, 3 });
        _time.Advance(TimeSpan.FromHours(1));
        Assert.That(_keys.Current().Key, Is.Not.EqualTo(request.Key));
        Assert.That(_keys.TrySign(request), Is.Not.Null);
        _time.Advance(TimeSpan.FromHours(1));
        _keys.Current();
        Assert.That(_keys.TrySign(request), Is.Null);
    }

    private void Ask(string name, TlsRole role = TlsRole.Server, string service = "", TestProbe? from = null) =>
        _actor.Tell(new Make(_authority, DoNai.Parse(name), role, service), from ?? _session);

    private void Sign(ECDsa? key = null)
    {
        SignatureRequest request = _tokens.ExpectMsg<TokenProtocol.Sign>(Patience).Request;
        _tokens.Reply(new TokenProtocol.Signed((key ?? Key).SignData(request.Content.Span, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)));
    }

    private SigningAuthority Authority(TimeSpan lifetime)
    {
        var request = new CertificateRequest("CN=Authority", Key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        DateTimeOffset now = _time.GetUtcNow();
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddHours(-1), now + lifetime);
        return SigningAuthority.Read([certificate.RawData], new KeyReference("test:authority"));
    }

    private sealed class NoKeys : ISigningKeys
    {
        public byte[]? TrySign(SignatureRequest request) => null;
    }

    private sealed class Records(List<AuditEvent> records) : IAuditTrail
    {
        public void Record(AuditEvent decision)
        {
            lock (records)
                records.Add(decision);
        }
    }
}
