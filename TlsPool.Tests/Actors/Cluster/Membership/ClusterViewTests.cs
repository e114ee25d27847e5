using NUnit.Framework;
using TlsPool.Actors.Cluster.Membership;

namespace TlsPool.Tests.Actors.Cluster.Membership;

[Parallelizable(ParallelScope.All)]
public sealed class ClusterViewTests
{
    private static NodeView Node(string host, string status = "Up", bool isReachable = true, int version = 2) =>
        new(host, 4253, status, isReachable, [], version);

    private static IEnumerable<string> Others(ClusterView view) => view.Others.Select(node => node.Host);

    [Test]
    public void Others_are_those_that_take_part_and_are_reached()
    {
        var view = new ClusterView(
            "a",
            [Node("b"), Node("a"), Node("c", "WeaklyUp"), Node("d", "Joining"), Node("e", "Leaving"), Node("f", "Exiting"), Node("g", "Down"), Node("h", isReachable: false)]);
        Assert.That(Others(view), Is.EqualTo(new[] { "b", "c" }));
    }

    [Test]
    public void A_host_that_has_begun_another_life_is_there_once()
    {
        var view = new ClusterView("a", [Node("a"), Node("b", "Down", isReachable: false), Node("b")]);
        Assert.That(Others(view), Is.EqualTo(new[] { "b" }));
    }

    [Test]
    public void The_oldest_node_is_the_first_that_is_up_even_if_it_is_not_reached_just_now()
    {
        Assert.That(new ClusterView("a", [Node("c", "Leaving"), Node("b", isReachable: false), Node("a")]).Oldest?.Host, Is.EqualTo("b"));
        Assert.That(new ClusterView("a", [Node("b", "WeaklyUp"), Node("a", "Joining")]).Oldest, Is.Null);
    }

    [TestCase("Up", true)]
    [TestCase("WeaklyUp", true)]
    [TestCase("Joining", false)]
    [TestCase("Leaving", false)]
    [TestCase("Down", false)]
    public void A_node_takes_part_while_it_is_up(string status, bool isUp) =>
        Assert.That(new ClusterView("a", [Node("b"), Node("a", status)]).IsUp, Is.EqualTo(isUp));

    [Test]
    public void Alone_there_are_no_others_and_the_oldest_messages_are_written()
    {
        ClusterView alone = ClusterView.Alone("a");
        Assert.That((alone.IsUp, alone.Oldest, alone.Others.Any(), alone.WireVersion), Is.EqualTo((false, (NodeView?)null, false, 1)));
    }

    [Test]
    public void Messages_are_those_that_the_oldest_version_reads_that_is_in_any_state()
    {
        Assert.That(new ClusterView("a", [Node("a"), Node("b")]).WireVersion, Is.EqualTo(2));
        Assert.That(new ClusterView("a", [Node("a"), Node("b"), Node("c", "Joining", isReachable: false, version: 1)]).WireVersion, Is.EqualTo(1));
    }
}
