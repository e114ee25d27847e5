using System.Net;
using NUnit.Framework;
using TlsPool.Actors.Cluster.Transport;

namespace TlsPool.Tests.Actors.Cluster.Transport;

[Parallelizable(ParallelScope.All)]
public sealed class StrangerLogTests
{
    private static readonly IPEndPoint Peer = new(IPAddress.Loopback, 1);

    [Test]
    public void A_scan_writes_a_few_lines_in_a_minute_and_then_how_many_it_were()
    {
        (CollectedLog lines, ManualTime time) = (new(), new());
        var log = new StrangerLog(lines, time);
        for (int i = 0; i < 500; i++)
            log.Refused(Peer, "it is nobody");
        Assert.That(lines.Lines, Has.Count.EqualTo(20).And.All.Contains("127.0.0.1:1").And.All.Contains("it is nobody"));
        time.Advance(TimeSpan.FromSeconds(61));
        log.Refused(Peer, "it is nobody");
        Assert.That(lines.Lines.Skip(20).First(), Does.Contain("480 more peers"));
        Assert.That(lines.Lines, Has.Count.EqualTo(22));
    }

    [Test]
    public void Strangers_cannot_hide_what_a_member_does()
    {
        var lines = new CollectedLog();
        var log = new StrangerLog(lines, new ManualTime());
        for (int i = 0; i < 500; i++)
            log.Refused(Peer, "it is nobody");
        log.Dishonest("node2.example", "it speaks for another node");
        Assert.That(lines.Lines.Last(), Does.Contain("node2.example").And.StartsWith("Error"));
    }
}
