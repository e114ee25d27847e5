using System.Text.Json;
using NUnit.Framework;
using TlsPool.Cli.Consoles.Screens;

namespace TlsPool.Tests.Cli.Consoles;

[Parallelizable(ParallelScope.All)]
public sealed class ListStateTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);

    [Test]
    public void The_selected_row_stays_selected_while_others_come_and_go()
    {
        ListState list = New();
        list.Take(Part(null, 1, 2, 3, 4), Now);
        list.Move(2);
        list.Take(Part(null, 3, 4, 5), Now);
        Assert.That(list.Row!.Number("number"), Is.EqualTo(3));
        list.Take(Part(null, 4, 5), Now);
        Assert.That(list.Row!.Number("number"), Is.EqualTo(4), "the one that came in its place");
        list.Take(Part(null), Now);
        Assert.That(list.Row, Is.Null);
    }

    [Test]
    public void A_session_of_another_node_with_the_same_number_is_another_one()
    {
        ListState list = New();
        list.Take(Page("""[{"node":"a","number":1},{"node":"b","number":1}]""", null), Now);
        list.Move(1);
        list.Take(Page("""[{"node":"b","number":1}]""", null), Now);
        Assert.That((list.Rows.Count, list.Row!.Text("node")), Is.EqualTo((1, "b")));
    }

    [Test]
    public void Parts_are_followed_and_found_again()
    {
        ListState list = New();
        list.Take(Part("x", 1, 2), Now);
        Assert.That(list.Question(2)["after"], Is.Null);
        Assert.That(list.GoOn(), Is.True);
        Assert.That((list.Part, list.Question(2)["after"]), Is.EqualTo((2, "x")));
        Assert.That(list.GoOn(), Is.False, "the answer is not there yet");
        list.Take(Part("y", 3, 4), Now);
        list.GoOn();
        Assert.That(list.Question(2)["after"], Is.EqualTo("y"));
        list.GoBack();
        Assert.That(list.Question(2)["after"], Is.EqualTo("x"));
        list.GoBack();
        Assert.That((list.GoBack(), list.Part, list.Question(2)["after"]), Is.EqualTo((false, 1, (object?)null)));
    }

    [Test]
    public void A_part_that_has_become_empty_gives_way_to_the_one_before()
    {
        ListState list = New();
        list.Take(Part("x", 1, 2), Now);
        list.GoOn();
        Assert.That(list.Take(Part(null), Now), Is.False);
        Assert.That((list.Part, list.Question(2)["after"]), Is.EqualTo((1, (object?)null)));
        Assert.That(list.Take(Part(null), Now), Is.True, "the first one may be empty");
    }

    [Test]
    public void Another_filter_or_order_begins_at_the_beginning()
    {
        ListState list = New();
        list.Take(Part("x", 1, 2), Now);
        list.GoOn();
        list.Narrow(new Dictionary<string, object?> { ["uid"] = 5L }, "here");
        Assert.That((list.Part, list.Node, list.Question(2)["uid"]), Is.EqualTo((1, "here", (object)5L)));
        list.Take(Part("x", 1, 2), Now);
        list.GoOn();
        Assert.That(list.Reorder(), Is.True);
        Assert.That((list.Part, list.Question(2)["sort"]), Is.EqualTo((1, "age")));
    }

    [Test]
    public void Rates_are_of_the_time_between_two_answers()
    {
        var list = new ListState(ScreenTable.All[0], "");
        list.Take(Page("""[{"node":"a","time":"2026-11-30T12:00:00Z","handshakes":{"done":100}}]""", null), Now);
        Assert.That(list.Row!.Rate("handshakes.done"), Is.Null);
        list.Take(Page("""[{"node":"a","time":"2026-11-30T12:00:04Z","handshakes":{"done":140}}]""", null), Now);
        Assert.That(list.Row!.Rate("handshakes.done"), Is.EqualTo(10));
    }

    private static ListState New() => new(ScreenTable.All.Single(screen => screen.Name == "Sessions"), "");

    private static JsonElement Part(string? next, params int[] numbers) =>
        Page($"[{string.Join(',', numbers.Select(number => $$"""{"node":"a","number":{{number}}}"""))}]", next);

    private static JsonElement Page(string items, string? next) =>
        JsonDocument.Parse($$"""{"items":{{items}},"total":100000,"next":{{(next is null ? "null" : $"\"{next}\"")}},"silent":[]}""").RootElement;
}
