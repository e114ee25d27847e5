using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NUnit.Framework;
using TlsPool.Crypto.Certificates;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Validation;

namespace TlsPool.Tests.Crypto.Validation;

/// <summary>RFC 9525 for domains, rfc822Name for users.</summary>
[Parallelizable(ParallelScope.All)]
public class NameMatcherTests
{
    private const byte Mail = 0x81, Dns = 0x82, Address = 0x87;

    /// <summary>A certificate with general names as they are given, also those that no builder would make.</summary>
    private static CertificateFacts Facts(string commonName, params (byte Tag, byte[] Value)[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=\"{commonName}\"", key, HashAlgorithmName.SHA256);
        byte[] content = [.. names.SelectMany(name => (byte[])[name.Tag, (byte)name.Value.Length, .. name.Value])];
        if (names.Length > 0)
            request.CertificateExtensions.Add(new X509Extension("2.5.29.17", [0x30, (byte)content.Length, .. content], critical: false));
        using X509Certificate2 made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return CertificateFacts.Read(made.RawData);
    }

    private static CertificateFacts DnsFacts(string name) => Facts("nobody", (Dns, System.Text.Encoding.ASCII.GetBytes(name)));

    private static CertificateFacts MailFacts(string name) => Facts("nobody", (Mail, System.Text.Encoding.ASCII.GetBytes(name)));

    [TestCase("www.example.com", "www.example.com", true)]
    [TestCase("WWW.Example.COM", "www.example.com", true)]
    [TestCase("www.example.com", "WWW.EXAMPLE.com", true)]
    [TestCase("www.example.com.", "www.example.com", true)]
    [TestCase("www.example.com", "example.com", false)]
    [TestCase("example.com", "www.example.com", false)]
    [TestCase("*.example.com", "www.example.com", true)]
    [TestCase("*.example.com", "example.com", false)]
    [TestCase("*.example.com", "a.www.example.com", false)]
    [TestCase("*.EXAMPLE.com", "www.example.COM", true)]
    [TestCase("*.com", "example.com", false)]
    [TestCase("*", "example.com", false)]
    [TestCase("*.", "com", false)]
    [TestCase("w*.example.com", "www.example.com", false)]
    [TestCase("*w.example.com", "www.example.com", false)]
    [TestCase("www.*.com", "www.example.com", false)]
    [TestCase("*.*.com", "www.example.com", false)]
    [TestCase("xn--*.example", "xn--a.example", false)]
    [TestCase("xn--bcher-kva.example", "bücher.example", true)]
    [TestCase("xn--bcher-kva.example", "BÜCHER.example", true)]
    [TestCase("xn--bcher-kva.example", "xn--bcher-kva.example", true)]
    [TestCase("*.xn--bcher-kva.example", "www.bücher.example", true)]
    [TestCase("*.example.com", "bücher.example.com", true)]
    [TestCase("", "example.com", false)]
    [TestCase("www.example.com\0.evil.example", "www.example.com", false)]
    [TestCase("www.example.com\0", "www.example.com", false)]
    [TestCase(" www.example.com", "www.example.com", false)]
    [TestCase("user@example.com", "example.com", false)]
    [TestCase("127.0.0.1", "127.0.0.1", false)]
    public void Domains_match_by_dNSName(string inCertificate, string requested, bool matches) => Assert.That(
        NameMatcher.Match(DnsFacts(inCertificate), requested, domainRepresentsUser: false, commonName: false), matches ? Is.Not.Null : Is.Null);

    [TestCase("user@example.com", "user@example.com", true)]
    [TestCase("user@EXAMPLE.com", "user@example.com", true)]
    [TestCase("other@example.com", "user@example.com", false)]
    [TestCase("example.com", "user@example.com", false)]
    [TestCase(".example.com", "user@www.example.com", false)]
    [TestCase("*@example.com", "user@example.com", false)]
    [TestCase("user@*.example.com", "user@www.example.com", false)]
    [TestCase("user@example.com\0", "user@example.com", false)]
    [TestCase("user@example.com", "example.com", false)]
    public void Users_match_by_rfc822Name(string inCertificate, string requested, bool matches) => Assert.That(
        NameMatcher.Match(MailFacts(inCertificate), requested, domainRepresentsUser: true, commonName: false), matches ? Is.Not.Null : Is.Null);

    [Test]
    public void A_domain_speaks_for_its_users_only_where_it_may()
    {
        CertificateFacts facts = DnsFacts("example.com");

        Assert.That(NameMatcher.Match(facts, "user@example.com", domainRepresentsUser: true, commonName: false), Is.EqualTo("example.com"));
        Assert.That(NameMatcher.Match(facts, "user@example.com", domainRepresentsUser: false, commonName: false), Is.Null);
        Assert.That(NameMatcher.Match(facts, "user@other.example", domainRepresentsUser: true, commonName: false), Is.Null);
        Assert.That(NameMatcher.Match(DnsFacts("*.example.com"), "user@www.example.com", domainRepresentsUser: true, commonName: false), Is.EqualTo("www.example.com"));
    }

    [Test]
    public void Addresses_match_by_iPAddress_only()
    {
        CertificateFacts facts = Facts("nobody", (Address, [127, 0, 0, 1]), (Address, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]));

        Assert.That(NameMatcher.Match(facts, "127.0.0.1", domainRepresentsUser: false, commonName: false), Is.Not.Null);
        Assert.That(NameMatcher.Match(facts, "::1", domainRepresentsUser: false, commonName: false), Is.Not.Null);
        Assert.That(NameMatcher.Match(facts, "127.0.0.2", domainRepresentsUser: false, commonName: false), Is.Null);
        Assert.Throws<CertificateException>(() => Facts("nobody", (Address, [127, 0, 0])));
    }

    [Test]
    public void A_common_name_counts_only_where_it_is_switched_on_and_nothing_better_is_there()
    {
        CertificateFacts bare = Facts("www.example.com");
        CertificateFacts both = Facts("www.example.com", (Dns, "other.example.com"u8.ToArray()));
        CertificateFacts mail = Facts("www.example.com", (Mail, "user@example.com"u8.ToArray()));

        Assert.That(NameMatcher.Match(bare, "www.example.com", domainRepresentsUser: false, commonName: false), Is.Null);
        Assert.That(NameMatcher.Match(bare, "www.example.com", domainRepresentsUser: false, commonName: true), Is.EqualTo("www.example.com"));
        Assert.That(NameMatcher.Match(both, "www.example.com", domainRepresentsUser: false, commonName: true), Is.Null);
        Assert.That(NameMatcher.Match(mail, "www.example.com", domainRepresentsUser: false, commonName: true), Is.Null);
        Assert.That(NameMatcher.Match(Facts("not a domain"), "not a domain", domainRepresentsUser: false, commonName: true), Is.Null);
    }

    [Test]
    public void A_peer_that_was_not_named_is_reported_by_its_first_usable_name()
    {
        CertificateFacts facts = Facts("nobody", (Dns, "*.example.com"u8.ToArray()), (Dns, "www.example.com"u8.ToArray()), (Mail, "user@example.com"u8.ToArray()));

        Assert.That(NameMatcher.Identify(facts, TlsRole.Server, commonName: false), Is.EqualTo("www.example.com"));
        Assert.That(NameMatcher.Identify(facts, TlsRole.Client, commonName: false), Is.EqualTo("user@example.com"));
        Assert.That(NameMatcher.Identify(DnsFacts("*.example.com"), TlsRole.Server, commonName: false), Is.Null);
        Assert.That(NameMatcher.Identify(Facts("www.example.com"), TlsRole.Server, commonName: false), Is.Null);
    }
}
