using NUnit.Framework;
using TlsPool.Protocol.Identities;

namespace TlsPool.Tests.Protocol.Identities;

[TestFixture]
public sealed class SelectorTests
{
    [TestCase("john@www.example.com", "john@www.example.com @www.example.com @.example.com @.com @.")]
    [TestCase("www.example.com", "www.example.com .example.com .com .")]
    [TestCase("localhost", "localhost .")]
    [TestCase("John@BÜCHER.example", "John@xn--bcher-kva.example @xn--bcher-kva.example @.example @.")]
    public void Search_goes_from_the_concrete_to_the_general(string identity, string order) =>
        Assert.That(string.Join(' ', Selector.Search(DoNai.Parse(identity))), Is.EqualTo(order));

    [TestCase("example.com", "example.com", true)]
    [TestCase("example.com", "www.example.com", false)]
    [TestCase("example.com", "john@example.com", false)]
    [TestCase("john@example.com", "JOHN@example.com", true)]
    [TestCase("john@example.com", "mary@example.com", false)]
    [TestCase("@example.com", "mary@example.com", true)]
    [TestCase("@example.com", "example.com", false)]
    [TestCase("@example.com", "mary@www.example.com", false)]
    [TestCase(".example.com", "www.example.com", true)]
    [TestCase(".example.com", "a.b.example.com", true)]
    [TestCase(".example.com", "example.com", false)]
    [TestCase(".example.com", "badexample.com", false)]
    [TestCase(".example.com", "mary@www.example.com", false)]
    [TestCase("@.example.com", "mary@www.example.com", true)]
    [TestCase("@.example.com", "mary@example.com", false)]
    [TestCase(".", "localhost", true)]
    [TestCase(".", "mary@localhost", false)]
    [TestCase("@.", "mary@localhost", true)]
    [TestCase("@.", "localhost", false)]
    [TestCase(".BÜCHER.example", "www.xn--bcher-kva.example", true)]
    public void Selector_matches(string selector, string identity, bool expected) =>
        Assert.That(Selector.Parse(selector).Matches(DoNai.Parse(identity)), Is.EqualTo(expected));

    [TestCase("")]
    [TestCase("@")]
    [TestCase("..")]
    [TestCase("@..")]
    [TestCase("@.@")]
    [TestCase("john@.example.com")]
    [TestCase("@@example.com")]
    [TestCase("@exa mple.com")]
    [TestCase(".example..com")]
    public void Anything_else_is_no_selector(string text) => Assert.That(Selector.TryParse(text, out _), Is.False);

    [Test]
    public void Levels_count_the_steps_up()
    {
        DoNai identity = DoNai.Parse("john@www.example.com");
        Assert.Multiple(() =>
        {
            Assert.That(Selector.Parse("john@www.example.com").LevelsAbove(identity), Is.Zero);
            Assert.That(Selector.Parse("@www.example.com").LevelsAbove(identity), Is.EqualTo(1));
            Assert.That(Selector.Parse("@.").LevelsAbove(identity), Is.EqualTo(4));
            Assert.That(Selector.Parse("@.org").LevelsAbove(identity), Is.EqualTo(-1));
            Assert.That(Selector.Parse(".").LevelsAbove(identity), Is.EqualTo(-1));
        });
    }

    [Test]
    public void Users_match_with_case_where_configured()
    {
        Selector selector = Selector.Parse("John@example.com");
        Assert.That(selector.Matches(DoNai.Parse("john@example.com"), DoNaiComparer.Exact), Is.False);
    }
}
