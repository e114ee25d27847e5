using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using TlsPool.Actors.Management;
using TlsPool.Actors.Sessions.Telemetry;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace TlsPool.Actors.Http.Metrics;

/// <summary>
/// The node for Prometheus. Everything but the time of handshakes is looked up when somebody asks: sessions do nothing for it.
/// </summary>
internal sealed class PoolMetrics : IDisposable
{
    private readonly ManagementServices _services;
    private readonly Func<long> _droppedLines;
    private readonly Meter _meter = new(SessionTelemetry.MeterName);
    private readonly MeterProvider _provider;
    private volatile PoolSnapshot? _now;

    /// <summary>Makes the instruments; from now on handshakes are timed.</summary>
    /// <param name="services">What there is to tell about.</param>
    /// <param name="droppedLines">Lines of the log that were dropped.</param>
    internal PoolMetrics(ManagementServices services, Func<long> droppedLines)
    {
        (_services, _droppedLines) = (services, droppedLines);
        AddSessions();
        AddKeys();
        AddNode();
        _provider = Sdk.CreateMeterProviderBuilder()
            .AddMeter(SessionTelemetry.MeterName)
            .AddPrometheusExporter(options =>
            {
                options.TargetInfoEnabled = false;
                options.ScopeInfoEnabled = false;
                // Who asks twice wants to know twice.
                options.ScrapeResponseCacheDurationMilliseconds = 0;
            })
            .Build();
    }

    /// <summary>Adds <c>/metrics</c>.</summary>
    internal void Map(IEndpointRouteBuilder routes) => routes
        .MapPrometheusScrapingEndpoint("/metrics", _provider, scrape => scrape.Use(LookAsync), optionsName: null)
        .WithMetadata(NeedsRole.Viewer, new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head]));

    public void Dispose()
    {
        _provider.Dispose();
        _meter.Dispose();
    }

    private async Task LookAsync(HttpContext context, RequestDelegate next)
    {
        _now = await PoolSnapshot.TakeAsync(_services, context.RequestAborted).ConfigureAwait(false);
        await next(context).ConfigureAwait(false);
    }

    private void AddSessions()
    {
        Gauge("tlspool.sessions", null, "Sessions by state.", now => now.Sessions.Select(pair => new Measurement<double>(pair.Value, new Tag("state", pair.Key))));
        Gauge("tlspool.sessions.detached", null, "Sessions that no connection controls.", now => [new(now.Detached)]);
        Gauge("tlspool.draining", null, "1 if no new sessions are taken.", now => [new(now.IsDraining ? 1 : 0)]);
        Counter("tlspool.handshakes", null, "Setups of sessions by outcome: full and resumed succeeded.", now =>
        [
            new(now.Handshakes.Done - now.Handshakes.Resumed, new Tag("outcome", "full")),
            new(now.Handshakes.Resumed, new Tag("outcome", "resumed")),
            new(now.Handshakes.Failed, new Tag("outcome", "failed")),
        ]);
        Counter("tlspool.transferred", "By", "Application bytes: received from peers, and sent to them.", now =>
        [
            new(now.Bytes.Received, new Tag("direction", "received")),
            new(now.Bytes.Sent, new Tag("direction", "sent")),
        ]);
    }

    private void AddKeys()
    {
        Gauge("tlspool.token.ready", null, "1 for a token that signs.", now => now.Tokens.Select(token => new Measurement<double>(token.State == "ready" ? 1 : 0, new Tag("token", token.Token))));
        Gauge("tlspool.token.waiting", null, "Signatures that wait for a token.", now => now.Tokens.Select(token => new Measurement<double>(token.Waiting, new Tag("token", token.Token))));
        Counter("tlspool.token.signatures", null, "Signatures that a token made.", now => now.Tokens.Select(token => new Measurement<double>(token.Signatures, new Tag("token", token.Token))));
        Gauge("tlspool.pin.requests", null, "PINs that people are waited for.", now => [new(now.PinRequests)]);
        Gauge("tlspool.identities", null, "Credentials that are stored.", now => [new(now.Expiries.Count)]);
        Gauge("tlspool.identity.expiry", "s", "Time until the next certificate of a local identity expires; negative if one has.", now =>
            now.Expiries.Count == 0 ? [] : [new((now.Expiries.Min() - DateTimeOffset.UtcNow).TotalSeconds)]);
    }

    private void AddNode()
    {
        Gauge("tlspool.nodes", null, "Members of the cluster by whether they take part.", now =>
        [
            new(now.Nodes.Active, new Tag("state", "active")),
            new(now.Nodes.All - now.Nodes.Active, new Tag("state", "absent")),
        ]);
        Gauge("tlspool.build.info", null, "1; the version is in the label.", _ => [new(1, new Tag("version", BuildFacts.Current.Release))]);
        Gauge("tlspool.scrape.duration", "s", "Time that it took to look at the node for this answer.", now => [new(now.Took.TotalSeconds)]);
        Counter("tlspool.log.dropped", null, "Lines of the log that were dropped, as it could not keep up.", _ => [new(_droppedLines())]);
        Counter("process.cpu", "s", "Processor time of the daemon.", _ => [new(Environment.CpuUsage.TotalTime.TotalSeconds)]);
        Gauge("process.resident.memory", "By", "Memory of the daemon (resident set).", _ => [new(Environment.WorkingSet)]);
        Gauge("process.start.time", "s", "When the daemon started, since 1970.", _ => [new((double)_services.Started.ToUnixTimeMilliseconds() / 1000)]);
    }

    private void Gauge(string name, string? unit, string description, Func<PoolSnapshot, IEnumerable<Measurement<double>>> tell) =>
        _meter.CreateObservableGauge(name, () => Tell(tell), unit, description);

    private void Counter(string name, string? unit, string description, Func<PoolSnapshot, IEnumerable<Measurement<double>>> tell) =>
        _meter.CreateObservableCounter(name, () => Tell(tell), unit, description);

    private IEnumerable<Measurement<double>> Tell(Func<PoolSnapshot, IEnumerable<Measurement<double>>> tell) => _now is { } now ? tell(now) : [];
}
