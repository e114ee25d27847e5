using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NUnit.Framework;
using TlsPool.Crypto.Certificates;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;
using TlsPool.Crypto.Validation;
using Order = TlsPool.Tests.Crypto.TestAuthority.Order;

namespace TlsPool.Tests.Crypto.Validation;

/// <summary>RFC 5280 section 6, rule by rule.</summary>
[Parallelizable(ParallelScope.All)]
public class PathValidatorTests
{
    private static readonly TestAuthority Root = TestAuthority.Root();
    private static readonly TestAuthority Sub = Root.Sub("Sub");
    private static readonly AnchorSet Trusted = Anchors(Root.Certificate);

    private static AnchorSet Anchors(params byte[][] certificates) => new(certificates.Select(der => (ReadOnlyMemory<byte>)der));

    private static PathVerdict Validate(AnchorSet anchors, params byte[][] chain) => Validate(anchors, TlsRole.Server, chain);

    private static PathVerdict Validate(AnchorSet anchors, TlsRole role, params byte[][] chain) =>
        PathValidator.Validate([.. chain.Select(der => (ReadOnlyMemory<byte>)der)], role, anchors, DateTimeOffset.UtcNow);

    private static void AssertAccepted(PathVerdict verdict) => Assert.That(verdict.Facts, Is.Not.Null, verdict.Reason);

    private static void AssertRefused(PathVerdict verdict, params AlertCode[] alerts)
    {
        Assert.That(verdict.Facts, Is.Null);
        Assert.That(alerts, Does.Contain(verdict.Alert), verdict.Reason);
    }

    [Test]
    public void A_path_to_an_anchor_is_accepted()
    {
        AssertAccepted(Validate(Trusted, Root.Issue()));
        AssertAccepted(Validate(Trusted, Sub.Issue(), Sub.Certificate));
        AssertAccepted(Validate(Trusted, Sub.Issue(), Sub.Certificate, Root.Certificate));
    }

    [Test]
    public void The_order_of_a_chain_and_strangers_in_it_do_not_matter()
    {
        TestAuthority third = Sub.Sub("Third");

        AssertAccepted(Validate(Trusted, third.Issue(), TestAuthority.Root("Stranger").Certificate, Sub.Certificate, third.Certificate));
    }

    [Test]
    public void A_certificate_that_is_an_anchor_is_trusted_as_it_is()
    {
        byte[] leaf = TestAuthority.Root("Nobody").Issue();

        AssertAccepted(Validate(Anchors(leaf), leaf));
    }

    [Test]
    public void Nobody_is_trusted_without_anchors()
    {
        AssertRefused(Validate(Anchors(), Root.Issue()), AlertCode.UnknownCa);
        AssertRefused(Validate(Anchors(TestAuthority.Root("Other").Certificate), Root.Issue()), AlertCode.UnknownCa);
        AssertRefused(Validate(Trusted, Sub.Issue()), AlertCode.UnknownCa);
        AssertRefused(Validate(Trusted), AlertCode.BadCertificate);
    }

    [Test]
    public void An_intermediate_authority_may_be_the_anchor()
    {
        TestAuthority third = Sub.Sub("Third");

        AssertAccepted(Validate(Anchors(Sub.Certificate), Sub.Issue()));
        AssertAccepted(Validate(Anchors(Sub.Certificate), third.Issue(), third.Certificate));
    }

    [Test]
    public void A_wrong_signature_is_noticed_everywhere()
    {
        byte[] spoiled = Sub.Issue(new Order { Signer = signer => new TestAuthority.Spoiled(signer) });
        TestAuthority bad = Root.Sub("Bad", new Order { Signer = signer => new TestAuthority.Spoiled(signer) });
        TestAuthority impostor = Sub.Impostor();

        AssertRefused(Validate(Trusted, spoiled, Sub.Certificate), AlertCode.BadCertificate, AlertCode.UnknownCa);
        AssertRefused(Validate(Trusted, bad.Issue(), bad.Certificate), AlertCode.BadCertificate, AlertCode.UnknownCa);
        AssertRefused(Validate(Trusted, impostor.Issue(), impostor.Certificate), AlertCode.UnknownCa);
        AssertRefused(Validate(Trusted, impostor.Issue(), Sub.Certificate), AlertCode.BadCertificate, AlertCode.UnknownCa);
        // The platform calls such a chain partial, not wrong.
        AssertRefused(Validate(Anchors(Sub.Certificate), spoiled), AlertCode.BadCertificate, AlertCode.UnknownCa);
        AssertRefused(Validate(Anchors(Sub.Certificate), impostor.Issue()), AlertCode.BadCertificate, AlertCode.UnknownCa);
    }

    [Test]
    public void Certificates_count_between_their_dates_only()
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        TestAuthority expired = Root.Sub("Expired", new Order { NotBefore = now.AddDays(-9), NotAfter = now.AddDays(-1) });
        TestAuthority early = Root.Sub("Early", new Order { NotBefore = now.AddDays(1), NotAfter = now.AddDays(9) });
        TestAuthority oldRoot = TestAuthority.Root("Old", new Order { NotBefore = now.AddDays(-9), NotAfter = now.AddDays(-1) });

        AssertRefused(Validate(Trusted, Root.Issue(new Order { NotBefore = now.AddDays(-9), NotAfter = now.AddSeconds(-1) })), AlertCode.CertificateExpired);
        AssertRefused(Validate(Trusted, Root.Issue(new Order { NotBefore = now.AddHours(1) })), AlertCode.CertificateExpired);
        AssertRefused(Validate(Trusted, expired.Issue(), expired.Certificate), AlertCode.CertificateExpired);
        AssertRefused(Validate(Trusted, early.Issue(), early.Certificate), AlertCode.CertificateExpired);
        AssertRefused(Validate(Anchors(oldRoot.Certificate), oldRoot.Issue()), AlertCode.CertificateExpired);
    }

    [Test]
    public void The_first_certificate_to_expire_bounds_the_verdict()
    {
        TestAuthority shortLived = Root.Sub("Short", new Order { NotAfter = DateTimeOffset.UtcNow.AddMinutes(3) });

        PathVerdict verdict = Validate(Trusted, shortLived.Issue(), shortLived.Certificate);

        AssertAccepted(verdict);
        Assert.That(verdict.ValidUntil, Is.LessThan(DateTimeOffset.UtcNow.AddMinutes(4)));
    }

    [Test]
    public void Only_authorities_issue()
    {
        TestAuthority noFlag = Root.Sub("NoFlag", new Order { IsAuthority = false });
        TestAuthority noUsage = Root.Sub("NoUsage", new Order { Usage = X509KeyUsageFlags.DigitalSignature });

        AssertRefused(Validate(Trusted, noFlag.Issue(), noFlag.Certificate), AlertCode.BadCertificate, AlertCode.UnknownCa);
        AssertRefused(Validate(Trusted, noUsage.Issue(), noUsage.Certificate), AlertCode.BadCertificate, AlertCode.UnknownCa);
    }

    [Test]
    public void The_length_of_a_path_is_limited_where_an_authority_says_so()
    {
        TestAuthority last = Root.Sub("Last", new Order { PathLength = 0 });
        TestAuthority tooFar = last.Sub("TooFar");

        AssertAccepted(Validate(Trusted, last.Issue(), last.Certificate));
        AssertRefused(Validate(Trusted, tooFar.Issue(), tooFar.Certificate, last.Certificate), AlertCode.BadCertificate);
    }

    [Test]
    public void Keys_are_used_for_what_they_are_made()
    {
        AssertAccepted(Validate(Trusted, Root.Issue(new Order { Usage = X509KeyUsageFlags.DigitalSignature })));
        AssertRefused(Validate(Trusted, Root.Issue(new Order { Usage = X509KeyUsageFlags.KeyEncipherment })), AlertCode.UnsupportedCertificate);
    }

    [Test]
    public void Roles_are_those_of_the_extended_key_usage()
    {
        byte[] server = Root.Issue(new Order { ExtendedUsages = [CertificateRole.Server] });
        byte[] client = Root.Issue(new Order { ExtendedUsages = [CertificateRole.Client] });
        byte[] mail = Root.Issue(new Order { ExtendedUsages = ["1.3.6.1.5.5.7.3.4"] });
        byte[] any = Root.Issue(new Order { ExtendedUsages = ["2.5.29.37.0"] });

        AssertAccepted(Validate(Trusted, TlsRole.Server, server));
        AssertRefused(Validate(Trusted, TlsRole.Client, server), AlertCode.UnsupportedCertificate);
        AssertAccepted(Validate(Trusted, TlsRole.Client, client));
        AssertRefused(Validate(Trusted, TlsRole.Server, client), AlertCode.UnsupportedCertificate);
        AssertRefused(Validate(Trusted, TlsRole.Server, mail), AlertCode.UnsupportedCertificate);
        AssertAccepted(Validate(Trusted, TlsRole.Server, any));
    }

    [Test]
    public void An_authority_for_mail_vouches_for_no_server()
    {
        TestAuthority mail = Root.Sub("Mail", new Order { ExtendedUsages = ["1.3.6.1.5.5.7.3.4"] });
        // A certificate that seems to have an ML-DSA signature makes another validator take over.
        byte[] decoy = TestAuthority.Root("Decoy", new Order { Signer = _ => new TestAuthority.Pretended("2.16.840.1.101.3.4.3.18") }).Certificate;

        AssertRefused(Validate(Trusted, mail.Issue(), mail.Certificate), AlertCode.BadCertificate, AlertCode.UnknownCa);
        AssertRefused(Validate(Trusted, mail.Issue(), mail.Certificate, decoy), AlertCode.BadCertificate, AlertCode.UnknownCa);
    }

    [TestCase("example", true)]
    [TestCase("leaf.example", true)]
    [TestCase("other.example", false)]
    public void Name_constraints_count(string permitted, bool accepted)
    {
        byte[] value = [0x30, (byte)(permitted.Length + 6), 0xa0, (byte)(permitted.Length + 4), 0x30, (byte)(permitted.Length + 2), 0x82, (byte)permitted.Length,
            .. System.Text.Encoding.ASCII.GetBytes(permitted)];
        TestAuthority bound = Root.Sub("Bound", new Order { Extensions = [new X509Extension("2.5.29.30", value, critical: true)] });
        PathVerdict verdict = Validate(Trusted, bound.Issue(), bound.Certificate);

        if (accepted)
            AssertAccepted(verdict);
        else
            AssertRefused(verdict, AlertCode.BadCertificate);
    }

    [Test]
    public void A_critical_extension_that_nobody_knows_is_refused([Values] bool inAuthority)
    {
        var unknown = new X509Extension("1.3.6.1.4.1.99999.1", [5, 0], critical: true);
        TestAuthority authority = Root.Sub("Odd", new Order { Extensions = inAuthority ? [unknown] : [] });

        AssertRefused(
            Validate(Trusted, authority.Issue(new Order { Extensions = inAuthority ? [] : [unknown] }), authority.Certificate),
            AlertCode.BadCertificate);
    }

    [Test]
    public void Weak_keys_and_signatures_vouch_for_nobody()
    {
        TestAuthority small = Root.Sub("Small", new Order { RsaBits = 1024 });
        TestAuthority smallRoot = TestAuthority.Root("SmallRoot", new Order { RsaBits = 1024 });
        TestAuthority rsa = Root.Sub("Rsa", new Order { RsaBits = 2048 });

        AssertAccepted(Validate(Trusted, rsa.Issue(), rsa.Certificate));
        AssertRefused(Validate(Trusted, small.Issue(), small.Certificate), AlertCode.BadCertificate);
        AssertRefused(Validate(Anchors(smallRoot.Certificate), smallRoot.Issue()), AlertCode.BadCertificate);
        AssertRefused(Validate(Trusted, Root.Issue(new Order { RsaBits = 1024 })), AlertCode.BadCertificate);
        AssertRefused(Validate(Trusted, rsa.Issue(new Order { Hash = HashAlgorithmName.MD5 }), rsa.Certificate), AlertCode.BadCertificate);
        AssertRefused(Validate(Trusted, rsa.Issue(new Order { Hash = HashAlgorithmName.SHA1 }), rsa.Certificate), AlertCode.BadCertificate);
    }

    [Test]
    public void An_old_anchor_may_have_signed_itself_weakly()
    {
        TestAuthority old = TestAuthority.Root("OldSchool", new Order { RsaBits = 2048, Hash = HashAlgorithmName.SHA1 });

        AssertAccepted(Validate(Anchors(old.Certificate), old.Issue()));
    }

    [Test]
    public void A_cross_certificate_leads_to_the_other_root()
    {
        TestAuthority other = TestAuthority.Root("Other");
        byte[] cross = Root.CrossSignedBy(other);

        AssertAccepted(Validate(Anchors(other.Certificate), Sub.Issue(), Sub.Certificate, cross));
        AssertAccepted(Validate(Anchors(other.Certificate), Sub.Issue(), Sub.Certificate, Root.Certificate, cross));
    }

    [Test]
    public void Namesakes_among_the_anchors_are_told_apart()
    {
        TestAuthority renewed = Root.Impostor();

        AssertAccepted(Validate(Anchors(renewed.Certificate, Root.Certificate), Root.Issue()));
        AssertAccepted(Validate(Anchors(Root.Certificate, renewed.Certificate), Root.Issue()));
        AssertAccepted(Validate(Anchors(Root.Certificate, renewed.Certificate), renewed.Issue()));
    }

    [Test]
    public void Chains_that_are_too_long_or_go_in_circles_are_refused()
    {
        TestAuthority one = TestAuthority.Root("One"), two = TestAuthority.Root("Two");
        byte[] leaf = Root.Issue();

        AssertRefused(Validate(Trusted, [leaf, .. Enumerable.Repeat(Sub.Certificate, 16)]), AlertCode.BadCertificate);
        AssertRefused(Validate(Trusted, one.Issue(), one.CrossSignedBy(two), two.CrossSignedBy(one)), AlertCode.UnknownCa, AlertCode.BadCertificate);
    }

    [TestCase("not a certificate")]
    [TestCase("")]
    public void Garbage_is_refused(string text)
    {
        byte[] garbage = System.Text.Encoding.ASCII.GetBytes(text);

        AssertRefused(Validate(Trusted, garbage), AlertCode.BadCertificate);
        AssertRefused(Validate(Trusted, Root.Issue(), garbage), AlertCode.BadCertificate);
        AssertRefused(Validate(Trusted, [.. Root.Issue()[..^10]]), AlertCode.BadCertificate);
    }
}
