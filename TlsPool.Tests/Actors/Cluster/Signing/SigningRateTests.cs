using NUnit.Framework;
using TlsPool.Actors.Cluster.Signing;

namespace TlsPool.Tests.Actors.Cluster.Signing;

[Parallelizable(ParallelScope.All)]
public sealed class SigningRateTests
{
    private static int Taken(SigningRate rate, int tries, string node = "a", string identity = "example.com") =>
        Enumerable.Range(0, tries).Count(_ => rate.TryTake(node, identity));

    [TestCase(1)]
    [TestCase(5)]
    [TestCase(1000)]
    public void As_many_as_one_second_brings_are_made_at_once(int perSecond)
    {
        var time = new ManualTime();
        var rate = new SigningRate(perSecond, time);

        Assert.That(Taken(rate, perSecond * 2), Is.EqualTo(perSecond));
        time.Advance(TimeSpan.FromDays(1));
        Assert.That(Taken(rate, perSecond * 2), Is.EqualTo(perSecond), "a bucket holds no more after a long pause");
    }

    [Test]
    public void A_bucket_fills_at_its_rate()
    {
        var time = new ManualTime();
        var rate = new SigningRate(10, time);

        Assert.That(Taken(rate, 10), Is.EqualTo(10));
        time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.That(rate.TryTake("a", "example.com"), Is.False);
        time.Advance(TimeSpan.FromMilliseconds(1.001));
        Assert.That(Taken(rate, 2), Is.EqualTo(1));
        time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.That(Taken(rate, 10), Is.EqualTo(5));
    }

    [Test]
    public void What_is_refused_does_not_put_the_next_one_off()
    {
        var time = new ManualTime();
        var rate = new SigningRate(2, time);
        int taken = 0;
        for (int i = 0; i < 10_000; i++)
        {
            taken += Taken(rate, 1);
            time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.That(taken, Is.InRange(21, 22));
    }

    [Test]
    public void Nodes_and_identities_do_not_share_a_bucket()
    {
        var rate = new SigningRate(3, new ManualTime());

        Assert.That(Taken(rate, 9), Is.EqualTo(3));
        Assert.That(Taken(rate, 9, node: "b"), Is.EqualTo(3));
        Assert.That(Taken(rate, 9, identity: "example.org"), Is.EqualTo(3));
        Assert.That(Taken(rate, 9), Is.Zero);
    }

    [Test]
    public void The_bucket_that_is_idle_for_longest_is_forgotten()
    {
        var rate = new SigningRate(1, new ManualTime());
        for (int i = 0; i < SigningRate.MaxBuckets; i++)
            Assert.That(rate.TryTake("a", $"{i}.example"), Is.True);
        Assert.That(rate.TryTake("a", "0.example"), Is.False, "known, and used again");
        Assert.That(rate.TryTake("a", "one.more.example"), Is.True);

        Assert.That(rate.Count, Is.EqualTo(SigningRate.MaxBuckets));
        Assert.That(rate.TryTake("a", "0.example"), Is.False);
        Assert.That(rate.TryTake("a", "2.example"), Is.False);
        Assert.That(rate.TryTake("a", "1.example"), Is.True, "forgotten");
    }

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(1_000_001)]
    public void A_rate_without_sense_is_refused(int perSecond) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new SigningRate(perSecond, TimeProvider.System));
}
