using NUnit.Framework;
using TlsPool.Actors.Access;
using TlsPool.Actors.Storage;
using TlsPool.Crypto.Handshakes;
using TlsPool.Protocol.Identities;

namespace TlsPool.Tests.Actors.Access;

[Parallelizable(ParallelScope.All)]
public sealed class AccessRulesTests
{
    private static readonly AccessRequest Somebody = new(1000, [1000, 27], "/run/pool.sock", TlsRole.Client, "imap");

    private static AccessRule Rule(
        string selector, uint? user = null, uint? group = null, string socket = "", IdentityRoles roles = IdentityRoles.Both, string service = "") =>
        new(1, Selector.Parse(selector), user, group, socket, roles, service);

    [Test]
    public void Without_rules_everything_is_open() =>
        Assert.That(AccessRules.Empty.Check("anybody@a.example", Somebody).Allowed);

    [Test]
    public void A_rule_opens_an_identity_to_somebody_and_closes_it_to_everybody_else()
    {
        var rules = new AccessRules([Rule("john@a.example", user: 1000)]);
        Assert.That(rules.Check("john@a.example", Somebody).Allowed);
        AccessVerdict refused = rules.Check("JOHN@a.example", Somebody with { User = 0 });
        Assert.That(refused.Allowed, Is.False, "root is nobody special");
        Assert.That(refused.Reason, Is.EqualTo("the access rules for john@a.example do not let in uid 0 as client for imap at /run/pool.sock"));
        Assert.That(rules.Check("mary@a.example", Somebody with { User = 0 }).Allowed, "no rule names her");
        Assert.That(rules.Check("no identity", Somebody).Allowed, Is.False);
    }

    [TestCase(1000u, true)]
    [TestCase(27u, true)]
    [TestCase(28u, false)]
    public void Any_group_of_the_application_counts(uint group, bool allowed) =>
        Assert.That(new AccessRules([Rule("a.example", group: group)]).Check("a.example", Somebody).Allowed, Is.EqualTo(allowed));

    [Test]
    public void All_conditions_of_a_rule_have_to_hold()
    {
        AccessRule all = Rule("a.example", 1000, 27, "/run/pool.sock", IdentityRoles.Client, "IMAP");
        bool Check(AccessRequest request) => new AccessRules([all]).Check("a.example", request).Allowed;
        Assert.That(Check(Somebody));
        Assert.That(
            new[]
            {
                Somebody with { User = 1001 }, Somebody with { Groups = [1000] }, Somebody with { Socket = "" },
                Somebody with { Role = TlsRole.Server }, Somebody with { Service = "smtp" },
            }.Where(Check),
            Is.Empty);
    }

    [Test]
    public void The_most_concrete_selector_with_rules_decides_alone()
    {
        var rules = new AccessRules([Rule("@.", user: 1), Rule("@a.example", user: 1000), Rule("root@a.example", roles: IdentityRoles.None)]);
        Assert.That(rules.Check("john@a.example", Somebody).Allowed);
        Assert.That(rules.Check("john@b.example", Somebody).Allowed, Is.False);
        Assert.That(rules.Check("root@a.example", Somebody).Allowed, Is.False, "nobody may");
        Assert.That(rules.Check("root@a.example", Somebody with { User = 1 }).Allowed, Is.False);
        Assert.That(rules.Check("a.example", Somebody with { User = 5 }).Allowed, "selectors of users say nothing about domains");
    }
}
