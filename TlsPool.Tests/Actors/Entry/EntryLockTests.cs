using Akka.Actor;
using NUnit.Framework;
using TlsPool.Actors.Entry;

namespace TlsPool.Tests.Actors.Entry;

[TestFixture]
public sealed class EntryLockTests : AkkaFixture
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly ManualTime _time = new();
    private EntryLock _lock = null!;
    private IActorRef _one = null!;
    private IActorRef _other = null!;

    [SetUp]
    public void Make()
    {
        _lock = new EntryLock(_time);
        (_one, _other) = (Kit.CreateTestProbe(), Kit.CreateTestProbe());
    }

    [Test]
    public void Open_offer_keeps_everybody_out_also_its_own_connection()
    {
        Assert.That(_lock.TryOffer(_one, 7, Minute));
        Assert.Multiple(() =>
        {
            Assert.That(_lock.TryOffer(_other, 8, Minute), Is.False);
            Assert.That(_lock.TryOffer(_one, 8, Minute), Is.False);
            Assert.That((_lock.Holder, _lock.OpenRequest), Is.EqualTo((_one, 7)));
        });
        _time.Advance(TimeSpan.FromDays(1));
        Assert.That(_lock.TryOffer(_other, 8, Minute), Is.False, "an offer that is not asked for anything does not grow old");
    }

    [Test]
    public void From_the_question_until_the_timeout_only_its_connection_may_offer()
    {
        _lock.TryOffer(_one, 7, Minute);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.That(_lock.TryAsk(), Is.EqualTo((_one, (ushort)7)));
        Assert.That(_lock.TryAsk(), Is.Null, "an offer is good for one question");
        _time.Advance(Minute - TimeSpan.FromTicks(1));
        Assert.Multiple(() =>
        {
            Assert.That(_lock.TryOffer(_other, 8, Minute), Is.False);
            Assert.That(_lock.Holder, Is.EqualTo(_one));
            Assert.That(_lock.Remaining, Is.EqualTo(TimeSpan.FromTicks(1)));
        });
        Assert.That(_lock.TryOffer(_one, 8, Minute), "its answer is the next offer");
    }

    [Test]
    public void After_the_timeout_anybody_may_offer()
    {
        _lock.TryOffer(_one, 7, Minute);
        _lock.TryAsk();
        _time.Advance(Minute);
        Assert.That((_lock.Holder, _lock.Remaining), Is.EqualTo(((IActorRef?)null, TimeSpan.Zero)));
        Assert.That(_lock.TryOffer(_other, 8, Minute));
        Assert.That(_lock.Release(_one), Is.False, "the place is taken by another");
        Assert.That(_lock.Holder, Is.EqualTo(_other));
    }

    [Test]
    public void Timeout_of_zero_protects_nobody()
    {
        _lock.TryOffer(_one, 7, TimeSpan.Zero);
        _lock.TryAsk();
        Assert.That(_lock.TryOffer(_other, 8, Minute));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Connection_that_closes_frees_the_lock_at_once(bool asked)
    {
        _lock.TryOffer(_one, 7, Minute);
        if (asked)
            _lock.TryAsk();
        Assert.That(_lock.Release(_other), Is.False);
        Assert.That(_lock.Release(_one));
        Assert.That(_lock.TryAsk(), Is.Null);
        Assert.That(_lock.TryOffer(_other, 8, Minute));
    }

    [Test]
    public void Offer_after_an_unprotected_question_takes_the_place()
    {
        _lock.TryOffer(_one, 7, TimeSpan.Zero);
        _lock.TryAsk();
        _lock.TryOffer(_other, 8, Minute);
        Assert.That(_lock.TryOffer(_one, 9, Minute), Is.False, "whose late answer is no offer any more");
        Assert.That(_lock.TryAsk(), Is.EqualTo((_other, (ushort)8)));
    }
}
