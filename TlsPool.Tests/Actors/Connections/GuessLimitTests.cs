using NUnit.Framework;
using TlsPool.Actors.Connections;

namespace TlsPool.Tests.Actors.Connections;

/// <summary>How long answers to wrong control keys are held back.</summary>
public sealed class GuessLimitTests
{
    [Test]
    public void Some_are_free_further_ones_are_answered_one_after_the_other_and_time_forgives()
    {
        var time = new ManualTime();
        var limit = new GuessLimit(time);
        for (int i = 0; i < GuessLimit.Free; i++)
            Assert.That(limit.Take(), Is.EqualTo(TimeSpan.Zero));
        for (int i = 1; i <= 100; i++)
            Assert.That(limit.Take(), Is.EqualTo(GuessLimit.Step * i), "however many are sent at once");
        time.Advance(GuessLimit.Step * 50);
        Assert.That(limit.Take(), Is.EqualTo(GuessLimit.Step * 51));
        time.Advance(GuessLimit.Forgiven * 200);
        for (int i = 0; i < GuessLimit.Free; i++)
            Assert.That(limit.Take(), Is.EqualTo(TimeSpan.Zero));
        Assert.That(limit.Take(), Is.EqualTo(GuessLimit.Step));
    }

    [Test]
    public void A_wrong_key_now_and_then_is_never_held_back()
    {
        var time = new ManualTime();
        var limit = new GuessLimit(time);
        for (int i = 0; i < 1000; i++, time.Advance(GuessLimit.Forgiven))
            Assert.That(limit.Take(), Is.EqualTo(TimeSpan.Zero));
    }
}
