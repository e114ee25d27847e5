using System.Diagnostics;
using Akka.Actor;
using NUnit.Framework;
using TlsPool.Actors.Http.Metrics;
using TlsPool.Actors.Sessions;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.Transport;

namespace TlsPool.Tests.Actors.Http;

/// <summary>What a scrape counts.</summary>
[Parallelizable]
public sealed class PoolSnapshotTests
{
    [Test]
    public void A_hundred_thousand_sessions_are_counted_by_state()
    {
        const int count = 100_000;
        var table = new SessionTable();
        var message = new StartTlsMessage(StartTlsFlags.LocalRoleServer | StartTlsFlags.RemoteRoleClient, 0, 6, 0, "", "", default, "", 0);
        SessionRequest request = SessionRequest.TryParse(1, new PeerCredentials(1, 2, 3), message, out _)!;
        for (int i = 0; i < count; i++)
            table.Add(new SessionEntry(ActorRefs.Nobody, default, i, request, peer: null, DateTimeOffset.UtcNow)
            {
                Holder = ActorRefs.Nobody,
                IsEnding = i % 100 == 0,
                Controller = i % 10 == 0 ? null : ActorRefs.Nobody,
            });
        long start = Stopwatch.GetTimestamp();
        (IReadOnlyDictionary<string, int> states, int detached) = PoolSnapshot.Count(table);
        TestContext.Out.WriteLine($"{count} sessions in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0.0} ms");
        Assert.That((states["closing"], states["handshaking"], states["established"], detached), Is.EqualTo((count / 100, count - (count / 100), 0, count / 10)));
    }
}
