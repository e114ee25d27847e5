using NUnit.Framework;
using TlsPool.Actors.Disclosure;
using TlsPool.Protocol.Identities;

namespace TlsPool.Tests.Actors.Disclosure;

[Parallelizable(ParallelScope.All)]
public sealed class DisclosureRulesTests
{
    private static DisclosureRules Rules(params (string Remote, string[] Shown)[] rules) => new(rules.SelectMany(rule => rule.Shown.Select(shown =>
        new DisclosureEntry(0, Selector.Parse(rule.Remote), Disclosed.TryParse(shown, out Disclosed? parsed) ? parsed : throw new FormatException()))));

    private static DisclosureDecision Decide(DisclosureRules rules, string remote, string suggestion = "", string missing = "none") =>
        rules.Decide(remote, suggestion, identity => identity.ToString() == missing ? $"{identity} is missing" : null);

    [TestCase("")]
    [TestCase("john@a.example")]
    [TestCase("no identity")]
    public void Without_rules_the_suggestion_stands(string suggestion)
    {
        DisclosureDecision decision = Decide(DisclosureRules.Empty, "www.example.com", suggestion);
        Assert.That((decision.Allowed, decision.LocalId, decision.Key), Is.EqualTo((true, suggestion, (Selector?)null)));
        Assert.That(Decide(Rules((".example.org", ["mary@a.example"])), "www.example.com", suggestion).LocalId, Is.EqualTo(suggestion), "no rule matches");
    }

    [TestCase("www.example.com", "one@a.example")]
    [TestCase("mail.example.com", "two@a.example")]
    [TestCase("a.mail.example.com", "two@a.example")]
    [TestCase("example.com", "three@a.example")]
    [TestCase("example.org", "four@a.example")]
    [TestCase("john@example.com", "five@a.example")]
    [TestCase("john@www.example.com", "six@a.example")]
    public void The_first_selector_with_entries_decides(string remote, string expected) =>
        Assert.That(
            Decide(
                Rules(
                    ("www.example.com", ["one@a.example"]),
                    (".example.com", ["two@a.example"]),
                    (".com", ["three@a.example"]),
                    (".", ["four@a.example"]),
                    ("@example.com", ["five@a.example"]),
                    ("@.", ["six@a.example"])),
                remote).LocalId,
            Is.EqualTo(expected));

    [Test]
    public void A_suggestion_that_is_listed_is_used_wherever_it_is_listed() =>
        Assert.That(Decide(Rules((".", ["one@a.example", "-", "two@a.example"])), "b.example", "TWO@a.example").LocalId, Is.EqualTo("TWO@a.example"));

    [Test]
    public void A_suggestion_that_is_not_listed_is_replaced_by_the_first_that_can_be_used()
    {
        DisclosureRules rules = Rules((".", ["one@a.example", "two@a.example"]));
        Assert.That(Decide(rules, "b.example", "three@a.example").LocalId, Is.EqualTo("one@a.example"));
        Assert.That(Decide(rules, "b.example", "three@a.example", missing: "one@a.example").LocalId, Is.EqualTo("two@a.example"));
        Assert.That(Decide(rules, "b.example", "three@a.example").Reason, Is.EqualTo("the disclosure rule for . shows one@a.example, and not three@a.example"));
    }

    [Test]
    public void Whoever_lists_nobody_that_can_be_used_refuses()
    {
        DisclosureDecision decision = Decide(Rules(("b.example", ["one@a.example"])), "b.example", missing: "one@a.example");
        Assert.That(decision.Allowed, Is.False);
        Assert.That(decision.Reason, Is.EqualTo("the disclosure rule for b.example lists nobody that can be used (one@a.example is missing)"));
    }

    [Test]
    public void Nobody_goes_without_and_refuse_refuses_those_who_suggest_somebody()
    {
        DisclosureRules nobody = Rules((".", ["one@a.example", "-"])), refuse = Rules((".", ["one@a.example", "!"]));
        Assert.That(Decide(nobody, "b.example", "two@a.example", missing: "one@a.example"), Has.Property("Allowed").True.And.Property("LocalId").Empty);
        Assert.That(Decide(refuse, "b.example", "two@a.example", missing: "one@a.example").Allowed, Is.False);
        Assert.That(Decide(refuse, "b.example", "", missing: "one@a.example"), Has.Property("Allowed").True.And.Property("LocalId").Empty);
    }

    [TestCase("")]
    [TestCase("::1")]
    [TestCase("not an identity")]
    public void Who_does_not_say_with_whom_he_talks_does_not_get_past_the_rules_for_everybody(string remote)
    {
        Assert.That(Decide(Rules((".", ["-"])), remote, "john@a.example").LocalId, Is.Empty);
        Assert.That(Decide(Rules(("@.", ["!"])), remote, "john@a.example").Allowed, Is.False);
        Assert.That(Decide(Rules((".example", ["!"])), remote, "john@a.example").LocalId, Is.EqualTo("john@a.example"));
    }

    [Test]
    public void All_selectors_that_match_are_found_with_their_levels() =>
        Assert.That(
            Rules((".", ["-"]), ("www.example.com", ["a.example"]), (".org", ["-"]), (".com", ["b.example", "c.example"]))
                .Search("www.example.com").Select(key => $"{key.Selector} {key.Level} {key.Entries.Count}"),
            Is.EqualTo(new[] { "www.example.com 0 1", ".com 2 2", ". 3 1" }));
}
