using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Cluster.Hosting;
using TlsPool.Actors.Configuration;
using TlsPool.Actors.Entry;
using TlsPool.Actors.Hosting.Succession;
using TlsPool.Actors.Interop;
using TlsPool.Actors.Logging;
using TlsPool.Actors.Management;
using TlsPool.Actors.Management.Access;
using TlsPool.Actors.Management.Remoting;
using TlsPool.Protocol.Frames;

namespace TlsPool.Actors.Hosting;

/// <summary>Adds to the daemon what it is managed by.</summary>
internal static class ManagementHost
{
    /// <summary>Adds the services.</summary>
    internal static void Add(IServiceCollection services, PoolHostParts parts, EntryBoard board)
    {
        ILogger log = parts.Loggers.CreateLogger(LogFacility.Daemon);
        ManagementConfiguration configuration = parts.Configuration.Management;
        services.AddSingleton(provider =>
        {
            ClusterService? cluster = parts.Configuration.Cluster is null ? null : provider.GetRequiredService<ClusterService>();
            PoolActors actors = provider.GetRequiredService<PoolActors>();
            return new ManagementServices
            {
                Node = parts.Configuration.NodeName,
                Sessions = actors.Services.Sessions,
                Pool = actors.Supervisor,
                Tokens = actors.Tokens,
                Entries = board,
                Policy = provider.GetRequiredService<PoolStores>().Policy,
                Audit = actors.Services.Audit,
                Log = parts.Book,
                LogRules = parts.Rules,
                Cluster = cluster,
                Drain = provider.GetRequiredService<IHostApplicationLifetime>().StopApplication,
            };
        });
        services.AddSingleton(provider =>
        {
            ManagementServices managed = provider.GetRequiredService<ManagementServices>();
            return new ManagementDesk(managed, managed.Cluster is { } cluster ? new ClusterPeers(cluster) : null, log);
        });
        services.AddSingleton(provider => new ManagementAccess(() => provider.GetRequiredService<ReloadService>().Current.Management.Grants, Libc.geteuid()));
        if (parts.ManagementSocket is { } socket)
            services.AddHostedService(provider => new ManagementService(
                socket,
                configuration.Address is { } address
                    ? new PoolTlsListener(address, configuration.Identity, StartTlsFlags.None, "tlspool-manage", parts.Configuration.Sockets[0].Path, log)
                    : null,
                () => new ManagementDoor(provider.GetRequiredService<ManagementDesk>(), log),
                provider.GetRequiredService<ManagementAccess>(),
                log,
                provider.GetRequiredService<HandOverService>().Left));
        HttpHost.Add(services, parts);
    }
}
