using System.Security.Cryptography;
using NUnit.Framework;
using TlsPool.Crypto.Handshakes;
using TlsPool.Tests.Actors;
using static TlsPool.Tests.Crypto.Handshakes.SharedRings;

namespace TlsPool.Tests.Crypto.Handshakes;

/// <summary>What a ring takes from others, whatever they send, and what becomes of secrets.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class TicketKeyLimitTests
{
    [Test]
    public void Keys_out_of_their_time_are_left_out()
    {
        var time = new ManualTime();
        using TicketKeyRing ring = Ring(time);
        DateTimeOffset now = time.GetUtcNow();
        var tick = TimeSpan.FromTicks(1);
        int Taken(DateTimeOffset made, DateTimeOffset sealsFrom) => ring.Import([Key((ulong)Random.Shared.NextInt64(), made, sealsFrom)]);

        Assert.Multiple(() =>
        {
            Assert.That(Taken(now, now + TicketKeyRing.MaxAhead), Is.EqualTo(1));
            Assert.That(Taken(now, now + TicketKeyRing.MaxAhead + tick), Is.Zero);
            Assert.That(Taken(now + TicketKeyRing.MaxAhead, now + TicketKeyRing.MaxAhead), Is.EqualTo(1));
            Assert.That(Taken(now + TicketKeyRing.MaxAhead + tick, now + TicketKeyRing.MaxAhead + tick), Is.Zero);
            Assert.That(Taken(now - (Hour * 1.5), now - Minute), Is.EqualTo(1));
            Assert.That(Taken(now - (Hour * 1.5) - tick, now - Minute), Is.Zero);
            Assert.That(Taken(now, now - tick), Is.Zero, "seals before it was made");
            Assert.That(Taken(DateTimeOffset.MinValue, DateTimeOffset.MinValue), Is.Zero);
            Assert.That(Taken(DateTimeOffset.MaxValue, DateTimeOffset.MaxValue), Is.Zero);
            Assert.That(Taken(DateTimeOffset.MinValue, DateTimeOffset.MaxValue), Is.Zero);
            Assert.That(Taken(DateTimeOffset.MaxValue, DateTimeOffset.MinValue), Is.Zero);
        });
        Assert.That(ring.TryOpen(ring.Seal(State), singleUse: false), Is.EqualTo(State));
    }

    [Test]
    public void A_name_that_is_known_keeps_its_secret()
    {
        var time = new ManualTime();
        using TicketKeyRing ring = Ring(time);
        TicketKey own = ring.Export().Single();
        byte[] ticket = ring.Seal(State);
        Assert.That(ring.Import([Key(own.Name, own.Made, own.SealsFrom), Key(own.Name, own.Made + Minute)]), Is.Zero);
        Assert.That(ring.Export().Single().Secret.SequenceEqual(own.Secret), Is.True);
        Assert.That(ring.TryOpen(ticket, singleUse: false), Is.EqualTo(State));
        Assert.That(ring.Import([Key(4711, own.Made), Key(4711, own.Made)]), Is.EqualTo(1), "twice in one message");
    }

    [Test]
    public void What_is_no_key_is_left_out()
    {
        var time = new ManualTime();
        using TicketKeyRing ring = Ring(time);
        TicketKey gone = Key(1, time.GetUtcNow());
        gone.Dispose();
        Assert.That(ring.Import([gone, null!, new TicketKey(2, new byte[TicketKey.SecretSize], time.GetUtcNow(), time.GetUtcNow())]), Is.Zero);
        Assert.That(ring.Import([]), Is.Zero);
        foreach (int size in new[] { 0, 16, 31, 33 })
            Assert.Throws<ArgumentException>(() => _ = new TicketKey(1, new byte[size], default, default));
    }

    [Test]
    public void A_flood_of_keys_leaves_the_one_that_seals()
    {
        var time = new ManualTime();
        using TicketKeyRing ring = Ring(time);
        byte[] ticket = ring.Seal(State);
        ulong sealing = SealedUnder(ring);
        for (int i = 0; i < 10; i++)
        {
            TicketKey[] flood = [.. Enumerable.Range(0, 1000).Select(n => Key((ulong)((i * 1000) + n), time.GetUtcNow() + Minute))];
            Assert.That(ring.Import(flood), Is.LessThanOrEqualTo(TicketKeyRing.MaxKeys));
            Assert.That(ring.Export(), Has.Count.EqualTo(TicketKeyRing.MaxKeys));
            Assert.That(SealedUnder(ring), Is.EqualTo(sealing));
            Assert.That(ring.TryOpen(ticket, singleUse: false), Is.EqualTo(State));
        }
        TicketKey[] old = [.. Enumerable.Range(0, 10).Select(n => Key((ulong)(20_000 + n), time.GetUtcNow() - Minute))];
        Assert.That(ring.Import(old), Is.Zero, "they would go first");
    }

    [Test]
    public void A_key_has_no_text_form_and_is_overwritten()
    {
        byte[] secret = RandomNumberGenerator.GetBytes(TicketKey.SecretSize);
        var key = new TicketKey(0x0123456789abcdef, secret, default, default);
        ReadOnlySpan<byte> inside = key.Secret;
        Assert.That(inside.SequenceEqual(secret), Is.True);
        Assert.That($"{key}", Is.EqualTo("ticket key"));
        key.Dispose();
        Assert.That(inside.ContainsAnyExcept((byte)0), Is.False);
        Assert.That(key.Secret.IsEmpty, Is.True);
    }

    [Test]
    public void What_is_exported_and_imported_stays_with_its_owner()
    {
        var time = new ManualTime();
        using TicketKeyRing ring = Ring(time);
        byte[] ticket = ring.Seal(State);
        foreach (TicketKey key in ring.Export())
            key.Dispose();
        Assert.That(ring.TryOpen(ticket, singleUse: false), Is.EqualTo(State));
        using TicketKeyRing other = Ring(time);
        using (TicketKey key = ring.Export().Single())
        {
            other.Import([key]);
            ring.Dispose();
            Assert.That(key.Secret.Length, Is.EqualTo(TicketKey.SecretSize));
        }
        Assert.That(other.TryOpen(ticket, singleUse: false), Is.EqualTo(State));
    }

    [Test]
    public void A_ring_without_keys_does_nothing_more()
    {
        var time = new ManualTime();
        TicketKeyRing ring = Ring(time);
        byte[] ticket = ring.Seal(State);
        ring.Dispose();
        ring.Dispose();
        Assert.That(ring.TryOpen(ticket, singleUse: false), Is.Null);
        Assert.That(ring.Export(), Is.Empty);
        Assert.That(ring.Import([Key(1, time.GetUtcNow())]), Is.Zero);
        Assert.That(ring.RotateIfDue(), Is.False);
        Assert.Throws<ObjectDisposedException>(() => ring.Seal(State));
        Assert.Throws<ObjectDisposedException>(ring.Rotate);
    }

    [Test]
    public void A_lead_has_its_bounds()
    {
        using TicketKeyRing ring = Ring(new ManualTime());
        Assert.Throws<ArgumentOutOfRangeException>(() => ring.Lead = TimeSpan.FromTicks(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => ring.Lead = TicketKeyRing.MaxLead + TimeSpan.FromTicks(1));
        using var brief = new TicketKeyRing(Minute, new ManualTime()) { Lead = TicketKeyRing.MaxLead };
        brief.Rotate();
        TicketKey made = brief.Export()[0];
        Assert.That(made.SealsFrom - made.Made, Is.EqualTo(Minute / 4));
    }
}
