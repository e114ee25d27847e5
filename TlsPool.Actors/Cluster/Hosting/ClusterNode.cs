using Akka.Actor;
using Akka.Cluster.Tools.Singleton;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Cluster.Membership;
using TlsPool.Actors.Cluster.Transport;
using TlsPool.Actors.Cluster.Wire;

namespace TlsPool.Actors.Cluster.Hosting;

/// <summary>
/// One life of this node in the cluster: an actor system of its own, beside that of the pool. So whatever happens to it, the pool's sessions go
/// on; and a node that the others went on without ends this life, and begins another.
/// </summary>
internal sealed class ClusterNode : IAsyncDisposable
{
    private readonly IHost _host;

    private ClusterNode(IHost host, ActorSystem system) => (_host, System) = (host, system);

    /// <summary>The actor system.</summary>
    internal ActorSystem System { get; }

    /// <summary>Completes when this life is over.</summary>
    internal Task Ended => System.WhenTerminated;

    /// <summary>Starts a life.</summary>
    /// <param name="parts">What it is made of.</param>
    /// <param name="tell">Hears of each new view.</param>
    /// <exception cref="Configuration.ConfigurationException">It cannot listen.</exception>
    internal static async Task<ClusterNode> StartAsync(ClusterParts parts, Action<ClusterView> tell)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true, ContentRootPath = "/" });
        builder.Services.AddSingleton(parts.Loggers);
        builder.Services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        builder.Services.AddSingleton<IHostLifetime, QuietLifetime>();
        builder.Services.AddAkka(ClusterSettings.SystemName, (akka, _) => akka
            .AddHocon(ClusterSettings.Hocon(parts.Configuration), HoconAddMode.Prepend)
            .AddHocon(ClusterSingleton.DefaultConfig(), HoconAddMode.Append)
            .AddSetup(new TlsTransportSetup(parts.Configuration, parts.Certificates, parts.Log))
            .AddSetup(new WireContext())
            .ConfigureLoggers(loggers =>
            {
                loggers.LogLevel = Akka.Event.LogLevel.ErrorLevel;
                loggers.ClearLoggers();
                loggers.AddLoggerFactory(parts.Loggers);
            })
            .WithActors((system, _) =>
            {
                foreach (ClusterPart part in parts.Parts)
                    system.ActorOf(part.Props(), part.Name);
                system.ActorOf(MembershipActor.Props(tell, parts.Log), "membership");
            }));
        IHost host = builder.Build();
        try
        {
            await host.StartAsync().ConfigureAwait(false);
            return new ClusterNode(host, host.Services.GetRequiredService<ActorSystem>());
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>Leaves the cluster in order, and ends.</summary>
    /// <param name="limit">How long that may take; afterwards the others notice that the node has gone.</param>
    internal async Task LeaveAsync(TimeSpan limit)
    {
        Task left = CoordinatedShutdown.Get(System).Run(CoordinatedShutdown.ClrExitReason.Instance);
        await left.WaitAsync(limit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync().WaitAsync(TimeSpan.FromSeconds(10)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _host.Dispose();
    }

    /// <summary>Signals are the pool's.</summary>
    private sealed class QuietLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
