using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Http.Connections;
using TlsPool.Actors.Http.Endpoints;
using TlsPool.Actors.Http.Metrics;
using TlsPool.Actors.Management.Wire;

namespace TlsPool.Actors.Http;

/// <summary>
/// Serves HTTP at a UNIX socket, where it counts whose the process is, and over TLS of the pool itself, where it counts who is proven.
/// Hostile clients get little: small headers, small bodies, little time.
/// </summary>
/// <param name="make">Says what it is made of; the pool's actors have to be there.</param>
/// <param name="lifetime">Says when the daemon begins to end.</param>
/// <param name="left">Ends when a successor serves HTTP: then this one has no more business with it.</param>
internal sealed class HttpService(Func<HttpSettings> make, IHostApplicationLifetime lifetime, CancellationToken left) : IHostedService, IDisposable
{
    private static readonly TimeSpan HeaderTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(2);

    private const int BytesPerSecond = 1000;

    private readonly ConnectionDoor _door = new();
    private HttpSettings? _settings;
    private WebApplication? _application;
    private PoolMetrics? _metrics;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        HttpSettings settings = _settings = make();
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = "/", ApplicationName = "tlspool" });
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddProvider(new ServerLog(settings.Log));
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(server => Limit(server, settings));
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IConnectionListenerFactory, PoolTlsTransport>();
        builder.Services.AddSingleton<IHostLifetime, GuestLifetime>();
        _metrics = new PoolMetrics(settings.Services, settings.DroppedLines);
        _application = builder.Build();
        _application.Use(new HttpGate(settings).PassAsync);
        HealthEndpoints.Map(_application, new Readiness(settings.Services));
        OperationEndpoints.Map(_application, settings);
        PageEndpoints.Map(_application);
        _metrics.Map(_application);
        await _application.StartAsync(cancellationToken).ConfigureAwait(false);
        lifetime.ApplicationStopping.Register(Retire);
        left.Register(() => _ = StopAsync(CancellationToken.None));
        if (settings.Socket is { } socket)
            settings.Log.LogInformation("HTTP is served at {Path}", socket.Path);
        if (settings.Tls is { } tls)
            settings.Log.LogInformation("HTTP is served at {Address} as {Name}", tls, settings.Name);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _application, null) is not { } application)
            return;
        _door.CloseSessions();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StopTime);
        await application.StopAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await application.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>The daemon begins to end: a successor can have the socket's name. Who is connected to it is served to the end.</summary>
    private void Retire()
    {
        _settings?.Socket?.RemoveFile();
        _door.CloseSessions();
    }

    public void Dispose() => _metrics?.Dispose();

    private void Limit(KestrelServerOptions server, HttpSettings settings)
    {
        server.AddServerHeader = false;
        server.Limits.MaxConcurrentConnections = ConnectionPlaces.MaxAll;
        server.Limits.MaxRequestBodySize = ManagementWire.MaxArguments;
        server.Limits.MaxRequestBufferSize = 64 * 1024;
        server.Limits.MaxRequestLineSize = 8 * 1024;
        server.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
        server.Limits.MaxRequestHeaderCount = 50;
        server.Limits.RequestHeadersTimeout = HeaderTime;
        server.Limits.KeepAliveTimeout = IdleTime;
        server.Limits.MinRequestBodyDataRate = new MinDataRate(BytesPerSecond, Grace);
        server.Limits.MinResponseDataRate = new MinDataRate(BytesPerSecond, Grace);
        // The daemon keeps its descriptor: it may hand it over.
        if (settings.Socket is { } socket)
            server.ListenHandle((ulong)socket.Descriptor.Duplicate().Detach(), endpoint =>
            {
                endpoint.Protocols = HttpProtocols.Http1;
                endpoint.Use(_door.ForProcesses);
            });
        if (settings.Tls is { } tls)
            server.Listen(tls, endpoint =>
            {
                endpoint.Protocols = HttpProtocols.Http1;
                endpoint.Use(_door.ForSessions);
            });
    }

    /// <summary>The web application lives and ends with the daemon, which hears the signals.</summary>
    private sealed class GuestLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    /// <summary>What the server has to complain of goes to the daemon's log.</summary>
    private sealed class ServerLog(ILogger log) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => log;

        public void Dispose()
        {
        }
    }
}
