using NUnit.Framework;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;
using TlsPool.Crypto.Validation;
using Order = TlsPool.Tests.Crypto.TestAuthority.Order;

namespace TlsPool.Tests.Crypto.Validation;

/// <summary>Verdicts, and how long they are remembered.</summary>
[Parallelizable(ParallelScope.All)]
public class PeerValidatorTests
{
    private static readonly TestAuthority Root = TestAuthority.Root();

    private static PeerEvidence Evidence(byte[] leaf, string remoteId = "leaf.example", TlsRole localRole = TlsRole.Client, bool ignoreCaches = false) =>
        new(localRole, [leaf], default, remoteId, DomainRepresentsUser: false, "", "", ignoreCaches);

    private static PeerValidator Validator(ManualTime time, params byte[][] anchors) =>
        new(new AnchorSet(anchors.Select(der => (ReadOnlyMemory<byte>)der)), time);

    private static async Task<PeerVerdict> JudgeAsync(PeerValidator validator, PeerEvidence evidence) =>
        await validator.ValidateAsync(evidence, CancellationToken.None);

    [Test]
    public async Task A_good_peer_passes_under_the_name_that_was_asked_for()
    {
        using PeerValidator validator = Validator(new ManualTime(), Root.Certificate);
        byte[] leaf = Root.Issue();

        Assert.That(await JudgeAsync(validator, Evidence(leaf)), Is.EqualTo(new PeerVerdict(true, "leaf.example", AlertCode.CloseNotify, "")));
        PeerVerdict other = await JudgeAsync(validator, Evidence(leaf, "other.example"));
        Assert.That(other.Accepted, Is.False);
        Assert.That(other.Reason, Does.Contain("leaf.example").And.Contains("other.example"));
        Assert.That((await JudgeAsync(validator, Evidence(leaf, ""))).RemoteId, Is.EqualTo("leaf.example"));
    }

    [Test]
    public async Task A_verdict_is_remembered_for_its_chain_and_role()
    {
        using PeerValidator validator = Validator(new ManualTime(), Root.Certificate);
        byte[] leaf = Root.Issue(new Order { ExtendedUsages = ["1.3.6.1.5.5.7.3.1"] });
        await JudgeAsync(validator, Evidence(leaf));

        Task<PeerVerdict> again = JudgeAsync(validator, Evidence(leaf));
        Assert.That(again.IsCompleted, Is.True);
        Assert.That((await again).Accepted, Is.True);
        Assert.That((await JudgeAsync(validator, Evidence(leaf, localRole: TlsRole.Server))).Alert, Is.EqualTo(AlertCode.UnsupportedCertificate));
        Assert.That((await JudgeAsync(validator, Evidence(leaf))).Accepted, Is.True);
    }

    [Test]
    public async Task A_remembered_verdict_ends_with_the_first_certificate_of_the_path()
    {
        var time = new ManualTime();
        TestAuthority sub = Root.Sub("Sub", new Order { NotAfter = time.Now.AddMinutes(2) });
        using PeerValidator validator = Validator(time, Root.Certificate);
        PeerEvidence evidence = Evidence(sub.Issue());
        evidence = evidence with { Chain = [.. evidence.Chain, sub.Certificate] };

        Assert.That((await JudgeAsync(validator, evidence)).Accepted, Is.True);
        time.Now = time.Now.AddMinutes(3);
        Assert.That((await JudgeAsync(validator, evidence)).Alert, Is.EqualTo(AlertCode.CertificateExpired));
    }

    [Test]
    public async Task A_change_of_trust_forgets_all_verdicts()
    {
        using PeerValidator validator = Validator(new ManualTime(), Root.Certificate);
        byte[] leaf = Root.Issue();
        Assert.That((await JudgeAsync(validator, Evidence(leaf))).Accepted, Is.True);

        validator.Anchors = new AnchorSet([]);
        Assert.That((await JudgeAsync(validator, Evidence(leaf))).Alert, Is.EqualTo(AlertCode.UnknownCa));
        validator.Anchors = new AnchorSet([Root.Certificate]);
        Assert.That((await JudgeAsync(validator, Evidence(leaf))).Accepted, Is.True);
    }

    [Test]
    public async Task Caches_are_passed_by_where_asked()
    {
        var time = new ManualTime();
        using PeerValidator validator = Validator(time, Root.Certificate);
        byte[] leaf = Root.Issue();
        await JudgeAsync(validator, Evidence(leaf));
        Assert.That((await JudgeAsync(validator, Evidence(leaf, ignoreCaches: true))).Accepted, Is.True);

        // Back before the certificate began: only a fresh look sees that.
        time.Now = time.Now.AddDays(-2);
        Assert.That((await JudgeAsync(validator, Evidence(leaf))).Accepted, Is.True);
        Assert.That((await JudgeAsync(validator, Evidence(leaf, ignoreCaches: true))).Alert, Is.EqualTo(AlertCode.CertificateExpired));
    }

    [Test]
    public async Task Many_peers_do_not_fill_the_memory()
    {
        using PeerValidator validator = Validator(new ManualTime(), Root.Certificate);
        byte[] leaf = Root.Issue();
        for (int i = 0; i < 5000; i++)
            Assert.That((await JudgeAsync(validator, Evidence([.. leaf[..^4], .. BitConverter.GetBytes(i)]))).Accepted, Is.False);
        Assert.That((await JudgeAsync(validator, Evidence(leaf))).Accepted, Is.True);
    }

    [Test]
    public async Task Names_of_a_certificate_cannot_forge_log_lines()
    {
        using PeerValidator validator = Validator(new ManualTime());
        TestAuthority evil = TestAuthority.Root("Evil\nname");

        Assert.That((await JudgeAsync(validator, Evidence(evil.Issue()))).Reason, Does.Not.Contain("\n"));
        Assert.That((await JudgeAsync(validator, Evidence(evil.Certificate))).Reason, Does.Not.Contain("\n"));
    }

    private sealed class ManualTime : TimeProvider
    {
        internal DateTimeOffset Now { get; set; } = DateTimeOffset.UtcNow;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
