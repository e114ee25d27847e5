using Microsoft.Data.Sqlite;
using NUnit.Framework;
using TlsPool.Actors.Disclosure;
using TlsPool.Actors.Storage;
using TlsPool.Actors.Storage.Replication;
using TlsPool.Protocol.Identities;

namespace TlsPool.Tests.Actors.Storage.Replication;

/// <summary>What one host's programs store is what another's find.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable]
public sealed class ReplicaStoreTests : IDisposable
{
    private static readonly Selector Remote = Selector.Parse(".example.com");

    private readonly ReplicaNode _a = new("a"), _b = new("b");

    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
    }

    [Test]
    public void What_is_added_reaches_others()
    {
        Assert.That(_a.Identities.TryAdd(ReplicaNode.Identity("www.example.com")), "triggers do not count as rows");
        Assert.That(_a.Trust.Add([ReplicaNode.Anchor("one"), ReplicaNode.Anchor("two")]), Is.EqualTo(2));
        Assert.That(_a.Access.TryAdd(ReplicaNode.Rule("@a.example", uint.MaxValue - 1)));
        Assert.That(_a.Access.TryAdd(ReplicaNode.Rule("@a.example")));
        Assert.That(_a.Disclosure.Add(Remote, [ReplicaNode.Shown("x"), Disclosed.Nobody], atFront: false), Is.EqualTo(2));
        ReplicaOutcome outcome = _b.Pull(_a);
        Assert.That((outcome.Applied, outcome.Ignored, outcome.Refused.Count, outcome.Conflicts.Count), Is.EqualTo((7, 0, 0, 0)));
        StoredIdentity identity = _b.Identities.List().Single();
        Assert.That((identity.Identity.ToString(), identity.Roles), Is.EqualTo(("www.example.com", IdentityRoles.Both)));
        Assert.That(identity.Chain[0].ToArray(), Is.EqualTo(_a.Identities.List()[0].Chain[0].ToArray()));
        Assert.That(_b.Trust.List(), Has.Count.EqualTo(2));
        Assert.That(_b.Access.List(out _).Select(rule => rule.User), Is.EquivalentTo(new uint?[] { null, uint.MaxValue - 1 }));
        Assert.That(_b.Disclosure.List(out _).Select(entry => entry.Shown.Key), Is.EqualTo(new[] { "x@a.example", "-" }));
        Assert.That((_b.Policy(), _b.Journal()), Is.EqualTo((_a.Policy(), _a.Journal())));
    }

    [Test]
    public void A_removal_reaches_others()
    {
        _a.Trust.Add([ReplicaNode.Anchor("one"), ReplicaNode.Anchor("two")]);
        _a.Identities.TryAdd(ReplicaNode.Identity("www.example.com"));
        _b.Pull(_a);
        Assert.That(_a.Trust.Remove([ReplicaNode.Anchor("one").Fingerprint]), Is.EqualTo(1));
        Assert.That(_a.Identities.Remove(_a.Identities.List().Select(one => one.Id)), Is.EqualTo(1));
        Assert.That(_b.Pull(_a).Applied, Is.EqualTo(2));
        Assert.That((_b.Trust.List().Count, _b.Identities.List().Count), Is.EqualTo((1, 0)));
        _b.Trust.Add([ReplicaNode.Anchor("one")]);
        Assert.That(_a.Pull(_b).Conflicts, Is.Empty);
        Assert.That(_a.Trust.List(), Has.Count.EqualTo(2), "what was removed may be added again");
    }

    [Test]
    public void What_was_learnt_from_others_is_handed_on_and_not_made_anew()
    {
        using var c = new ReplicaNode("c");
        _a.Trust.Add([ReplicaNode.Anchor("one")]);
        _b.Pull(_a);
        c.Pull(_b);
        Assert.That(c.Journal(), Is.EqualTo(_a.Journal()));
        Assert.That(_a.Pull(c).Applied, Is.Zero);
    }

    [Test]
    public void Private_keys_stay_where_they_are()
    {
        _a.Execute("INSERT INTO key (name, public_key, encrypted_key) VALUES ('k', X'00', X'00')");
        Assert.That(_a.Replica.Seq(), Is.Zero);
        Assert.That(ReplicatedTables.All.Select(table => table.Table), Does.Not.Contain("key"));
    }

    [Test]
    public void Orders_are_the_same_on_all_hosts()
    {
        for (int i = 0; i < 6; i++)
            (i % 2 == 0 ? _a : _b).Identities.TryAdd(ReplicaNode.Identity("www.example.com", i));
        _a.Disclosure.Add(Remote, [ReplicaNode.Shown("x"), ReplicaNode.Shown("m")], atFront: false);
        _b.Disclosure.Add(Remote, [ReplicaNode.Shown("y"), ReplicaNode.Shown("l")], atFront: false);
        ReplicaNode.Exchange(_a, _b);
        Assert.That(Fingerprints(_a), Is.EqualTo(Fingerprints(_b)));
        Assert.That(Shown(_a), Is.EqualTo(Shown(_b)).And.EqualTo("x@a.example y@a.example l@a.example m@a.example"));
    }

    [Test]
    public void Credentials_keep_the_order_in_which_they_were_added_even_within_a_millisecond()
    {
        for (int i = 0; i < 20; i++)
            _a.Identities.TryAdd(ReplicaNode.Identity("www.example.com", i));
        Assert.That(Fingerprints(_a), Is.EqualTo(string.Join(' ', Enumerable.Range(0, 20).Select(i => Hex(ReplicaNode.Identity("x.example", i))))));
    }

    [Test]
    public void A_row_keeps_its_number_when_another_host_changes_it()
    {
        _a.Disclosure.Add(Remote, [ReplicaNode.Shown("x"), ReplicaNode.Shown("y")], atFront: false);
        _b.Pull(_a);
        long id = _b.Disclosure.List(out _)[1].Id;
        _a.Disclosure.Apply(new DisclosureChange(Remote, ReplicaNode.Shown("y"), AtFront: true, Adds: false, Moves: true));
        Assert.That(_b.Pull(_a).Applied, Is.EqualTo(1));
        Assert.That(_b.Disclosure.List(out _)[0].Id, Is.EqualTo(id));
    }

    [Test]
    public void Hosts_that_join_with_policies_of_their_own_have_both()
    {
        using ReplicaNode c = new("c", opens: false), d = new("d", opens: false);
        c.Trust.Add([ReplicaNode.Anchor("both", "c"), ReplicaNode.Anchor("c")]);
        d.Trust.Add([ReplicaNode.Anchor("both", "d"), ReplicaNode.Anchor("d")]);
        c.Open();
        d.Open();
        c.Trust.Remove([ReplicaNode.Anchor("c").Fingerprint]);
        ReplicaNode.Exchange(c, d);
        Assert.That(c.Policy(), Is.EqualTo(d.Policy()));
        Assert.That(c.Trust.List().Select(anchor => anchor.Source).Order(), Is.EqualTo(new[] { "d", "test" }), "the greater name wins among the old");
    }

    [Test]
    public void A_change_wins_over_what_was_there_before_the_cluster_whatever_the_names()
    {
        using var z = new ReplicaNode("z", opens: false);
        z.Trust.Add([ReplicaNode.Anchor("one", "old")]);
        z.Open();
        _a.Trust.Add([ReplicaNode.Anchor("one", "new")]);
        Assert.That(z.Pull(_a).Conflicts, Is.Empty, "nobody decided anything about the old one");
        _a.Pull(z);
        Assert.That((_a.Trust.List()[0].Source, z.Trust.List()[0].Source), Is.EqualTo(("new", "new")));
    }

    [Test]
    public void Answers_are_as_short_as_asked()
    {
        _a.Trust.Add(Enumerable.Range(0, 10).Select(i => ReplicaNode.Anchor($"{i}")));
        ReplicaChanges first = _a.Replica.ChangesSince(0, 4, int.MaxValue);
        Assert.That((first.Records.Count, first.HasMore, first.Next), Is.EqualTo((4, true, 4L)));
        ReplicaChanges rest = _a.Replica.ChangesSince(first.Next, 6, int.MaxValue);
        Assert.That((rest.Records.Count, rest.HasMore, rest.Next), Is.EqualTo((6, false, 10L)));
        Assert.That(_a.Replica.ChangesSince(10, 1, 1).Records, Is.Empty);
        Assert.That(_a.Replica.ChangesSince(0, 10, 1).Records, Has.Count.EqualTo(1), "one, so that it goes on");
        int two = (int)first.Records.Take(2).Sum(record => record.Kind.Length + record.Key.Length + record.Node.Length + record.Seen.Length + record.Value!.Length);
        Assert.That(_a.Replica.ChangesSince(0, 10, two).Records, Has.Count.EqualTo(2));
        Assert.That(_a.Replica.ChangesSince(0, 10, two - 1).Records, Has.Count.EqualTo(1));
    }

    [Test]
    public void Progress_is_stored_with_the_records_or_not_at_all()
    {
        _a.Trust.Add([ReplicaNode.Anchor("one"), ReplicaNode.Anchor("two")]);
        _b.Pull(_a, maxRecords: 1);
        PeerProgress progress = _b.Replica.GetPeer("a");
        Assert.That(progress, Is.EqualTo(new PeerProgress("a", _a.Replica.Incarnation, 1)));
        IReadOnlyList<ReplicaRecord> records = _a.Records();
        Assert.Throws<InvalidOperationException>(() => _b.Replica.Apply(new Crash(records[1]), progress with { Seq = 2 }));
        using (var again = new ReplicaNode("b", directory: _b.Directory))
            Assert.That((again.Replica.GetPeer("a"), again.Trust.List().Count), Is.EqualTo((progress, 1)));
        _b.Pull(_a);
        Assert.That((_b.Replica.GetPeer("a").Seq, _b.Trust.List().Count), Is.EqualTo((2L, 2)));
        _b.Trust.Add([ReplicaNode.Anchor("three")]);
        Assert.That(_b.Replica.Seq(), Is.EqualTo(3), "what was journaled before the crash still is");
    }

    [Test]
    public void Another_incarnation_begins_at_the_beginning()
    {
        _a.Trust.Add([ReplicaNode.Anchor("one"), ReplicaNode.Anchor("two")]);
        _b.Pull(_a);
        string before = _a.Replica.Incarnation;
        _a.Replica.BeginIncarnation();
        Assert.That(_a.Replica.Incarnation, Is.Not.EqualTo(before));
        _b.Pull(_a);
        Assert.That(_b.Replica.GetPeer("a"), Is.EqualTo(new PeerProgress("a", _a.Replica.Incarnation, 0)));
        Assert.That(_b.Pull(_a).Ignored, Is.EqualTo(2));
        Assert.That(_b.Replica.GetPeer("a").Seq, Is.EqualTo(2));
    }

    [Test]
    public void A_copied_database_has_another_incarnation_and_goes_on_under_its_own_name()
    {
        _a.Trust.Add([ReplicaNode.Anchor("one")]);
        string before = _a.Replica.Incarnation;
        using var copy = new ReplicaNode("copy", directory: _a.Directory);
        Assert.That(copy.Replica.Incarnation, Is.Not.EqualTo(before));
        string now = copy.Replica.Incarnation;
        copy.Open();
        Assert.That(copy.Replica.Incarnation, Is.EqualTo(now));
        copy.Trust.Add([ReplicaNode.Anchor("two")]);
        Assert.That(copy.Records().Select(record => record.Node), Is.EqualTo(new[] { "a", "copy" }));
    }

    [Test]
    public void A_number_from_before_a_restored_backup_is_the_beginning()
    {
        _a.Trust.Add([ReplicaNode.Anchor("one")]);
        Assert.That(_a.Replica.ChangesSince(1, 10, 1000), Has.Property("Records").Empty);
        Assert.That(_a.Replica.ChangesSince(2, 10, 1000).Records, Has.Count.EqualTo(1));
    }

    [Test]
    public void Old_removals_are_forgotten_and_young_ones_kept()
    {
        _a.Trust.Add([ReplicaNode.Anchor("one"), ReplicaNode.Anchor("two")]);
        _a.Trust.Remove([ReplicaNode.Anchor("one").Fingerprint]);
        Assert.That(_a.Replica.PruneRemovals(DateTimeOffset.UtcNow.AddDays(-180)), Is.Zero);
        Assert.That(_a.Replica.PruneRemovals(DateTimeOffset.MinValue), Is.Zero);
        Assert.That(_a.Replica.PruneRemovals(DateTimeOffset.UtcNow.AddDays(1)), Is.EqualTo(1));
        Assert.That((_a.Records().Count, _a.Trust.List().Count), Is.EqualTo((1, 1)));
    }

    [Test]
    public void A_locked_database_is_told_and_nothing_is_applied()
    {
        _a.Trust.Add([ReplicaNode.Anchor("one")]);
        _b.Database.Write(connection =>
        {
            using var other = PoolDatabase.Open(_b.Directory);
            var replica = new ReplicaNode("b", directory: _b.Directory, opens: false);
            Assert.That(Assert.Throws<StorageException>(() => _b.Replica.Apply(_a.Records()))!.Message, Does.Contain("keeps it locked"));
            replica.Dispose();
            return 0;
        });
        Assert.That(_b.Pull(_a).Applied, Is.EqualTo(1));
    }

    [Test]
    public void A_full_disk_is_told_and_nothing_is_applied()
    {
        _a.Trust.Add(Enumerable.Range(0, 2000).Select(i => ReplicaNode.Anchor($"{i}")));
        SqliteConnection.ClearAllPools();
        // The one connection of the pool is the next one's too.
        _b.Database.Read(connection => PoolDatabase.Execute(connection, "PRAGMA max_page_count = 60"));
        Assert.That(Assert.Throws<StorageException>(() => _b.Pull(_a))!.Message, Does.Contain("the disk is full"));
        using var again = new ReplicaNode("b", directory: _b.Directory);
        Assert.That((again.Replica.Seq(), again.Trust.List().Count, again.Replica.GetPeer("a").Seq), Is.EqualTo((0L, 0, 0L)));
    }

    [TestCase("")]
    [TestCase("two words")]
    [TestCase("größe")]
    public void A_host_needs_a_name(string name) => Assert.Throws<ArgumentException>(() => ReplicaStore.Open(_a.Database, name));

    private static string Hex(StoredIdentity identity) => Convert.ToHexString(identity.Fingerprint.Span[..4]);

    private static string Fingerprints(ReplicaNode node) => string.Join(' ', node.Identities.Find(DoNai.Parse("www.example.com")).Select(Hex));

    private static string Shown(ReplicaNode node) => string.Join(' ', node.Disclosure.List(out _).Select(entry => entry.Shown.Key));

    /// <summary>Records, and then the end of the process.</summary>
    private sealed class Crash(ReplicaRecord first) : List<ReplicaRecord>, IReadOnlyList<ReplicaRecord>, IEnumerable<ReplicaRecord>
    {
        IEnumerator<ReplicaRecord> IEnumerable<ReplicaRecord>.GetEnumerator()
        {
            yield return first;
            throw new InvalidOperationException();
        }
    }
}
