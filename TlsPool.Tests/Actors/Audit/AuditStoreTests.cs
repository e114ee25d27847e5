using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Storage;
using TlsPool.Protocol.Transport;

namespace TlsPool.Tests.Actors.Audit;

/// <summary>The audit trail on disk: it grows at its end, shrinks at its front, and changes nowhere.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class AuditStoreTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);
    private readonly string _directory = Directory.CreateTempSubdirectory("tlspool-test-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Test]
    public void What_was_recorded_is_read_again_and_found_by_each_of_its_parts()
    {
        using AuditStore store = AuditStore.Open(_directory);
        var full = new AuditEvent(AuditKind.SessionSetup, true, "TLS 1.3")
        {
            Application = new PeerCredentials(7, 4_000_000_000, 9) { Executable = "/usr/bin/curl" },
            Session = 3,
            LocalId = "John@a.example",
            RemoteId = "www.example.com",
            Use = "client http",
            Token = "pkcs11:token=t",
            Key = "pkcs11:token=t;object=k",
        };
        store.Append([new AuditRecord(0, Noon, full), Plain(AuditKind.Access, Noon.AddMinutes(1)), Plain(AuditKind.SessionEnd, Noon.AddMinutes(2))]);
        AuditRecord read = store.Next(new AuditFilter(), 10)[0];
        Assert.That(read, Is.EqualTo(new AuditRecord(1, Noon, full)));
        AuditFilter[] finding =
        [
            new() { Until = Noon.AddMinutes(1) }, new() { Kinds = [AuditKind.SessionSetup, AuditKind.Trail] }, new() { UserId = 4_000_000_000 },
            new() { Identity = "john@A.example" }, new() { Identity = "WWW.example.com" }, new() { Allowed = true }, new() { Session = 3 },
        ];
        Assert.That(finding.Select(filter => store.Next(filter, 10).Select(found => found.Id)), Is.All.EqualTo(new[] { 1 }));
        Assert.That(store.Next(new AuditFilter { Since = Noon.AddMinutes(1) }, 10).Select(found => found.Id), Is.EqualTo(new[] { 2, 3 }));
        Assert.That(store.Latest(new AuditFilter(), 2).Select(found => found.Id), Is.EqualTo(new[] { 2, 3 }));
        Assert.That(store.Next(new AuditFilter { After = 2 }, 10).Select(found => found.Id), Is.EqualTo(new[] { 3 }));
    }

    [TestCase("UPDATE audit SET reason = 'x'")]
    [TestCase("DELETE FROM audit")]
    [TestCase("REPLACE INTO audit (id, time, kind, allowed, reason) VALUES (1, 0, 'Access', 1, 'x')")]
    [TestCase("INSERT INTO audit (id, time, kind, allowed, reason) VALUES (1, 0, 'Access', 1, 'x') ON CONFLICT (id) DO UPDATE SET reason = 'x'")]
    [TestCase("UPDATE audit_kept SET first = -1")]
    [TestCase("DELETE FROM audit_kept")]
    public void Nothing_that_was_recorded_can_be_changed_or_removed(string statement)
    {
        using (AuditStore store = AuditStore.Open(_directory))
            store.Append([Plain(AuditKind.Access, Noon)]);
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_directory, AuditStore.FileName)};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = statement;
        Assert.That(Assert.Throws<SqliteException>(() => command.ExecuteNonQuery())!.Message, Does.Contain("audit trail"));
    }

    [Test]
    public void Old_decisions_go_and_their_numbers_are_not_given_again()
    {
        using AuditStore store = AuditStore.Open(_directory);
        store.Append([Plain(AuditKind.Access, Noon), Plain(AuditKind.Access, Noon.AddDays(1)), Plain(AuditKind.Access, Noon.AddDays(2))]);
        var retention = new AuditRetention(TimeSpan.FromDays(1), 0);
        Assert.That(store.Shorten(retention, Noon.AddDays(2)), Is.EqualTo(1));
        Assert.That(store.Shorten(retention, Noon.AddDays(2)), Is.Zero);
        Assert.That(store.Shorten(retention, Noon.AddDays(9)), Is.EqualTo(2));
        store.Append([Plain(AuditKind.Access, Noon.AddDays(9))]);
        Assert.That(store.Next(new AuditFilter(), 10).Select(found => found.Id), Is.EqualTo(new[] { 4 }));
        Assert.That(store.Shorten(new AuditRetention(TimeSpan.Zero, 0), Noon.AddYears(9)), Is.Zero, "no limit");
    }

    [Test]
    public void A_trail_that_is_too_large_loses_its_oldest_part_and_its_file_stops_growing()
    {
        using AuditStore store = AuditStore.Open(_directory);
        const int limit = 512 * 1024;
        var retention = new AuditRetention(TimeSpan.Zero, limit);
        for (int round = 0; round < 20; round++)
        {
            store.Append([.. Enumerable.Range(0, 500).Select(number => Plain(AuditKind.Access, Noon.AddSeconds(number), new string('r', 300)))]);
            store.Shorten(retention, Noon);
        }
        IReadOnlyList<AuditRecord> left = store.Next(new AuditFilter(), int.MaxValue);
        Assert.That(left[^1].Id, Is.EqualTo(10_000), "the newest are there");
        Assert.That(left.Select(found => found.Id), Is.EqualTo(Enumerable.Range((int)left[0].Id, left.Count)), "without a gap");
        Assert.That(left, Has.Count.InRange(500, 2000));
        Assert.That(new FileInfo(Path.Combine(_directory, AuditStore.FileName)).Length, Is.LessThan(limit + (300 * 1024)));
    }

    [Test]
    public void Texts_of_strangers_cannot_make_lines_turn_text_round_fill_the_disk_or_carry_a_PIN()
    {
        using AuditStore store = AuditStore.Open(_directory);
        store.Append(
        [
            new AuditRecord(0, Noon, new AuditEvent(AuditKind.Access, false, "a\nb\u001b[2J\u202ec\u2028d\ud800" + new string('x', 9000))
            {
                Key = "pkcs11:token=t;pin-value=1234?pin-source=file:/secret",
                Token = "pkcs11:token=t?PIN-VALUE=1234&module-name=m",
            }),
        ]);
        AuditEvent read = store.Next(new AuditFilter(), 1)[0].Event;
        Assert.That(read.Reason, Does.StartWith("a?b?[2J?c?d?xxx").And.EndWith("x…").And.Length.EqualTo(512));
        Assert.That((read.Key, read.Token), Is.EqualTo(("pkcs11:token=t;pin-value=??pin-source=?", "pkcs11:token=t?PIN-VALUE=?&module-name=m")));
    }

    [Test]
    public void Nothing_that_was_recorded_before_an_orderly_end_is_lost()
    {
        const int count = 20_000;
        using (var queue = new AuditQueue(AuditStore.Open(_directory), AuditRetention.Default with { MaxAge = TimeSpan.Zero }, TimeProvider.System, NullLogger.Instance))
            Parallel.For(0, count, number => queue.Record(new AuditEvent(AuditKind.SessionSetup, true, "") { Session = number + 1 }));
        using AuditStore store = AuditStore.Open(_directory);
        IReadOnlyList<AuditRecord> all = store.Next(new AuditFilter(), int.MaxValue);
        Assert.That(all.Select(found => found.Event.Session).Distinct().Count(), Is.EqualTo(count));
    }

    [Test]
    public void While_the_database_is_locked_decisions_wait_and_what_finds_no_room_is_counted()
    {
        const int count = 70_000;
        using (var queue = new AuditQueue(AuditStore.Open(_directory), AuditRetention.Default, TimeProvider.System, NullLogger.Instance))
        {
            using var other = new SqliteConnection($"Data Source={Path.Combine(_directory, AuditStore.FileName)};Pooling=False");
            other.Open();
            using (SqliteTransaction locked = other.BeginTransaction())
            {
                for (int number = 0; number < count; number++)
                    queue.Record(new AuditEvent(AuditKind.SessionSetup, true, ""));
                locked.Rollback();
            }
        }
        using AuditStore store = AuditStore.Open(_directory);
        IReadOnlyList<AuditRecord> all = store.Next(new AuditFilter(), int.MaxValue);
        long counted = all.Where(found => found.Event.Kind == AuditKind.Trail).Sum(found => long.Parse(found.Event.Reason.Split(' ')[0], CultureInfo.InvariantCulture));
        Assert.That(counted, Is.GreaterThan(0));
        Assert.That(all.Count(found => found.Event.Kind == AuditKind.SessionSetup) + counted, Is.EqualTo(count));
    }

    private static AuditRecord Plain(AuditKind kind, DateTimeOffset time, string reason = "because") => new(0, time, new AuditEvent(kind, false, reason));
}
