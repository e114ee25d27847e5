using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Cluster.Hosting;
using TlsPool.Actors.Cluster.Membership;
using TlsPool.Actors.Cluster.People;
using TlsPool.Actors.Cluster.Signing;
using TlsPool.Actors.Cluster.Transport;
using TlsPool.Actors.Configuration;
using TlsPool.Actors.Dispatch;
using TlsPool.Actors.Entry;
using TlsPool.Actors.Hosting.Succession;
using TlsPool.Actors.LocalIds;
using TlsPool.Actors.Logging;
using TlsPool.Actors.Management;
using TlsPool.Actors.OnTheFly;
using TlsPool.Actors.Sessions;
using TlsPool.Actors.Sessions.Telemetry;
using TlsPool.Actors.Telemetry;
using TlsPool.Actors.Tokens;
using TlsPool.Protocol.IO;

namespace TlsPool.Actors.Hosting;

/// <summary>Puts the daemon together: actor system, event loops, stores, and the services that start and end them.</summary>
internal static class PoolHost
{
    // Stopping strategy: what fails at the top has lost its sockets and must not pretend to go on. Slow ticks: nothing here needs finer ones.
    // No hook: Akka would end all actors on SIGTERM, before the drain has begun.
    private const string Settings = """
        akka.actor.guardian-supervisor-strategy = "Akka.Actor.StoppingSupervisorStrategy, Akka"
        akka.scheduler.tick-duration = 100ms
        akka.log-dead-letters-during-shutdown = off
        akka.log-dead-letters = off
        akka.coordinated-shutdown.run-by-clr-shutdown-hook = off
        """;

    private static readonly TimeSpan ShutdownMargin = TimeSpan.FromSeconds(30);

    /// <summary>Builds the host.</summary>
    /// <exception cref="DaemonException">A part cannot be put to work.</exception>
    internal static IHost Create(PoolHostParts parts)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true, ContentRootPath = "/" });
        IServiceCollection services = builder.Services;
        services.AddSingleton(parts.Loggers);
        services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<PoolActors>();
        services.AddSingleton<SessionTelemetry>();
        services.AddSingleton<ClusterLink>();
        services.AddSingleton(parts.Manager);
        services.AddSingleton<SessionPolicies>();
        services.AddSingleton(_ => new EventLoopGroup(parts.Configuration.EventLoops, "loop"));
        services.AddSingleton(_ => parts.Stores());
        services.AddSingleton(provider => new ReloadService(
            parts.Configuration,
            parts.Read,
            parts.Rules,
            provider.GetRequiredService<PoolActors>(),
            provider.GetRequiredService<PoolStores>(),
            provider.GetRequiredService<SessionPolicies>(),
            provider.GetRequiredService<ServiceNotifier>(),
            parts.Loggers));
        services.AddSingleton(provider => new DrainService(
            provider.GetRequiredService<PoolActors>(),
            provider.GetRequiredService<ReloadService>(),
            provider.GetRequiredService<HandOverService>(),
            [.. parts.Sockets, .. parts.SideSockets],
            parts.PidFile,
            provider.GetRequiredService<ServiceNotifier>(),
            parts.Loggers));
        services.AddSingleton(provider => new HandOverService(
            parts.Succession,
            new Bequest([.. parts.Sockets, .. parts.SideSockets], parts.Succession.Point, parts.PidFile, parts.Manager),
            provider.GetRequiredService<PoolActors>(),
            provider.GetRequiredService<ReloadService>(),
            provider.GetRequiredService<SessionPolicies>(),
            provider.GetService<ClusterService>(),
            provider.GetRequiredService<IHostApplicationLifetime>(),
            parts.Loggers));
        services.AddSingleton<IHostLifetime, PoolLifetime>();
        // A drain may be changed on reload, so the host's own limit is only a backstop.
        services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromDays(1) + ShutdownMargin);
        var board = new EntryBoard();
        PeopleService? people = parts.Configuration.Cluster is { SharesEntry: true } ? new PeopleService(parts.Loggers, board) : null;
        services.AddAkka("tlspool", (akka, provider) => akka
            .AddHocon(Settings, HoconAddMode.Prepend)
            .AddHocon(LeanMailbox.Hocon, HoconAddMode.Prepend)
            .ConfigureLoggers(loggers =>
            {
                loggers.LogLevel = Akka.Event.LogLevel.WarningLevel;
                loggers.ClearLoggers();
                loggers.AddLoggerFactory(parts.Loggers);
            })
            .WithActors((system, _) => Start(system, parts, provider, people, board)));
        // A successor takes over once its actors are there, and before it joins the cluster that the daemon before it has left by then.
        if (parts.Succession.Inheritance is { } inheritance)
            services.AddHostedService(provider => new SuccessionService(
                inheritance,
                parts.Succession.Point,
                parts.Sockets,
                parts.SideSockets,
                provider.GetRequiredService<PoolActors>(),
                provider.GetRequiredService<SessionPolicies>(),
                parts.Loggers));
        // Hosted services end in reverse order: first the drain, then the node of a cluster, and then the actor system.
        if (parts.Configuration.Cluster is { } cluster)
            AddCluster(services, cluster, parts, people);
        services.AddHostedService(provider => provider.GetRequiredService<HandOverService>());
        ManagementHost.Add(services, parts, board);
        if (parts.Configuration.TraceEndpoint is { } collector)
            services.AddHostedService(_ => new TraceService(collector, parts.Configuration.NodeName, parts.Loggers.CreateLogger(LogFacility.Daemon)));
        services.AddHostedService(provider => provider.GetRequiredService<DrainService>());
        services.AddHostedService<WatchdogService>();
        services.AddHostedService<MemoryTrimService>();
        return builder.Build();
    }

    private static void AddCluster(IServiceCollection services, ClusterConfiguration cluster, PoolHostParts parts, PeopleService? people)
    {
        ILogger log = parts.Loggers.CreateLogger(LogFacility.Cluster);
        var certificates = new NodeCertificates(cluster, TimeProvider.System, log);
        var status = new ClusterStatusFile(parts.Configuration.DatabaseDirectory, log);
        services.AddSingleton(provider =>
        {
            PoolStores stores = provider.GetRequiredService<PoolStores>();
            var service = new ClusterService(
                () => new ClusterParts(
                    cluster,
                    certificates,
                    [
                        .. PoolNode.Parts(
                            cluster,
                            stores,
                            provider.GetRequiredService<SessionPolicies>(),
                            provider.GetRequiredService<PoolActors>(),
                            provider.GetRequiredService<ClusterLink>(),
                            parts.Loggers),
                        .. people?.Parts(AuditOf(provider, parts)) ?? [],
                        new ClusterPart(ManagementPartActor.PartName, () => ManagementPartActor.Props(provider.GetRequiredService<ManagementDesk>())),
                    ],
                    parts.Loggers),
                status,
                log,
                cluster);
            stores.Changed = service.PolicyHasChanged;
            return service;
        });
        services.AddHostedService(provider => provider.GetRequiredService<ClusterService>());
    }

    internal static IAuditTrail AuditOf(IServiceProvider provider, PoolHostParts parts) =>
        provider.GetRequiredService<PoolStores>().Audit ?? new AuditLog(parts.Loggers.CreateLogger(LogFacility.User));

    private static void Start(ActorSystem system, PoolHostParts parts, IServiceProvider provider, PeopleService? people, EntryBoard board)
    {
        PoolStores stores = provider.GetRequiredService<PoolStores>();
        SessionPolicies policies = provider.GetRequiredService<SessionPolicies>();
        EventLoopGroup loops = provider.GetRequiredService<EventLoopGroup>();
        LoopDispatcher.Register(system, loops);
        IAuditTrail audit = AuditOf(provider, parts);
        IActorRef tokens = system.ActorOf(stores.Tokens(audit, people?.Pins, board), "tokens");
        // In a cluster others may sign.
        IActorRef signing = parts.Configuration.Cluster is null
            ? tokens
            : system.ActorOf(SigningRouterActor.Props(tokens, provider.GetRequiredService<ClusterLink>(), TimeProvider.System), "signing");
        Props choosing = LocalIdActor.Props(audit, parts.Loggers.CreateLogger(LogFacility.User), TimeProvider.System, board);
        IActorRef localIds = system.ActorOf(people?.LocalIdRelay(choosing) ?? choosing, "local-ids");
        var keys = new OnTheFlyKeys(stores.Keys, TimeProvider.System);
        IActorRef onTheFly = system.ActorOf(
            OnTheFlyActor.Props(keys, tokens, audit, parts.Loggers.CreateLogger(LogFacility.Certificates), TimeProvider.System), "on-the-fly");
        var services = new SessionServices(policies.Make(parts.Configuration))
        {
            Loops = loops,
            Identities = stores.Identities,
            Rules = stores.Rules,
            Validator = stores.Validator,
            Keys = keys,
            Tokens = signing,
            CatchUp = stores.CatchUp,
            LocalIds = localIds,
            OnTheFly = onTheFly,
            Audit = audit,
            Log = parts.Loggers.CreateLogger(LogFacility.Tls),
            Telemetry = provider.GetRequiredService<SessionTelemetry>(),
        };
        IActorRef supervisor = system.ActorOf(
            PoolSupervisor.Props(services, parts.Loggers.CreateLogger(LogFacility.UnixSocket)),
            "pool");
        if (parts.Succession.Inheritance is null)
            supervisor.Tell(new PoolSupervisor.Listen(parts.Sockets));
        provider.GetRequiredService<PoolActors>().Started(supervisor, tokens, services);
        var application = provider.GetRequiredService<IHostApplicationLifetime>();
        system.ActorOf(
            LifelineActor.Props(
                [supervisor, tokens, signing, localIds, onTheFly],
                parts.Loggers.CreateLogger(LogFacility.Daemon),
                () =>
                {
                    parts.Outcome.Fail();
                    application.StopApplication();
                },
                application.ApplicationStopping),
            "lifeline");
    }
}
