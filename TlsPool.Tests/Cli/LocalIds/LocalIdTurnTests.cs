using NUnit.Framework;
using TlsPool.Cli.LocalIds;

namespace TlsPool.Tests.Cli.LocalIds;

/// <summary>What the pool showed and asked, put together.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class LocalIdTurnTests
{
    private static readonly StoredEntry Near = new(".example.com", 1, "john@a.example");
    private static readonly StoredEntry Far = new(".", 3, "");

    [Test]
    public void What_was_shown_for_a_session_that_was_given_up_stays_out()
    {
        StoredEntry[] shown = [new(".other.example", 1, "secret@a.example"), new("nonsense", 0, "x@a.example"), Near with { Level = 2 }, Near, Far, Near];
        Assert.That(LocalIdTurn.Of("www.example.com", "", 1, shown).Stored, Is.EqualTo(new[] { Near, Far }));
    }

    [TestCase("www.example.com", 1, "www.example.com .example.com")]
    [TestCase("john@www.example.com", 2, "john@www.example.com @www.example.com @.example.com")]
    [TestCase("www.example.com", 0, "www.example.com")]
    [TestCase("com", ushort.MaxValue, "com .")]
    [TestCase("", 1, "")]
    [TestCase("no identity", 1, "")]
    public void A_choice_is_stored_for_what_the_pool_takes(string remote, int levels, string expected) =>
        Assert.That(string.Join(' ', LocalIdTurn.Of(remote, "", levels, []).Selectors), Is.EqualTo(expected));

    [Test]
    public void Without_a_remote_identity_the_rules_for_everybody_count() =>
        Assert.That(LocalIdTurn.Of("", "", 0, [Near, Far with { Level = 0 }]).Stored, Is.EqualTo(new[] { Far with { Level = 0 } }));
}
