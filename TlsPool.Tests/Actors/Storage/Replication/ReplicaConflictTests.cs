using NUnit.Framework;
using TlsPool.Actors.Storage.Replication;

namespace TlsPool.Tests.Actors.Storage.Replication;

/// <summary>Who wins, and what is told about it.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable]
public sealed class ReplicaConflictTests : IDisposable
{
    private readonly ReplicaNode _a = new("a"), _b = new("b"), _c = new("c");

    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
        _c.Dispose();
    }

    [Test]
    public void The_later_change_wins_and_the_other_is_told_by_all_who_see_both()
    {
        Share();
        Change(_a, "first");
        Change(_b, "second", ahead: 1);
        IReadOnlyList<ReplicaRecord> first = _a.Records();
        ReplicaConflict onA = _a.Pull(_b).Conflicts.Single(), onB = _b.Replica.Apply(first).Conflicts.Single();
        Assert.That(_b.Pull(_a).Conflicts, Is.Empty, "the one that lost is not there any more");
        Assert.That(onA, Is.EqualTo(onB));
        Assert.That((onA.Kind, onA.Winner, onA.Loser, onA.Lost), Is.EqualTo(("anchor", "b", "a", "certificate of 3 bytes, source first")));
        Assert.That((_a.Trust.List()[0].Source, _b.Trust.List()[0].Source), Is.EqualTo(("second", "second")));
    }

    [Test]
    public void At_the_same_time_the_greater_name_wins()
    {
        Assert.That(Take(_c, Record("a", 5, """{"a":5}"""), Record("b", 5, """{"b":5}""", "other")).Conflicts.Single().Winner, Is.EqualTo("b"));
        Assert.That(Take(_a, Record("b", 5, """{"b":5}""", "other"), Record("a", 5, """{"a":5}""")).Conflicts.Single().Winner, Is.EqualTo("b"));
        Assert.That((_a.Trust.List()[0].Source, _c.Trust.List()[0].Source), Is.EqualTo(("other", "other")));
    }

    [Test]
    public void A_removal_loses_against_a_later_change_and_wins_against_an_earlier_one()
    {
        Share();
        Remove(_a);
        Change(_b, "changed", ahead: 1);
        Assert.That(_a.Pull(_b).Conflicts.Single().Lost, Is.EqualTo("removal"));
        Assert.That(_a.Trust.List(), Has.Count.EqualTo(1));
        ReplicaNode.Exchange(_a, _b, _c);
        Change(_a, "again");
        _b.Skew(TimeSpan.FromDays(2));
        Remove(_b);
        Assert.That(_b.Pull(_a).Conflicts.Single(), Has.Property("Winner").EqualTo("b"));
        ReplicaNode.Exchange(_a, _b, _c);
        Assert.That(_a.Trust.List(), Is.Empty);
    }

    [Test]
    public void A_chain_of_changes_by_several_hosts_is_no_conflict_for_one_that_missed_its_middle()
    {
        Share();
        Change(_a, "one");
        _b.Pull(_a);
        _c.Pull(_a);
        for (int i = 0; i < 3; i++)
        {
            Change(_b, $"b{i}");
            _a.Pull(_b);
            Change(_a, $"a{i}");
            _b.Pull(_a);
        }
        ReplicaOutcome outcome = _c.Pull(_b);
        Assert.That((outcome.Applied, outcome.Conflicts.Count), Is.EqualTo((1, 0)));
    }

    [Test]
    public void Two_changes_in_a_row_that_did_not_know_a_third_are_a_conflict()
    {
        Share();
        Change(_c, "c");
        Change(_a, "one", ahead: 1);
        Change(_a, "two");
        IReadOnlyList<ReplicaRecord> third = _c.Records();
        Assert.That(_c.Pull(_a).Conflicts.Single(), Is.EqualTo(_a.Replica.Apply(third).Conflicts.Single()).And.Property("Loser").EqualTo("c"));
    }

    [Test]
    public void An_old_version_that_comes_late_is_no_conflict()
    {
        Share();
        ReplicaRecord[] old = [.. _a.Records()];
        Change(_b, "new");
        ReplicaNode.Exchange(_a, _b);
        ReplicaOutcome outcome = _b.Replica.Apply(old);
        Assert.That((outcome.Ignored, outcome.Conflicts.Count), Is.EqualTo((1, 0)));
    }

    [Test]
    public void The_same_decision_twice_is_no_conflict()
    {
        Share();
        Remove(_a);
        Remove(_b);
        Assert.That(_a.Pull(_b).Conflicts, Is.Empty);
        Assert.That(_b.Pull(_a).Conflicts, Is.Empty);
        ReplicaNode.Exchange(_a, _b);
        Assert.That(_a.Journal(), Is.EqualTo(_b.Journal()));
    }

    [Test]
    public void The_place_of_a_key_is_not_told()
    {
        foreach (ReplicaNode node in new[] { _a, _b })
            node.Identities.TryAdd(ReplicaNode.Identity("www.example.com"));
        _b.Execute("UPDATE identity SET key_uri = 'pkcs11:token=x?pin-value=1234', roles = 1");
        Assert.That(_b.Replica.Apply([.. _a.Records().Select(record => record with { Clock = 1L << 62, Seen = $$"""{"a":{{1L << 62}}}""" })])
            .Conflicts.Single().Lost, Does.StartWith("roles 1, schemes ").And.Not.Contain("1234"));
    }

    [Test]
    public void A_host_that_was_cut_off_for_too_long_brings_back_what_was_removed()
    {
        Share();
        Remove(_a);
        _a.Replica.PruneRemovals(DateTimeOffset.UtcNow.AddDays(1));
        _a.Replica.Apply(_b.Records());
        Assert.That(_a.Trust.List(), Has.Count.EqualTo(1));
    }

    private static ReplicaOutcome Take(ReplicaNode node, params ReplicaRecord[] records) => node.Replica.Apply(records);

    private static ReplicaRecord Record(string node, long clock, string seen, string source = "x") =>
        new("anchor", """["AB"]""", clock, node, seen, $$"""{"certificate":"00","source":"{{source}}"}""");

    private static void Change(ReplicaNode node, string source, int ahead = 0)
    {
        node.Skew(TimeSpan.FromHours(ahead));
        node.Execute($"UPDATE anchor SET source = '{source}'");
    }

    private static void Remove(ReplicaNode node) => node.Trust.Remove([ReplicaNode.Anchor("one").Fingerprint]);

    private void Share()
    {
        _a.Trust.Add([ReplicaNode.Anchor("one")]);
        ReplicaNode.Exchange(_a, _b, _c);
    }
}
