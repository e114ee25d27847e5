using NUnit.Framework;
using TlsPool.Actors.Cluster.Signing;

namespace TlsPool.Tests.Actors.Cluster.Signing;

[Parallelizable(ParallelScope.All)]
public sealed class SignerHealthTests
{
    [Test]
    public void A_node_that_does_not_answer_is_left_out_for_a_while_and_longer_each_time()
    {
        var time = new ManualTime();
        var health = new SignerHealth(time);
        foreach (int seconds in new[] { 1, 2, 4, 8, 16, 30, 30, 30 })
        {
            health.Failed();
            Assert.That(health.IsTrusted, Is.False);
            time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            health.Failed();
            Assert.That(health.IsTrusted, Is.False, "failures of the same time count once");
            time.Advance(TimeSpan.FromMilliseconds(1));
            Assert.That(health.IsTrusted, Is.True);
        }
    }

    [Test]
    public void A_node_that_answers_is_trusted_again()
    {
        var time = new ManualTime();
        var health = new SignerHealth(time);
        health.Failed();
        health.Answered(TimeSpan.FromMilliseconds(5));
        Assert.That(health.IsTrusted, Is.True);
        health.Failed();
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(health.IsTrusted, Is.True, "and its pauses begin with the shortest");
    }

    [Test]
    public void Who_is_slow_or_busy_costs_more()
    {
        var time = new ManualTime();
        SignerHealth quick = new(time), slow = new(time);
        quick.Answered(TimeSpan.FromMilliseconds(2));
        slow.Answered(TimeSpan.FromMilliseconds(500));
        Assert.That(quick.Cost, Is.LessThan(slow.Cost));
        quick.Outstanding = 1000;
        Assert.That(quick.Cost, Is.GreaterThan(slow.Cost));
    }

    [Test]
    public void An_answer_is_waited_for_as_long_as_it_usually_takes_but_in_bounds()
    {
        var health = new SignerHealth(new ManualTime());
        Assert.That(health.Limit, Is.EqualTo(TimeSpan.FromMilliseconds(400)));
        for (int i = 0; i < 50; i++)
            health.Answered(TimeSpan.FromMilliseconds(200));
        Assert.That(health.Limit.TotalMilliseconds, Is.InRange(1500, 1600));
        for (int i = 0; i < 50; i++)
            health.Answered(TimeSpan.FromSeconds(20));
        Assert.That(health.Limit, Is.EqualTo(TimeSpan.FromSeconds(3)));
    }
}
