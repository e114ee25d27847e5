using NUnit.Framework;
using TlsPool.Actors.Management;
using TlsPool.Actors.Management.Operations;
using TlsPool.Actors.Management.Views;

namespace TlsPool.Tests.Actors.Management;

/// <summary>Parts of lists: together they are the list, whatever comes and goes meanwhile, and from however many nodes.</summary>
[Parallelizable]
public sealed class PagingTests
{
    private static readonly string[] Nodes = ["a", "b", "c"];

    [TestCase(1)]
    [TestCase(7)]
    [TestCase(100)]
    [TestCase(500)]
    public void Parts_make_up_the_list_in_its_order(int limit)
    {
        List<Row> rows = Rows(seed: 1, 250);
        Assert.That(Follow(limit, after => Part(rows, limit, after)), Is.EqualTo(rows.OrderBy(KeyOf)));
    }

    [Test]
    public void Parts_of_several_nodes_make_up_one_list()
    {
        List<Row> rows = Rows(seed: 2, 300);
        Page<Row> Merged(string? after)
        {
            Paging paging = Asked(20, after);
            return paging.Merge([.. Nodes.Select(node => Part([.. rows.Where(row => row.Node == node)], 20, after))], KeyOf);
        }
        Assert.That(Follow(20, Merged), Is.EqualTo(rows.OrderBy(KeyOf)));
        Assert.That(Merged(null).Total, Is.EqualTo(300));
    }

    [Test]
    public void Rows_that_come_and_go_hide_and_repeat_no_others()
    {
        var random = new Random(3);
        List<Row> rows = Rows(seed: 3, 200);
        HashSet<Row> stay = [.. rows.Where((_, i) => i % 2 == 0)];
        List<Row> seen = Follow(10, after =>
        {
            rows.RemoveAll(row => !stay.Contains(row) && random.Next(4) == 0);
            rows.AddRange(Enumerable.Range(0, 5).Select(i => new Row(Nodes[i % 3], 1_000_000 + random.Next(1_000_000), random.Next(50))));
            return Part(rows, 10, after);
        });
        Assert.That(seen, Is.Unique);
        Assert.That(seen, Is.SupersetOf(stay));
    }

    [Test]
    public void Where_a_part_begins_is_read_as_it_was_written_and_nothing_else_is()
    {
        var key = new RowKey(-5, "späte@x.example\n", "node-1", long.MaxValue);
        Assert.That(RowKey.TryParse(key.ToString()), Is.EqualTo(key));
        foreach (string wrong in new[] { "", "1", "1.2.3", "x.1..", "1.2.zz.", "1.2..6", "1.2...", new string('.', 1000) })
            Assert.That(RowKey.TryParse(wrong), Is.Null, wrong);
    }

    [TestCase("""{"limit":0}""")]
    [TestCase("""{"limit":501}""")]
    [TestCase("""{"after":"7"}""")]
    public void A_part_that_cannot_be_is_refused(string json)
    {
        using Arguments arguments = Arguments.Read(System.Text.Encoding.UTF8.GetBytes(json), [Paging.LimitParameter, Paging.AfterParameter]);
        Assert.That(() => Paging.Of(arguments), Throws.TypeOf<ManagementException>().With.Property("Fault").EqualTo(ManagementFault.BadRequest));
    }

    private static List<Row> Rows(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i => new Row(Nodes[random.Next(3)], i, random.Next(20)))];
    }

    private static List<Row> Follow(int limit, Func<string?, Page<Row>> part)
    {
        var all = new List<Row>();
        string? next = null;
        do
        {
            Page<Row> page = part(next);
            Assert.That(page.Items, Has.Count.LessThanOrEqualTo(limit));
            all.AddRange(page.Items);
            next = page.Next;
        }
        while (next is not null);
        return all;
    }

    private static Page<Row> Part(List<Row> rows, int limit, string? after) => Asked(limit, after).Take(rows, KeyOf, row => row);

    private static Paging Asked(int limit, string? after) => new(limit, after is null ? null : RowKey.TryParse(after), "");

    private static RowKey KeyOf(Row row) => new(row.Value, "", row.Node, row.Number);

    private sealed record Row(string Node, long Number, long Value);
}
