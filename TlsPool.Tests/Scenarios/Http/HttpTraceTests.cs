using System.Net.Sockets;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios.Http;

/// <summary>Traces of setups at a collector.</summary>
[Parallelizable]
public sealed class HttpTraceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Test]
    public async Task A_collector_hears_of_the_phases_of_setups_and_of_nobodys_name()
    {
        using var collector = new TraceCollector(PoolProcess.FreePort());
        await using PoolProcess pool = await PoolProcess.StartAsync($"trace_endpoint {collector.Url}\n");
        await pool.IdentityAsync("traced.example");
        await using (TlsPoolClient client = pool.Client())
        {
            await TalkAsync(client, "traced.example");
            await TalkAsync(client, "traced.example");
            (Socket near, Socket far) = RawApplication.TcpPair();
            Task<TlsSession> refused = client.StartTlsAsync(near, StartTlsOptions.Server("nobody.example"));
            await Assert.ThrowsAsync<TlsPoolException>(() => refused.WaitAsync(Patience));
            far.Dispose();
        }
        await Waiting.ForAsync(() => collector.Spans.Count(span => span.Name == "session setup") >= 5);

        IReadOnlyList<TraceSpan> spans = collector.Spans;
        TraceSpan[] setups = [.. spans.Where(span => span.Name == "session setup")];
        Assert.That(setups.Select(setup => setup.Parent), Has.All.Empty, "one setup is no part of another");
        Assert.That(setups.Select(setup => setup.Trace), Is.Unique);
        TraceSpan served = setups.First(setup => setup.Attributes.GetValueOrDefault("tlspool.role") == "server" && setup.Attributes.ContainsKey("tls.cipher"));
        Assert.That(served.Attributes["tls.protocol.version"], Is.EqualTo("1.3"));
        Assert.That(Parts(spans, served), Is.EquivalentTo(new[] { "local identity", "handshake", "plaintext" }));
        TraceSpan handshake = spans.Single(span => span.Parent == served.Id && span.Name == "handshake");
        Assert.That(Parts(spans, handshake), Is.SupersetOf(new[] { "credential choice", "signature" }));
        Assert.That(
            setups.Where(setup => setup.Attributes.GetValueOrDefault("tlspool.role") == "client").SelectMany(setup => spans.Where(span => span.Parent == setup.Id && span.Name == "handshake")).SelectMany(shake => Parts(spans, shake)),
            Does.Contain("validation"));
        Assert.That(setups.Select(setup => setup.Attributes.GetValueOrDefault("error.type")), Does.Contain(nameof(PoolError.ConnectionDriverSetup)));
        Assert.That(collector.Raw, Does.Not.Contain("traced.example").And.Not.Contains("nobody.example"));
    }

    [Test]
    public async Task A_collector_that_is_not_there_holds_up_nobody()
    {
        await using PoolProcess pool = await PoolProcess.StartAsync($"trace_endpoint http://127.0.0.1:{PoolProcess.FreePort()}\n");
        await pool.IdentityAsync("traced.example");
        await using (TlsPoolClient client = pool.Client())
            await TalkAsync(client, "traced.example");
        await pool.StopDaemonAsync("TERM");
        await pool.StartDaemonAsync();
    }

    private static string[] Parts(IReadOnlyList<TraceSpan> spans, TraceSpan whole) => [.. spans.Where(span => span.Parent == whole.Id).Select(span => span.Name)];

    private static async Task TalkAsync(TlsPoolClient client, string name)
    {
        (Socket near, Socket far) = RawApplication.TcpPair();
        Task<TlsSession> serving = client.StartTlsAsync(near, StartTlsOptions.Server(name, StartTlsFlags.IgnoreRemoteId));
        using TlsSession asking = await client.StartTlsAsync(far, StartTlsOptions.Client(name)).WaitAsync(Patience);
        using TlsSession served = await serving.WaitAsync(Patience);
    }
}
