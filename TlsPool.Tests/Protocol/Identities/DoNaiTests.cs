using NUnit.Framework;
using TlsPool.Protocol.Identities;

namespace TlsPool.Tests.Protocol.Identities;

[TestFixture]
public sealed class DoNaiTests
{
    [TestCase("example.com", null, "example.com")]
    [TestCase("WWW.Example.COM", null, "www.example.com")]
    [TestCase("www.example.com.", null, "www.example.com")]
    [TestCase("john@example.com", "john", "example.com")]
    [TestCase("John.Doe+tag@Example.com", "John.Doe+tag", "example.com")]
    [TestCase("localhost", null, "localhost")]
    [TestCase("_dmarc.example.com", null, "_dmarc.example.com")]
    [TestCase("bücher.example", null, "xn--bcher-kva.example")]
    [TestCase("BÜCHER.example", null, "xn--bcher-kva.example")]
    [TestCase("XN--BCHER-KVA.example", null, "xn--bcher-kva.example")]
    [TestCase("jürgen@bücher.example", "jürgen", "xn--bcher-kva.example")]
    public void Identity_is_read(string text, string? user, string domain)
    {
        DoNai identity = DoNai.Parse(text);
        Assert.That((identity.User, identity.Domain), Is.EqualTo((user, domain)));
    }

    [TestCase("")]
    [TestCase("@")]
    [TestCase("@example.com")]
    [TestCase("john@")]
    [TestCase("a@b@example.com")]
    [TestCase(".example.com")]
    [TestCase("john@.example.com")]
    [TestCase("example..com")]
    [TestCase("-a.example")]
    [TestCase("a-.example")]
    [TestCase("exa mple.com")]
    [TestCase("exa/mple.com")]
    [TestCase("*.example.com")]
    [TestCase("jo hn@example.com")]
    [TestCase("jo\nhn@example.com")]
    [TestCase("jo\0hn@example.com")]
    [TestCase("example.com\0.evil.example")]
    [TestCase("xn--0.example")]
    [TestCase(".john@example.com", Description = "a selector's dot")]
    [TestCase("jo\ufffehn@example.com", Description = "no character")]
    [TestCase("b\u00fccher.ab--c.example", Description = "its A-label form would not be read again")]
    [TestCase(".")]
    [TestCase("..")]
    public void Anything_else_is_no_identity(string text) => Assert.That(DoNai.TryParse(text, out _), Is.False);

    [Test]
    public void Identity_fits_its_field_in_A_label_form()
    {
        string longest = new string('u', DoNai.MaxBytes - 12) + "@example.com";
        Assert.Multiple(() =>
        {
            Assert.That(DoNai.TryParse(longest, out _), Is.True);
            Assert.That(DoNai.TryParse("u" + longest, out _), Is.False);
            Assert.That(DoNai.TryParse(new string('a', 63) + ".example", out _), Is.True);
            Assert.That(DoNai.TryParse(new string('a', 64) + ".example", out _), Is.False);
            Assert.That(DoNai.TryParse(new string('ü', 60) + "@example.com", out _), Is.False, "120 bytes and 12");
        });
    }

    [Test]
    public void Domains_and_users_compare_without_case()
    {
        Assert.Multiple(() =>
        {
            Assert.That(DoNai.Parse("John@Example.com"), Is.EqualTo(DoNai.Parse("john@example.COM")));
            Assert.That(DoNai.Parse("John@Example.com").GetHashCode(), Is.EqualTo(DoNai.Parse("john@example.COM").GetHashCode()));
            Assert.That(DoNai.Parse("John@Example.com").Key, Is.EqualTo("john@example.com"));
            Assert.That(DoNai.Parse("ΣΑΣ@example.com"), Is.EqualTo(DoNai.Parse("σας@example.com")));
            Assert.That(DoNai.Parse("ΣΑΣ@example.com").Key, Is.EqualTo(DoNai.Parse("σας@example.com").Key));
            Assert.That(DoNai.Parse("bücher.example"), Is.EqualTo(DoNai.Parse("xn--bcher-kva.EXAMPLE")));
            Assert.That(DoNai.Parse("example.com"), Is.Not.EqualTo(DoNai.Parse("john@example.com")));
            Assert.That(DoNai.Parse("john@example.com").ToDomain(), Is.EqualTo(DoNai.Parse("example.com")));
        });
    }

    [Test]
    public void Users_compare_with_case_where_configured()
    {
        DoNai upper = DoNai.Parse("John@Example.com");
        Assert.Multiple(() =>
        {
            Assert.That(DoNaiComparer.Exact.Equals(upper, DoNai.Parse("john@example.com")), Is.False);
            Assert.That(DoNaiComparer.Exact.Equals(upper, DoNai.Parse("John@EXAMPLE.com")), Is.True);
        });
    }

    [Test]
    public void Composed_and_decomposed_letters_are_one_user() =>
        Assert.That(DoNai.Parse("ju\u0308rgen@a.example"), Is.EqualTo(DoNai.Parse("j\u00fcrgen@a.example")));
}
