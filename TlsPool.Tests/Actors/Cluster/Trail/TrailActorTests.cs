using System.Globalization;
using Akka.Actor;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Cluster.Membership;
using TlsPool.Actors.Cluster.Trail;
using TlsPool.Actors.Storage;
using TlsPool.Actors.Storage.Trails;
using TlsPool.Tests.Actors.Storage.Trails;

namespace TlsPool.Tests.Actors.Cluster.Trail;

/// <summary>Who is shown a trail, and how this node's own is collected.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class TrailActorTests : AkkaFixture
{
    [Test]
    public void Only_a_node_that_takes_part_and_collects_trails_may_read_one()
    {
        var view = new ClusterView("a", [Node("a"), Node("b", "Up", "web", "audit"), Node("c", "Joining", "audit"), Node("d", "WeaklyUp", "audit"), Node("e", "Up", "auditor")]);
        Assert.That(new[] { "a", "b", "c", "d", "e", "f", "" }.Where(host => TrailActor.MayRead(view, host)), Is.EqualTo(new[] { "b", "d" }));
        Assert.That(TrailActor.MayRead(null, "b"), Is.False);
    }

    [Test]
    public async Task A_message_without_a_node_as_sender_is_not_answered()
    {
        using var trails = new CollectedTrails();
        IActorRef trail = Sys.ActorOf(TrailActor.Props(trails["a"], NullLogger.Instance));
        Akka.TestKit.TestProbe probe = Kit.CreateTestProbe();
        trail.Tell(new TrailRequest(1, AuditPosition.Unknown), probe.Ref);
        await probe.ExpectNoMsgAsync(TimeSpan.FromMilliseconds(300));
    }

    [Test]
    public void A_node_collects_its_own_trail_and_loses_nothing_while_the_disk_cannot_be_written()
    {
        using var trails = new CollectedTrails();
        using var collected = new CollectedTrail(trails.Collected, AuditRetention.Default with { MaxAge = TimeSpan.Zero }, "a", TimeProvider.System, NullLogger.Instance);
        AuditStore own = trails["a"];
        IActorRef collector = Sys.ActorOf(TrailCollectorActor.Props(collected, own, "a", NullLogger.Instance));
        trails.Decide("a", [.. Enumerable.Range(0, 700).Select(number => number.ToString(CultureInfo.InvariantCulture))]);
        using (var other = new SqliteConnection($"Data Source={trails.CollectedFile};Pooling=False"))
        {
            other.Open();
            using SqliteTransaction locked = other.BeginTransaction();
            trails.Decide("a", [.. Enumerable.Range(700, 700).Select(number => number.ToString(CultureInfo.InvariantCulture))]);
            // Longer than a writer waits.
            Thread.Sleep(TimeSpan.FromSeconds(6));
            locked.Rollback();
        }
        Kit.AwaitCondition(() => trails.Of("a").Count >= 1400, Patience, TimeSpan.FromMilliseconds(100), "all were collected");
        Assert.That(trails.Of("a"), Has.Count.EqualTo(1400));
        Assert.That(trails.ReasonsOf("a").Distinct().Count(), Is.EqualTo(1400));
        Kit.Watch(collector);
        Sys.Stop(collector);
        Kit.ExpectTerminated(collector);
        // What is read just now ends before the files go.
        Thread.Sleep(300);
    }

    private static NodeView Node(string host, string status = "Up", params string[] roles) => new(host, 1, status, true, roles, 1);
}
