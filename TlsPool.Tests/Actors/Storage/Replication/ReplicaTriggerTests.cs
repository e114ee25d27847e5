using NUnit.Framework;
using TlsPool.Actors.Storage;
using TlsPool.Actors.Storage.Replication;

namespace TlsPool.Tests.Actors.Storage.Replication;

/// <summary>What is journaled, whoever writes.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable]
public sealed class ReplicaTriggerTests : IDisposable
{
    private readonly ReplicaNode _a = new("a");

    public void Dispose() => _a.Dispose();

    [Test]
    public void Another_process_is_journaled_too()
    {
        using (var other = PoolDatabase.Open(_a.Directory))
            new TrustStore(other).Add([ReplicaNode.Anchor("one", "it's \"quoted\"")]);
        ReplicaRecord record = _a.Records().Single();
        Assert.That((record.Kind, record.Node, record.Value), Is.EqualTo(("anchor", "a", """{"certificate":"010203","source":"it's \"quoted\""}""")));
        Assert.That(record.Key, Is.EqualTo($"[\"{Convert.ToHexString(ReplicaNode.Anchor("one").Fingerprint.Span)}\"]"));
        Assert.That(record.Clock >> 16, Is.EqualTo(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()).Within(60_000));
    }

    [Test]
    public void What_was_rolled_back_was_never_journaled()
    {
        Assert.Throws<InvalidOperationException>(() => _a.Trust.Add(Failing()));
        Assert.That(_a.Replica.Seq(), Is.Zero);
        static IEnumerable<TrustAnchor> Failing()
        {
            yield return ReplicaNode.Anchor("one");
            throw new InvalidOperationException();
        }
    }

    [Test]
    public void A_change_that_changes_nothing_makes_no_version()
    {
        _a.Trust.Add([ReplicaNode.Anchor("one")]);
        string before = _a.Journal();
        _a.Trust.Add([ReplicaNode.Anchor("one", "other")]);
        _a.Execute("UPDATE anchor SET source = source");
        Assert.That((_a.Journal(), _a.Replica.Seq()), Is.EqualTo((before, 1L)));
    }

    [Test]
    public void A_changed_key_is_a_removal_and_an_addition()
    {
        _a.Access.TryAdd(ReplicaNode.Rule("a.example", 1));
        _a.Execute("UPDATE access SET uid = NULL");
        Assert.That(_a.Records().Where(record => record.Value is not null).Select(record => record.Key), Is.EqualTo(new[] { """["a.example",null,null,"",3,""]""" }));
        Assert.That(_a.Records().Where(record => record.Value is null).Select(record => record.Key), Is.EqualTo(new[] { """["a.example",1,null,"",3,""]""" }));
    }

    [Test]
    public void A_replaced_row_is_a_change()
    {
        _a.Trust.Add([ReplicaNode.Anchor("one")]);
        _a.Execute("INSERT OR REPLACE INTO anchor (fingerprint, certificate, source) SELECT fingerprint, X'09', source FROM anchor");
        Assert.That((_a.Records().Single().Value, _a.Replica.Seq()), Is.EqualTo(("""{"certificate":"09","source":"test"}""", 2L)));
    }

    [Test]
    public void Clocks_go_on_even_when_the_time_goes_back()
    {
        _a.Skew(TimeSpan.FromDays(1000));
        for (int i = 0; i < 3; i++)
            _a.Trust.Add([ReplicaNode.Anchor($"{i}")]);
        long[] clocks = [.. _a.Records().Select(record => record.Clock)];
        Assert.That(clocks, Is.Ordered.Ascending.And.Unique);
        Assert.That(clocks[0] >> 16, Is.GreaterThan(DateTimeOffset.UtcNow.AddDays(999).ToUnixTimeMilliseconds()));
    }

    [Test]
    public void A_change_is_newer_than_all_that_was_heard_of()
    {
        using ReplicaNode ahead = new("ahead"), behind = new("behind");
        ahead.Skew(TimeSpan.FromDays(1));
        ahead.Trust.Add([ReplicaNode.Anchor("one")]);
        behind.Pull(ahead);
        behind.Trust.Remove([ReplicaNode.Anchor("one").Fingerprint]);
        ReplicaOutcome outcome = ahead.Pull(behind);
        Assert.That((outcome.Applied, outcome.Conflicts.Count, ahead.Trust.List().Count), Is.EqualTo((1, 0, 0)));
    }

    [Test]
    public void Opening_again_changes_nothing()
    {
        _a.Trust.Add([ReplicaNode.Anchor("one")]);
        long version = _a.Database.Version();
        using (var again = new ReplicaNode("a", directory: _a.Directory))
            Assert.That(again.Journal(), Is.EqualTo(_a.Journal()));
        Assert.That(_a.Database.Version(), Is.EqualTo(version));
    }

    [Test]
    public void Nothing_is_journaled_by_a_host_without_a_cluster()
    {
        using var alone = new ReplicaNode("alone", opens: false);
        alone.Trust.Add([ReplicaNode.Anchor("one")]);
        Assert.That(alone.Rows("SELECT count(*) FROM replica"), Is.EqualTo(new[] { "0" }));
    }

    [Test]
    public void A_database_of_the_schema_before_is_upgraded_and_keeps_its_order()
    {
        string directory = Directory.CreateTempSubdirectory("tlspool-replica-").FullName;
        try
        {
            // What the two first steps made.
            using (var former = PoolDatabase.Open(directory, PoolDatabase.FileName, [.. Schema.Steps.Take(2)], isChecked: true))
            {
                former.Write(connection =>
                {
                    for (int i = 9; i > 0; i--)
                        PoolDatabase.Execute(
                            connection,
                            "INSERT INTO identity (donai, roles, key_uri, schemes, chain, fingerprint, not_before, not_after) VALUES ('a.example', 3, 'builtin:k', '0403', X'3000', $1, 0, 1)",
                            new byte[] { (byte)i });
                    return PoolDatabase.Execute(connection, "INSERT INTO anchor (fingerprint, certificate, source) VALUES (X'01', X'02', 'old')");
                });
            }
            using var node = new ReplicaNode("n", directory: directory);
            Assert.That(
                node.Rows("SELECT hex(fingerprint) FROM identity ORDER BY added"), Is.EqualTo(Enumerable.Range(1, 9).Reverse().Select(i => $"0{i}")));
            Assert.That(node.Records().Select(record => record.Clock), Is.EqualTo(Enumerable.Repeat(1L, 10)));
            Assert.That(_a.Pull(node).Applied, Is.EqualTo(10));
            Assert.That(_a.Policy(), Is.EqualTo(node.Policy()));
            node.Identities.TryAdd(ReplicaNode.Identity("a.example", 77));
            Assert.That(node.Rows("SELECT max(added) > 1000000 FROM identity"), Is.EqualTo(new[] { "1" }));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
