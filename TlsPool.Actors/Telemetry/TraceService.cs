using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using TlsPool.Actors.Management;
using TlsPool.Actors.Sessions.Telemetry;

namespace TlsPool.Actors.Telemetry;

/// <summary>Sends traces of setups to a collector of this host (OTLP over HTTP), in batches; what it cannot take in time is dropped.</summary>
/// <param name="collector">Its URL.</param>
/// <param name="node">Name of this node.</param>
/// <param name="log">Log of the facility DAEMON.</param>
internal sealed class TraceService(Uri collector, string node, ILogger log) : IHostedService, IDisposable
{
    private const int LastWordsMilliseconds = 2000;

    private TracerProvider? _provider;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _provider = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(ResourceBuilder.CreateEmpty().AddService(
                "tlspool", serviceVersion: BuildFacts.Current.Release, autoGenerateServiceInstanceId: false, serviceInstanceId: node))
            .AddSource(SessionTelemetry.SourceName)
            .AddOtlpExporter(exporter =>
            {
                exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
                exporter.Endpoint = collector;
            })
            .Build();
        log.LogInformation("traces of session setups are sent to {Collector}", collector);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.Run(() => _provider?.Shutdown(LastWordsMilliseconds), CancellationToken.None);

    public void Dispose() => _provider?.Dispose();
}
