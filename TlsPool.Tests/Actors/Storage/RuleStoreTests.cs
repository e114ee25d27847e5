using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using TlsPool.Actors.Access;
using TlsPool.Actors.Disclosure;
using TlsPool.Actors.Storage;
using TlsPool.Crypto.Handshakes;
using TlsPool.Protocol.Identities;

namespace TlsPool.Tests.Actors.Storage;

/// <summary>Disclosure entries and access rules in the database.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable]
public sealed class RuleStoreTests
{
    private static readonly Selector Remote = Selector.Parse(".example.com");
    private static readonly AccessRequest Somebody = new(1000, [1000], "", TlsRole.Client, "");

    private string _directory = "";
    private PoolDatabase _database = null!;
    private DisclosureStore _disclosure = null!;
    private AccessStore _access = null!;

    [SetUp]
    public void Open()
    {
        _directory = Directory.CreateTempSubdirectory("tlspool-test-").FullName;
        _database = PoolDatabase.Open(_directory);
        (_disclosure, _access) = (new DisclosureStore(_database), new AccessStore(_database));
    }

    [TearDown]
    public void Close()
    {
        _database.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Test]
    public void Entries_keep_the_order_in_which_they_were_put()
    {
        Assert.That(_disclosure.Add(Remote, Shown("b", "c"), atFront: false), Is.EqualTo(2));
        Assert.That(_disclosure.Add(Remote, Shown("a", "A", "b"), atFront: true), Is.EqualTo(1), "b is there, A is a");
        Assert.That(_disclosure.Add(Remote, [Disclosed.Nobody], atFront: false), Is.EqualTo(1));
        _disclosure.Add(Selector.Parse("."), Shown("z"), atFront: false);
        Assert.That(Entries(), Is.EqualTo("a b c -"));
        Assert.That(_disclosure.Remove(Remote.Key, [.. Shown("a", "x"), Disclosed.Nobody]), Is.EqualTo(2));
        Assert.That(Entries(), Is.EqualTo("b c"));
        Assert.That(_disclosure.Remove(Remote.Key, []), Is.EqualTo(2));
        Assert.That(Entries(), Is.Empty);
    }

    [TestCase("c", true, true, false, "c a b")]
    [TestCase("c", false, true, false, "a b c")]
    [TestCase("b", true, true, false, "a b")]
    [TestCase("b", true, true, true, "b a")]
    [TestCase("b", true, false, true, "b a")]
    [TestCase("a", false, true, true, "b a")]
    [TestCase("c", true, false, true, "a b")]
    public void Choices_are_inserted_appended_and_moved(string user, bool atFront, bool adds, bool moves, string expected)
    {
        _disclosure.Add(Remote, Shown("a", "b"), atFront: false);
        _disclosure.Apply(new DisclosureChange(Remote, Shown(user)[0], atFront, adds, moves));
        Assert.That(Entries(), Is.EqualTo(expected));
    }

    [Test]
    public void A_rule_is_there_once_and_comes_back_as_it_was_added()
    {
        var rule = new AccessRule(0, Selector.Parse("@A.example"), uint.MaxValue - 1, Group: null, "/run/x;'--", IdentityRoles.Server, "http");
        Assert.That(_access.TryAdd(rule));
        Assert.That(_access.TryAdd(rule), Is.False);
        Assert.That(_access.TryAdd(rule with { Group = 0 }));
        IReadOnlyList<AccessRule> rules = _access.List(out _);
        Assert.That(rules[0] with { Id = 0 }, Is.EqualTo(rule));
        Assert.That(_access.Remove(rules.Select(one => one.Id)), Is.EqualTo(2));
        Assert.That(_access.List(out _), Is.Empty);
    }

    [TestCase("UPDATE disclosure SET localid = 'not an identity' WHERE localid = 'b@a.example'", "in.example.com", false)]
    [TestCase("UPDATE disclosure SET selector = 'not a selector' WHERE localid = 'b@a.example'", "elsewhere.example", false)]
    [TestCase("UPDATE disclosure SET selector = '.EXAMPLE.com' WHERE localid = 'b@a.example'", "in.example.com", false)]
    [TestCase("UPDATE disclosure SET formula = 'F' WHERE localid = 'b@a.example'", "elsewhere.example", true)]
    public void A_damaged_entry_discloses_nobody(string damage, string remote, bool allowed)
    {
        _disclosure.Add(Remote, Shown("b"), atFront: false);
        Execute(damage);
        var rules = new LocalIdRules(_disclosure, _access, NullLogger.Instance);
        rules.Refresh();
        Assert.That(rules.Disclosure.Decide(remote, "x@a.example", _ => null).Allowed, Is.EqualTo(allowed));
    }

    [TestCase("UPDATE access SET roles = 0", "a.example", false)]
    [TestCase("UPDATE access SET selector = 'A.example'", "a.example", false)]
    [TestCase("UPDATE access SET selector = 'not a selector'", "b.example", false)]
    [TestCase("UPDATE access SET selector = 'not a selector'", "john@b.example", false)]
    [TestCase("UPDATE access SET uid = 1000", "a.example", true)]
    public void A_damaged_rule_lets_in_nobody(string damage, string localId, bool allowed)
    {
        _access.TryAdd(new AccessRule(0, Selector.Parse("a.example"), User: null, Group: null, "", IdentityRoles.Both, ""));
        Execute(damage);
        var rules = new LocalIdRules(_disclosure, _access, NullLogger.Instance);
        rules.Refresh();
        Assert.That(rules.Access.Check(localId, Somebody).Allowed, Is.EqualTo(allowed));
    }

    [Test]
    public async Task Whoever_asks_for_something_to_be_stored_gets_no_exception()
    {
        var rules = new LocalIdRules(_disclosure, _access, NullLogger.Instance);
        Execute("DROP TABLE disclosure");
        await rules.StoreAsync(new DisclosureChange(Remote, Disclosed.Nobody, AtFront: true, Adds: true, Moves: false));
    }

    private static Disclosed[] Shown(params string[] users) => [.. users.Select(user => Disclosed.Of(DoNai.Parse($"{user}@a.example")))];

    private string Entries() => string.Join(
        ' ', _disclosure.List(out _).Where(entry => entry.Remote.Equals(Remote)).Select(entry => entry.Shown.Key.Replace("@a.example", "", StringComparison.Ordinal)));

    private void Execute(string text)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_directory, PoolDatabase.FileName)};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }
}
