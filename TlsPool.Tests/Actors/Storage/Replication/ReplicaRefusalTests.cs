using NUnit.Framework;
using TlsPool.Actors.Storage.Replication;

namespace TlsPool.Tests.Actors.Storage.Replication;

/// <summary>Records that are broken, or that somebody made to break something.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable]
public sealed class ReplicaRefusalTests : IDisposable
{
    private static readonly ReplicaRecord Good = new(
        "anchor", """["AB"]""", 5, "b", """{"b":5}""", """{"certificate":"00","source":"x"}""");

    private readonly ReplicaNode _a = new("a");

    public void Dispose() => _a.Dispose();

    private static IEnumerable<TestCaseData> Broken()
    {
        yield return Case("no kind", Good with { Kind = "" });
        yield return Case("null", Good with { Kind = null!, Key = null!, Node = null!, Seen = null! });
        yield return Case("long kind", Good with { Kind = new string('k', 65) });
        yield return Case("strange kind", Good with { Kind = "a'b" });
        yield return Case("no node", Good with { Node = "" });
        yield return Case("long node", Good with { Node = new string('n', 256) });
        yield return Case("no clock", Good with { Clock = 0 });
        yield return Case("too late", Good with { Clock = (1L << 62) + 1 });
        yield return Case("key no JSON", Good with { Key = "[" });
        yield return Case("key null", Good with { Key = null! });
        yield return Case("key no array", Good with { Key = "{}" });
        yield return Case("key too short", Good with { Key = "[]" });
        yield return Case("key too long", Good with { Key = """["AB","CD"]""" });
        yield return Case("key of numbers", Good with { Key = "[1]" });
        yield return Case("key of null", Good with { Key = "[null]" });
        yield return Case("key no hex", Good with { Key = """["AX"]""" });
        yield return Case("key of half bytes", Good with { Key = """["ABC"]""" });
        yield return Case("key with a space", Good with { Key = """[ "AB"]""" });
        yield return Case("key in small letters", Good with { Key = """["ab"]""" });
        yield return Case("key with an escape", Good with { Key = """["\u0041B"]""" });
        yield return Case("key of 4 KiB and one", Good with { Kind = "unknown", Key = $"[\"{new string('A', 4096 - 3)}\"]" });
        yield return Case("value no JSON", Good with { Value = "{" });
        yield return Case("value no object", Good with { Value = "[]" });
        yield return Case("value twice", Good with { Value = """{"certificate":"00","source":"x","source":"y"}""" });
        yield return Case("value of a wrong type", Good with { Value = """{"certificate":"00","source":1}""" });
        yield return Case("value without a column", Good with { Value = """{"source":"x"}""" });
        yield return Case("value of null", Good with { Value = """{"certificate":"00","source":null}""" });
        yield return Case("value no Unicode", Good with { Value = """{"certificate":"00","source":"\ud800"}""" });
        yield return Case("text no Unicode", Good with { Value = "{\"certificate\":\"00\",\"source\":\"\ud800\"}" });
        yield return Case("value of 256 KiB and more", Good with { Value = $$"""{"certificate":"{{new string('0', 256 << 10)}}","source":"x"}""" });
        yield return Case("value deep", Good with { Kind = "unknown", Value = $$"""{"x":{{new string('[', 100)}}{{new string(']', 100)}}}""" });
        yield return Case("seen no object", Good with { Seen = "5" });
        yield return Case("seen without itself", Good with { Seen = "{}" });
        yield return Case("seen of another clock", Good with { Seen = """{"b":4}""" });
        yield return Case("seen the future", Good with { Seen = """{"b":5,"c":6}""" });
        yield return Case("seen text", Good with { Seen = """{"b":5,"c":"1"}""" });
        yield return Case("a table's check", new ReplicaRecord("access", """["a.example",null,null,"",4,""]""", 5, "b", """{"b":5}""", "{}"));
        yield return Case("a number too great", new ReplicaRecord("access", """["a.example",4294967296,null,"",3,""]""", 5, "b", """{"b":5}""", "{}"));
        yield return Case("a fraction", new ReplicaRecord("access", """["a.example",1.0,null,"",3,""]""", 5, "b", """{"b":5}""", "{}"));
    }

    [TestCaseSource(nameof(Broken))]
    public void A_broken_record_is_told_and_spoils_no_other(ReplicaRecord broken)
    {
        ReplicaRecord[] good = [Good with { Key = """["01"]""" }, Good with { Key = """["02"]""" }];
        ReplicaOutcome outcome = _a.Replica.Apply([good[0], broken, good[1]], new PeerProgress("b", "i", 3));
        Assert.That((outcome.Applied, outcome.Ignored, outcome.Refused.Count, outcome.Conflicts.Count), Is.EqualTo((2, 0, 1, 0)));
        Assert.That(outcome.Refused[0].Reason, Is.Not.Empty);
        Assert.That(_a.Records(), Is.EqualTo(good));
        Assert.That((_a.Trust.List().Count, _a.Access.List(out _).Count, _a.Replica.GetPeer("b").Seq), Is.EqualTo((2, 0, 3L)));
        _a.Trust.Add([ReplicaNode.Anchor("one")]);
        Assert.That(_a.Replica.Seq(), Is.EqualTo(3), "and changes are journaled as before");
    }

    [Test]
    public void Limits_are_inclusive()
    {
        var record = new ReplicaRecord(
            new string('k', 64), $"[\"{new string('A', 4096 - 4)}\"]", 1L << 62, new string('n', 255), $$"""{"{{new string('n', 255)}}":{{1L << 62}}}""",
            $$"""{"x":"{{new string('0', (256 << 10) - 8)}}"}""");
        Assert.That(_a.Replica.Apply([record]).Applied, Is.EqualTo(1));
        Assert.That(_a.Records().Single(), Is.EqualTo(record));
    }

    [Test]
    public void What_is_told_about_a_refused_record_is_printable()
    {
        ReplicaRefusal refusal = _a.Replica.Apply([Good with { Kind = "\u001b[2J", Key = "\n" + new string('k', 9999), Node = "\0\ud800" }]).Refused.Single();
        Assert.That((refusal.Kind, refusal.Node), Is.EqualTo(("?[2J", "??")));
        Assert.That(refusal.Key, Has.Length.LessThan(210).And.StartsWith("?k"));
    }

    [Test]
    public void A_refused_record_does_not_set_the_clock()
    {
        _a.Replica.Apply([new ReplicaRecord("access", """["a.example",null,null,"",4,""]""", 1L << 62, "b", $$"""{"b":{{1L << 62}}}""", "{}")]);
        _a.Trust.Add([ReplicaNode.Anchor("one")]);
        Assert.That(_a.Records().Single().Clock, Is.LessThan(1L << 60));
    }

    [Test]
    public void A_progress_of_nobody_is_a_mistake_of_the_caller() =>
        Assert.Throws<ArgumentException>(() => _a.Replica.Apply([], new PeerProgress("", "", 0)));

    private static TestCaseData Case(string name, ReplicaRecord record) => new TestCaseData(record).SetArgDisplayNames(name);
}
