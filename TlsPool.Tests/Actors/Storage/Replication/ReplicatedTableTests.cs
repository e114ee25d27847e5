using NUnit.Framework;
using TlsPool.Actors.Storage.Replication;

namespace TlsPool.Tests.Actors.Storage.Replication;

/// <summary>A further kind of record joins by being declared; hosts of different versions live together.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable]
public sealed class ReplicatedTableTests : IDisposable
{
    private const string Create = "CREATE TABLE pin (name TEXT NOT NULL UNIQUE, place BLOB NOT NULL DEFAULT X'FF', rank INTEGER NOT NULL DEFAULT 7) STRICT";

    private static readonly ReplicatedTable First = new(
        "pin", "pin", [new("name", ReplicatedType.Text)], [new("place", ReplicatedType.Blob, Default: new byte[] { 0xFF })]);

    private static readonly ReplicatedTable Second = First with { Values = [.. First.Values, new("rank", ReplicatedType.Integer, Default: 7L)] };

    private readonly ReplicaNode _old = new("old"), _first = new("first", opens: false), _second = new("second", opens: false);

    public ReplicatedTableTests()
    {
        _first.Execute(Create);
        _first.Open([.. ReplicatedTables.All, First]);
        _second.Execute(Create);
        _second.Open([.. ReplicatedTables.All, Second]);
    }

    public void Dispose()
    {
        _old.Dispose();
        _first.Dispose();
        _second.Dispose();
    }

    [Test]
    public void A_declaration_is_all_that_a_kind_needs()
    {
        _first.Execute("INSERT INTO pin (name, place) VALUES ('x', X'01')");
        _second.Pull(_first);
        Assert.That(Pins(_second), Is.EqualTo("x 01 7"), "a column that the other does not know has its default");
        _second.Execute("UPDATE pin SET rank = 9");
        Assert.That(_first.Pull(_second).Conflicts, Is.Empty);
        Assert.That(_first.Records().Single().Value, Is.EqualTo("""{"place":"01","rank":9}"""));
        Assert.That(Pins(_first), Is.EqualTo("x 01 7"));
    }

    [Test]
    public void A_column_that_is_not_known_survives_a_change_by_who_does_not_know_it()
    {
        _second.Execute("INSERT INTO pin (name, place, rank) VALUES ('x', X'01', 9)");
        _first.Pull(_second);
        _first.Execute("UPDATE pin SET place = X'02'");
        _second.Pull(_first);
        Assert.That(Pins(_second), Is.EqualTo("x 02 9"));
    }

    [Test]
    public void A_column_that_is_missing_goes_back_to_its_default()
    {
        _second.Execute("INSERT INTO pin (name, place, rank) VALUES ('x', X'01', 9)");
        ReplicaRecord record = _second.Records().Single();
        _second.Replica.Apply([record with { Clock = 1L << 60, Seen = $$"""{"second":{{1L << 60}}}""", Value = "{}" }]);
        Assert.That(Pins(_second), Is.EqualTo("x FF 7"));
    }

    [Test]
    public void Kinds_that_are_not_known_are_handed_on()
    {
        _first.Execute("INSERT INTO pin (name, place) VALUES ('x', X'01')");
        Assert.That(_old.Pull(_first).Applied, Is.EqualTo(1));
        _second.Pull(_old);
        Assert.That(Pins(_second), Is.EqualTo("x 01 7"));
    }

    [Test]
    public void A_kind_that_is_not_known_takes_effect_in_a_version_that_declares_it()
    {
        _first.Execute("INSERT INTO pin (name, place) VALUES ('x', X'01'), ('y', X'02')");
        _first.Execute("DELETE FROM pin WHERE name = 'y'");
        _old.Pull(_first);
        _old.Replica.Apply([new ReplicaRecord("pin", """["z",1]""", 5, "evil", """{"evil":5}""", "{}")]);
        _old.Execute(Create);
        _old.Execute("INSERT INTO pin (name) VALUES ('y'), ('own')");
        _old.Open([.. ReplicatedTables.All, Second]);
        Assert.That(Pins(_old), Is.EqualTo("own FF 7, x 01 7"), "what was removed elsewhere is, and what was here is kept");
        Assert.That(_old.Replica.GetPeer("first").Seq, Is.Zero, "everything is asked for again");
        _first.Pull(_old);
        Assert.That(Pins(_first), Is.EqualTo("own FF 7, x 01 7"));
        _old.Execute("UPDATE pin SET rank = 1");
        Assert.That(_second.Pull(_old).Refused, Has.Count.EqualTo(1), "which is the evil one");
        Assert.That(Pins(_second), Is.EqualTo("own FF 1, x 01 1"));
    }

    [Test]
    public void A_changed_declaration_replaces_the_triggers_and_uses_what_was_kept()
    {
        _second.Execute("INSERT INTO pin (name, place, rank) VALUES ('x', X'01', 9)");
        _first.Pull(_second);
        _first.Open([.. ReplicatedTables.All, Second]);
        Assert.That(Pins(_first), Is.EqualTo("x 01 9"));
        _first.Execute("UPDATE pin SET rank = 10");
        _second.Pull(_first);
        Assert.That(Pins(_second), Is.EqualTo("x 01 10"));
        _first.Open();
        Assert.That(_first.Rows("SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'replica_pin%'"), Is.EqualTo(new[] { "0" }));
    }

    [Test]
    public void Declarations_are_of_tables_and_columns_that_are_there() => Assert.Multiple(() =>
    {
        foreach (ReplicatedTable table in ReplicatedTables.All)
        {
            List<string> columns = _old.Rows($"SELECT name FROM pragma_table_info('{table.Table}') WHERE name <> 'id'");
            Assert.That(table.Key.Concat(table.Values).Select(column => column.Name), Is.EquivalentTo(columns), table.Kind);
        }
    });

    private static string Pins(ReplicaNode node) => string.Join(", ", node.Rows("SELECT name || ' ' || hex(place) || ' ' || rank FROM pin ORDER BY name"));
}
