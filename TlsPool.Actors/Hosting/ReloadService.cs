using Akka.Actor;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Configuration;
using TlsPool.Actors.Logging;
using TlsPool.Actors.Tokens;

namespace TlsPool.Actors.Hosting;

/// <summary>Reads the configuration again on demand. A bad one changes nothing.</summary>
internal sealed class ReloadService(
    PoolConfiguration first,
    Func<(PoolConfiguration Configuration, IReadOnlyList<string> Warnings)> read,
    LogRules rules,
    PoolActors actors,
    PoolStores stores,
    SessionPolicies policies,
    ServiceNotifier manager,
    ILoggerFactory loggers)
{
    private readonly ILogger _log = loggers.CreateLogger(LogFacility.Daemon);
    private readonly Lock _lock = new();

    /// <summary>The configuration that this process was started with.</summary>
    internal PoolConfiguration Started { get; } = first;

    /// <summary>The configuration in force.</summary>
    internal PoolConfiguration Current { get; private set; } = first;

    /// <summary>Reads and applies. Any thread, one at a time.</summary>
    internal void Reload()
    {
        lock (_lock)
        {
            manager.Reloading();
            try
            {
                (PoolConfiguration next, IReadOnlyList<string> warnings) = read();
                Apply(next);
                rules.Change(next.LogLevel, next.LogFilter);
                foreach (string warning in warnings)
                    _log.LogWarning("{Warning}", warning);
                WarnOfRestart(next);
                Current = next;
                _log.LogInformation("configuration read again");
            }
            catch (Exception exception) when (exception is ConfigurationException or DaemonException)
            {
                _log.LogError("the configuration stays as it was: {Reason}", exception.Message);
            }
            finally
            {
                manager.Ready();
            }
        }
    }

    private void Apply(PoolConfiguration next)
    {
        actors.Services.Policy = policies.Make(next);
        stores.Refresh(next);
        actors.Tokens.Tell(new TokenSupervisor.Configured(next.Modules));
    }

    private void WarnOfRestart(PoolConfiguration next)
    {
        if (!next.Sockets.SequenceEqual(Current.Sockets))
            NeedsRestart("socket_name and its owner and mode");
        if (next.DatabaseDirectory != Current.DatabaseDirectory)
            NeedsRestart("dbenv_dir");
        if ((next.User, next.Group, next.Chroot, next.PidFile) != (Current.User, Current.Group, Current.Chroot, Current.PidFile))
            NeedsRestart("daemon_user, daemon_group, daemon_chroot and daemon_pidfile");
        if (next.EventLoops != Current.EventLoops)
            NeedsRestart("event_loops");
        if (next.Cluster is null ? Current.Cluster is not null : !next.Cluster.IsSame(Current.Cluster))
            NeedsRestart("the keywords of the cluster");
        if (!next.Management.IsSame(Current.Management))
            NeedsRestart("manage_socket, manage_address, manage_identity, http_socket, http_address and http_identity");
        if (next.TraceEndpoint != Current.TraceEndpoint)
            NeedsRestart("trace_endpoint");
        if (next.PassphraseFile != Current.PassphraseFile)
            NeedsRestart("keystore_passphrase_file");
        if (next.LogToStandardError != Current.LogToStandardError)
            NeedsRestart("log_stderr");
        if (!next.Modules.Select(WithoutPin).SequenceEqual(Current.Modules.Select(WithoutPin)))
            NeedsRestart("pkcs11_path, pkcs11_init_args and pkcs11_token");
    }

    private static string WithoutPin(TokenModuleConfiguration module) => $"{module} {module.InitArguments}";

    private void NeedsRestart(string keywords) =>
        _log.LogWarning("{Keywords} changed: that takes effect when the daemon is started again", keywords);
}
