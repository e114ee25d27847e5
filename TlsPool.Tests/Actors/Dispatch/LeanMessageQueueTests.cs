using Akka.Actor;
using Akka.Dispatch.MessageQueues;
using NUnit.Framework;
using TlsPool.Actors.Dispatch;

namespace TlsPool.Tests.Actors.Dispatch;

public sealed class LeanMessageQueueTests
{
    [Test]
    public void Messages_leave_in_the_order_in_which_they_came([Values(1, 2, 3, 100)] int burst)
    {
        var queue = new LeanMessageQueue();
        var taken = new List<object>();
        int sent = 0;
        for (int round = 0; round < 5; round++)
        {
            for (int i = 0; i < burst; i++)
                queue.Enqueue(ActorRefs.Nobody, new Envelope(sent++, ActorRefs.Nobody));
            // All but one: the next round finds a queue that is not empty.
            while (queue.Count > 1 && queue.TryDequeue(out Envelope envelope))
                taken.Add(envelope.Message);
        }
        while (queue.TryDequeue(out Envelope envelope))
            taken.Add(envelope.Message);
        Assert.That(taken, Is.EqualTo(Enumerable.Range(0, sent)));
        Assert.That(queue.HasMessages, Is.False);
    }

    [Test]
    public void No_message_is_lost_between_threads()
    {
        const int Senders = 4;
        const int Each = 20_000;
        var queue = new LeanMessageQueue();
        var last = new int[Senders];
        var senders = Enumerable.Range(0, Senders).Select(sender => Task.Run(() =>
        {
            for (int i = 1; i <= Each; i++)
                queue.Enqueue(ActorRefs.Nobody, new Envelope((sender, i), ActorRefs.Nobody));
        })).ToArray();
        for (int taken = 0; taken < Senders * Each;)
        {
            if (!queue.TryDequeue(out Envelope envelope))
            {
                Assert.That(taken, Is.LessThan(Senders * Each));
                Thread.Yield();
                continue;
            }
            (int sender, int number) = ((int, int))envelope.Message;
            Assert.That(number, Is.EqualTo(last[sender] + 1));
            last[sender] = number;
            taken++;
        }
        Task.WaitAll(senders);
        Assert.That(queue.HasMessages, Is.False);
    }

    [Test]
    public void What_is_left_goes_to_the_dead_letters()
    {
        var queue = new LeanMessageQueue();
        for (int i = 0; i < 3; i++)
            queue.Enqueue(ActorRefs.Nobody, new Envelope(i, ActorRefs.Nobody));
        var dead = new UnboundedMessageQueue();
        queue.CleanUp(ActorRefs.Nobody, dead);
        Assert.That(dead.Count, Is.EqualTo(3));
        Assert.That(queue.HasMessages, Is.False);
    }
}
