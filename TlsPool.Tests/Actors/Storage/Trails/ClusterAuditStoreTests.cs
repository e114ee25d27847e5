using System.Globalization;
using Microsoft.Data.Sqlite;
using NUnit.Framework;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Storage;
using TlsPool.Actors.Storage.Trails;
using TlsPool.Protocol.Transport;

namespace TlsPool.Tests.Actors.Storage.Trails;

/// <summary>Trails of nodes in one: each decision once, whatever becomes of the nodes and their files.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ClusterAuditStoreTests : IDisposable
{
    private readonly CollectedTrails _trails = new();

    public void Dispose() => _trails.Dispose();

    [Test]
    public void Decisions_are_found_with_the_node_that_made_them_and_all_they_say()
    {
        var full = new AuditEvent(AuditKind.SessionSetup, true, "TLS 1.3")
        {
            Application = new PeerCredentials(7, 4_000_000_000, 9) { Executable = "/usr/bin/curl" },
            Session = 3,
            LocalId = "John@a.example",
            RemoteId = "www.example.com",
            Use = "client http",
            Token = "pkcs11:token=t?pin-value=1234",
            Key = "pkcs11:token=t;object=k",
        };
        _trails.Decide("a", "first");
        _trails["a"].Append([new AuditRecord(0, CollectedTrails.Noon, full)]);
        _trails.Decide("b", "of b");
        _trails.Collect("a");
        _trails.Collect("b");
        Assert.That(
            _trails.Of("A")[1],
            Is.EqualTo(new AuditRecord(2, CollectedTrails.Noon, full with { Token = "pkcs11:token=t?pin-value=?" }) { Origin = new AuditOrigin("a", 2) }));
        Assert.That(_trails.Collected.Latest(new AuditFilter(), 1)[0].Origin, Is.EqualTo(new AuditOrigin("b", 1)));
        Assert.That(_trails.Collected.LastId(), Is.EqualTo(3));
        Assert.That(_trails.RemarksOn("a"), Is.Empty);
    }

    [Test]
    public void A_page_that_comes_twice_or_after_its_progress_was_lost_is_stored_once()
    {
        _trails.Decide("a", "one", "two");
        _trails.Collect("a");
        _trails.Decide("a", "three");
        CollectedPosition asked = _trails.Collected.Position("a");
        AuditPage page = _trails["a"].Page(asked.Trail);
        for (int time = 0; time < 2; time++)
            _trails.Collected.Add("a", asked, page, CollectedTrails.Noon);
        CollectedTrails.Execute(_trails.CollectedFile, "DELETE FROM audit_progress");
        _trails.Collect("a");
        Assert.That(_trails.ReasonsOf("a"), Is.EqualTo(new[] { "one", "two", "three" }));
        Assert.That(_trails.RemarksOn("a"), Is.Empty);
    }

    [Test]
    public void A_trail_that_was_deleted_begins_anew_and_what_it_had_before_stays()
    {
        _trails.Decide("a", "one", "two");
        _trails.Collect("a");
        _trails.Exchange("a", File.Delete);
        _trails.Decide("a", "new one", "new two", "new three");
        _trails.Collect("a");
        Assert.That(_trails.ReasonsOf("a"), Is.EqualTo(new[] { "one", "two", "new one", "new two", "new three" }));
        Assert.That(_trails.RemarksOn("a"), Is.EqualTo(new[] { "the audit trail of this node was made anew: what was in it and not collected is lost" }));
    }

    [TestCase(1)]
    [TestCase(9)]
    public void A_backup_that_was_put_back_is_noticed_and_the_decisions_after_it_are_collected(int decisions)
    {
        _trails.Decide("a", "one", "two");
        string backup = _trails.FileOf("a") + ".backup";
        _trails.Exchange("a", file => File.Copy(file, backup));
        _trails.Decide("a", "three", "four");
        _trails.Collect("a");
        _trails.Exchange("a", file => File.Copy(backup, file, overwrite: true));
        string[] after = [.. Enumerable.Range(0, decisions).Select(number => string.Create(CultureInfo.InvariantCulture, $"after {number}"))];
        _trails.Decide("a", after);
        _trails.Collect("a");
        Assert.That(_trails.ReasonsOf("a"), Is.EqualTo(new[] { "one", "two", "three", "four" }.Concat(after)));
        Assert.That(_trails.RemarksOn("a"), Is.EqualTo(new[] { "the audit trail of this node lacks what was collected: a backup was put back" }));
    }

    [TestCase(1)]
    [TestCase(0)]
    public void Decisions_that_were_removed_before_they_were_collected_are_a_gap_that_is_told(int left)
    {
        _trails.Decide("a", "one");
        _trails.Collect("a");
        _trails.Decide("a", [.. Enumerable.Repeat("missed", 10)]);
        _trails["a"].Shorten(new AuditRetention(TimeSpan.FromDays(1), 0), CollectedTrails.Noon.AddDays(2));
        _trails.Decide("a", [.. Enumerable.Repeat("left", left)]);
        _trails.Collect("a");
        Assert.That(_trails.ReasonsOf("a"), Is.EqualTo(left == 0 ? ["one"] : new[] { "one", "left" }));
        AuditRecord gap = _trails.Of("a").Single(record => record.Origin!.Id is null);
        Assert.That(gap.Event, Is.EqualTo(new AuditEvent(AuditKind.Trail, false, "10 decisions were removed on this node before they were collected")));
    }

    [Test]
    public void A_long_trail_comes_in_pages_of_a_bounded_size()
    {
        _trails.Decide("a", [.. Enumerable.Repeat(new string('€', 512), 1100)]);
        CollectedPosition begin = _trails.Collected.Position("a");
        Assert.That(_trails.Collected.Add("a", begin, _trails["a"].Page(begin.Trail), CollectedTrails.Noon), "which trail it is was unknown");
        CollectedPosition first = _trails.Collected.Position("a");
        AuditPage page = _trails["a"].Page(first.Trail);
        Assert.That(page.Rows, Has.Count.InRange(100, AuditPage.MaxBytes / 1536));
        Assert.That(_trails.Collected.Add("a", first, page, CollectedTrails.Noon), "there is more");
        _trails.Collect("a");
        Assert.That(_trails.Of("a").Select(record => record.Origin!.Id), Is.EqualTo(Enumerable.Range(1, 1100)));
        _trails.Decide("b", [.. Enumerable.Repeat("short", 1100)]);
        _trails.Collected.Add("b", _trails.Collected.Position("b"), _trails["b"].Page(AuditPosition.Unknown), CollectedTrails.Noon);
        Assert.That(_trails["b"].Page(_trails.Collected.Position("b").Trail).Rows, Has.Count.EqualTo(AuditPage.MaxRows));
    }

    [Test]
    public void A_kind_that_only_the_other_node_knows_keeps_its_name()
    {
        var page = new AuditPage(AuditPageAnswer.Rows, "a1", 1, 1, [AuditRow.Of(1, CollectedTrails.Noon, "Telepathy", new AuditEvent(AuditKind.Unknown, true, "heard"))]);
        _trails.Collected.Add("a", CollectedPosition.Unknown, page with { Answer = AuditPageAnswer.OtherTrail, Rows = [] }, CollectedTrails.Noon);
        _trails.Collected.Add("a", _trails.Collected.Position("a"), page, CollectedTrails.Noon);
        Assert.That(_trails.Of("a").Single().Event.Kind, Is.EqualTo(AuditKind.Unknown));
        using var connection = new SqliteConnection($"Data Source={_trails.CollectedFile};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT kind FROM audit";
        Assert.That(command.ExecuteScalar(), Is.EqualTo("Telepathy"));
    }

    [TestCase("UPDATE audit SET reason = 'x'")]
    [TestCase("DELETE FROM audit")]
    [TestCase("REPLACE INTO audit (id, node, incarnation, round, collected, time, kind, allowed, reason) VALUES (1, 'z', 'z', 0, 0, 0, 'Access', 1, 'x')")]
    [TestCase("REPLACE INTO audit (node, incarnation, round, row, collected, time, kind, allowed, reason) SELECT node, incarnation, round, row, 0, 0, 'Access', 1, 'x' FROM audit")]
    [TestCase("UPDATE audit_kept SET first = -1")]
    [TestCase("DELETE FROM audit_kept")]
    public void Nothing_that_was_collected_can_be_changed_or_removed(string statement)
    {
        _trails.Decide("a", "one");
        _trails.Collect("a");
        Assert.That(Assert.Throws<SqliteException>(() => CollectedTrails.Execute(_trails.CollectedFile, statement))!.Message, Does.Contain("audit trail"));
    }

    [Test]
    public void Old_decisions_go_even_after_one_that_claims_to_be_of_the_future()
    {
        _trails.Decide("a", CollectedTrails.Noon.AddYears(900), "of the future");
        _trails.Decide("a", "one", "two");
        _trails.Collect("a");
        var retention = new AuditRetention(TimeSpan.FromDays(1), 0);
        Assert.That(_trails.Collected.Shorten(retention, CollectedTrails.Noon, "self"), Is.Zero);
        Assert.That(_trails.Collected.Shorten(retention, CollectedTrails.Noon.AddDays(2), "self"), Is.EqualTo(3));
        Assert.That(_trails.RemarksOn("self"), Is.EqualTo(new[] { "3 collected decisions were removed by age or size" }));
        _trails.Decide("a", "three");
        _trails.Collect("a");
        Assert.That(_trails.ReasonsOf("a"), Is.EqualTo(new[] { "three" }), "what was removed is not collected again");
    }

    [Test]
    public void A_trail_keeps_its_incarnation_and_one_of_the_former_version_gets_one()
    {
        string incarnation = _trails["a"].Page(AuditPosition.Unknown).Incarnation;
        Assert.That(incarnation, Has.Length.EqualTo(32));
        Assert.That(
            Assert.Throws<SqliteException>(() => CollectedTrails.Execute(_trails.FileOf("a"), "UPDATE audit_incarnation SET incarnation = 'x'"))!.Message,
            Does.Contain("audit trail"));
        _trails.Decide("a", "before the upgrade");
        _trails.Exchange("a", file => CollectedTrails.Execute(file, "DROP TABLE audit_incarnation; PRAGMA user_version = 1"));
        _trails.Collect("a");
        Assert.That(_trails.ReasonsOf("a"), Is.EqualTo(new[] { "before the upgrade" }));
        Assert.That(_trails["a"].Page(AuditPosition.Unknown).Incarnation, Is.Not.EqualTo(incarnation));
    }
}
