using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Configuration;
using TlsPool.Actors.Hosting.Succession;
using TlsPool.Actors.Http;
using TlsPool.Actors.Http.Connections;
using TlsPool.Actors.Logging;
using TlsPool.Actors.Management;
using TlsPool.Actors.Management.Access;
using TlsPool.Protocol.Frames;

namespace TlsPool.Actors.Hosting;

/// <summary>Adds HTTP to the daemon, if it is configured: otherwise nothing of it is loaded.</summary>
internal static class HttpHost
{
    /// <summary>Adds the service.</summary>
    internal static void Add(IServiceCollection services, PoolHostParts parts)
    {
        ManagementConfiguration configuration = parts.Configuration.Management;
        if (parts.HttpSocket is null && configuration.HttpAddress is null)
            return;
        ILogger log = parts.Loggers.CreateLogger(LogFacility.Daemon);
        bool isSuccessor = parts.Succession.Inheritance is not null;
        services.AddHostedService(provider => new HttpService(
            () => new HttpSettings
            {
                Socket = parts.HttpSocket,
                Tls = configuration.HttpAddress is { } address
                    ? new PoolTlsEndPoint(
                        new PoolTlsListener(address, configuration.HttpIdentity, StartTlsFlags.RequestRemoteId, "http", parts.Configuration.Sockets[0].Path, log),
                        address,
                        CancellationTokenSource.CreateLinkedTokenSource(
                            provider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping, provider.GetRequiredService<HandOverService>().Left).Token)
                    { IsAwaited = isSuccessor }
                    : null,
                Name = configuration.HttpIdentity,
                Desk = provider.GetRequiredService<ManagementDesk>(),
                Access = provider.GetRequiredService<ManagementAccess>(),
                Services = provider.GetRequiredService<ManagementServices>(),
                DroppedLines = parts.DroppedLines,
                Log = log,
            },
            provider.GetRequiredService<IHostApplicationLifetime>(),
            provider.GetRequiredService<HandOverService>().Left));
    }
}
