using NUnit.Framework;
using TlsPool.Crypto.Handshakes;
using TlsPool.Tests.Actors;
using static TlsPool.Tests.Crypto.Handshakes.SharedRings;

namespace TlsPool.Tests.Crypto.Handshakes;

/// <summary>Rings of several hosts with the same keys.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class SharedTicketKeyTests
{
    [Test]
    public void A_ticket_of_another_node_opens()
    {
        var time = new ManualTime();
        using TicketKeyRing one = Ring(time), other = Ring(time);
        byte[] ticket = one.Seal(State);

        Assert.That(other.TryOpen(ticket, singleUse: false), Is.Null);
        Assert.That(Send(one, other), Is.EqualTo(1));
        Assert.That(other.TryOpen(ticket, singleUse: true), Is.EqualTo(State));
        Assert.That(Send(one, other), Is.Zero, "known by now");
        Assert.That(Send(other, one), Is.EqualTo(1));
        Assert.That(SealedUnder(one), Is.EqualTo(SealedUnder(other)));
    }

    [Test]
    public void A_key_is_everywhere_before_it_seals()
    {
        var time = new ManualTime();
        using TicketKeyRing leader = Ring(time, rotates: true), follower = Ring(time);
        Send(leader, follower);
        Send(follower, leader);
        int told = 0;
        leader.Rotated += () => told++;
        follower.Rotated += () => Assert.Fail("it does not rotate");
        for (int i = 1; i <= 20; i++)
        {
            ulong before = SealedUnder(leader);
            time.Advance(Hour / 2);
            Assert.That(SealedUnder(leader), Is.EqualTo(before), "the new one has to get around first");
            Assert.That(told, Is.EqualTo(i));
            Assert.That(Send(leader, follower), Is.EqualTo(1));
            Assert.That(SealedUnder(follower), Is.EqualTo(before));
            byte[] last = leader.Seal(State);
            time.Advance(Minute);
            Assert.That(SealedUnder(leader), Is.Not.EqualTo(before));
            Assert.That(SealedUnder(follower), Is.EqualTo(SealedUnder(leader)));
            Assert.That(follower.TryOpen(leader.Seal(State), singleUse: false), Is.EqualTo(State));
            Assert.That(follower.TryOpen(last, singleUse: false), Is.EqualTo(State));
        }
        Assert.That(leader.Export(), Has.Count.LessThanOrEqualTo(5));
    }

    [Test]
    public void A_last_ticket_of_a_key_lives_as_long_as_others()
    {
        var time = new ManualTime();
        using TicketKeyRing ring = Ring(time, rotates: true);
        time.Advance(Hour / 2);
        ring.Rotate();
        time.Advance(Hour / 2);
        Assert.That(ring.RotateIfDue(), Is.True);
        time.Advance(Minute - TimeSpan.FromSeconds(1));
        byte[] last = ring.Seal(State);
        for (TimeSpan age = default; age < Hour - Minute; age += Minute)
        {
            time.Advance(Minute);
            ring.RotateIfDue();
            Assert.That(ring.TryOpen(last, singleUse: false), Is.EqualTo(State), $"after {age}");
        }
    }

    [Test]
    public void A_ring_is_reminded_to_rotate_where_no_tickets_are_made()
    {
        var time = new ManualTime();
        using TicketKeyRing ring = Ring(time, rotates: true);
        Assert.That(ring.RotateIfDue(), Is.False);
        time.Advance(Hour / 2);
        Assert.That(ring.RotateIfDue(), Is.True);
        Assert.That(ring.RotateIfDue(), Is.False);
        Assert.That(ring.Export(), Has.Count.EqualTo(2));
    }

    [Test]
    public void A_ring_that_is_cut_off_rotates_itself_after_a_while()
    {
        var time = new ManualTime();
        using TicketKeyRing ring = Ring(time);
        int told = 0;
        ring.Rotated += () => told++;
        ulong first = SealedUnder(ring);
        time.Advance(Hour * 0.74);
        Assert.That((SealedUnder(ring), told), Is.EqualTo((first, 0)));
        time.Advance(Hour * 0.01);
        Assert.That((SealedUnder(ring), told), Is.EqualTo((first, 1)));
        time.Advance(Minute);
        Assert.That(SealedUnder(ring), Is.Not.EqualTo(first));
        Assert.That(told, Is.EqualTo(1));
    }

    [Test]
    public void A_key_that_is_alone_seals_at_once()
    {
        var time = new ManualTime();
        using TicketKeyRing ring = Ring(time);
        Assert.That(ring.Export().Single().SealsFrom, Is.EqualTo(time.GetUtcNow()));
        ulong first = SealedUnder(ring);
        time.Advance(TimeSpan.FromDays(1));
        Assert.That(ring.Export(), Is.Empty, "of no use to anybody");
        Assert.That(SealedUnder(ring), Is.Not.EqualTo(first), "nothing of the old one can be valid");
        Assert.That(ring.Export().Single().SealsFrom, Is.EqualTo(time.GetUtcNow()));
    }

    [Test]
    public void Keys_are_united_after_a_partition()
    {
        var time = new ManualTime();
        using TicketKeyRing a = Ring(time, rotates: true), b = Ring(time), c = Ring(time);
        TicketKeyRing[] rings = [a, b, c];
        foreach (TicketKeyRing ring in rings)
            Send(a, ring);
        time.Advance(Hour * 0.8);
        foreach (TicketKeyRing ring in rings)
            ring.Seal(State);
        time.Advance(Minute);
        byte[][] tickets = [.. rings.Select(ring => ring.Seal(State))];
        Assert.That(rings.Select(SealedUnder).Distinct().Count(), Is.EqualTo(3));

        foreach (TicketKeyRing from in rings.Reverse())
            foreach (TicketKeyRing to in rings)
                Send(from, to);
        foreach (TicketKeyRing from in rings)
            foreach (TicketKeyRing to in rings)
                Send(from, to);
        Assert.That(rings.Select(SealedUnder).Distinct().Count(), Is.EqualTo(1));
        foreach (TicketKeyRing ring in rings)
            foreach (byte[] ticket in tickets)
                Assert.That(ring.TryOpen(ticket, singleUse: false), Is.EqualTo(State));
    }

    [Test]
    public void Keys_of_one_moment_are_told_apart_by_name()
    {
        var time = new ManualTime();
        using TicketKeyRing one = Ring(time), other = Ring(time);
        TicketKey[] keys = [.. new ulong[] { 5, 9, 7 }.Select(name => Key(name, time.GetUtcNow()))];
        time.Advance(Minute);
        foreach (TicketKeyRing ring in new[] { one, other })
            ring.Import([Key(1, time.GetUtcNow() - Minute * 2)]);
        one.Import(keys);
        other.Import([.. keys.Reverse()]);
        Send(one, other);
        Send(other, one);
        Assert.That(SealedUnder(one), Is.EqualTo(SealedUnder(other)));
        // The two of the rings themselves are of the same moment as well, and take part.
        ulong greatest = one.Export().Where(key => key.SealsFrom == keys[0].SealsFrom).Max(key => key.Name);
        Assert.That(SealedUnder(one), Is.EqualTo(greatest));
    }

    [Test]
    public void Clocks_may_differ_by_minutes([Values(-4, -2, 2, 3)] int minutes)
    {
        var time = new ManualTime();
        var elsewhere = new ManualTime();
        elsewhere.Advance(TimeSpan.FromMinutes(minutes));
        using TicketKeyRing leader = Ring(elsewhere, rotates: true), follower = Ring(time);
        Send(leader, follower);
        Send(follower, leader);
        for (int i = 0; i < 10; i++)
        {
            elsewhere.Advance(Hour / 2);
            time.Advance(Hour / 2);
            leader.RotateIfDue();
            int taken = Send(leader, follower);
            for (int minute = 0; minute < 6; minute++)
            {
                Assert.That(follower.TryOpen(leader.Seal(State), singleUse: true), Is.EqualTo(State));
                Assert.That(leader.TryOpen(follower.Seal(State), singleUse: true), Is.EqualTo(State));
                elsewhere.Advance(Minute);
                time.Advance(Minute);
                // A key that a clock ahead has made puts the first rotation off by as much.
                leader.RotateIfDue();
                taken += Send(leader, follower);
            }
            Assert.That(taken, Is.EqualTo(1));
            Assert.That(SealedUnder(follower), Is.EqualTo(SealedUnder(leader)));
        }
    }

    [Test]
    public void Many_threads_seal_and_open_while_keys_come_and_go()
    {
        using TicketKeyRing one = Ring(TimeProvider.System), other = Ring(TimeProvider.System);
        (one.Lead, other.Lead) = (TimeSpan.Zero, TimeSpan.Zero);
        Send(one, other);
        Send(other, one);
        int made = 0;
        one.Rotated += () => Interlocked.Increment(ref made);
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, worker =>
        {
            for (int i = 0; i < 400; i++)
            {
                switch (worker)
                {
                    case 0:
                        one.Rotate();
                        break;
                    case 1:
                        Send(one, other);
                        Send(other, one);
                        break;
                    default:
                        TicketKeyRing ring = worker % 2 == 0 ? one : other;
                        byte[]? opened = ring.TryOpen(ring.Seal(State), singleUse: true);
                        // 64 rotations between the two lines would be rare, and no fault.
                        if (opened is not null)
                            Assert.That(opened, Is.EqualTo(State));
                        break;
                }
            }
        });
        Assert.That(made, Is.EqualTo(400));
        Assert.That(one.Export(), Has.Count.LessThanOrEqualTo(TicketKeyRing.MaxKeys));
        Send(one, other);
        Send(other, one);
        Assert.That(other.TryOpen(one.Seal(State), singleUse: false), Is.EqualTo(State));
        Assert.That(one.TryOpen(other.Seal(State), singleUse: false), Is.EqualTo(State));
    }

    [Test]
    public void Of_many_threads_one_rotates()
    {
        var time = new ManualTime();
        using TicketKeyRing ring = Ring(time, rotates: true);
        int made = 0;
        ring.Rotated += () => Interlocked.Increment(ref made);
        for (int i = 1; i <= 50; i++)
        {
            time.Advance(Hour / 2);
            Parallel.For(0, 8, _ => ring.Seal(State));
            Assert.That(made, Is.EqualTo(i));
        }
    }
}
