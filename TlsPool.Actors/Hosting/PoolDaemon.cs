using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Configuration;
using TlsPool.Actors.Hosting.Succession;
using TlsPool.Actors.Logging;

namespace TlsPool.Actors.Hosting;

/// <summary>One run of the daemon in this process, from its configuration to its end.</summary>
public static class PoolDaemon
{
    /// <summary>Exit code of a daemon that ended because a part of it failed: EX_SOFTWARE of sysexits.h.</summary>
    public const int FailedExitCode = 70;

    /// <summary>Reads the configuration without starting anything.</summary>
    /// <returns>The configuration, and what is odd about it.</returns>
    /// <exception cref="ConfigurationException">It is bad.</exception>
    public static (PoolConfiguration Configuration, IReadOnlyList<string> Warnings) ReadConfiguration(string? path)
    {
        PoolConfiguration configuration = ConfigurationReader.Load(
            path, Environment.GetEnvironmentVariables(), out IReadOnlyList<string> warnings);
        return (configuration, warnings);
    }

    /// <summary>Runs the daemon until it is told to end.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="ConfigurationException">The configuration is bad.</exception>
    /// <exception cref="DaemonException">It cannot start.</exception>
    public static async Task<int> RunAsync(DaemonOptions options)
    {
        ProcessPrivileges.Harden();
        using Inheritance? inheritance = options.IsSuccessor ? await Inheritance.ReceiveAsync().ConfigureAwait(false) : null;
        try
        {
            return await RunAsync(options, SuccessionParts.Of(options) with { Inheritance = inheritance }).ConfigureAwait(false);
        }
        catch (Exception failure) when (inheritance is not null)
        {
            inheritance.Fail(failure.Message);
            throw;
        }
    }

    private static async Task<int> RunAsync(DaemonOptions options, SuccessionParts succession)
    {
        Inheritance? inheritance = succession.Inheritance;
        string? path = options.ConfigurationPath ?? DefaultFile();
        (PoolConfiguration configuration, IReadOnlyList<string> warnings) = ReadConfiguration(path);
        var book = new LogBook();
        using LogQueue queue = OpenLog(configuration, options, book);
        var rules = new LogRules();
        rules.Change(configuration.LogLevel, configuration.LogFilter);
        using ILoggerFactory loggers = LoggerFactory.Create(logging => logging
            .SetMinimumLevel(LogLevel.Trace)
            .AddProvider(new PoolLoggerProvider(rules, queue)));
        ILogger log = loggers.CreateLogger(LogFacility.Daemon);
        Announce(warnings, log);

        using ServiceNotifier manager = inheritance?.TakeNotifier() ?? new ServiceNotifier();
        using PidFile? pidFile = TakePidFile(configuration.PidFile, options, inheritance);
        IReadOnlyList<ServerSocket> sockets = ServerSockets.Open(configuration.Sockets, inheritance);
        ServerSocket? point = HandOverPoint.Open(configuration.PidFile, inheritance, log);
        ServerSocket? management = null;
        ServerSocket? http = null;
        try
        {
            management = ServerSockets.OpenForManagement(configuration.Management, inheritance, log);
            http = ServerSockets.OpenForHttp(configuration.Management, inheritance);
            // Everything that needs privileges is open now.
            var identity = ProcessIdentity.Find(configuration.User, configuration.Group);
            ProcessPrivileges.ChangeRoot(configuration.Chroot);
            ProcessPrivileges.MakeDirectoryFor(configuration.DatabaseDirectory, identity);
            ProcessPrivileges.Become(identity);
            var outcome = new DaemonOutcome();
            using IHost host = PoolHost.Create(
                new PoolHostParts(
                    configuration,
                    () => ReadConfiguration(path),
                    rules,
                    loggers,
                    () => PoolStoresOnDisk.Open(configuration, loggers),
                    sockets,
                    pidFile,
                    outcome)
                {
                    Manager = manager,
                    Book = book,
                    ManagementSocket = management,
                    HttpSocket = http,
                    DroppedLines = () => queue.Dropped,
                    Succession = succession with { Point = point },
                });
            await host.RunAsync().ConfigureAwait(false);
            return outcome.Failed ? FailedExitCode : 0;
        }
        finally
        {
            foreach (ServerSocket socket in sockets)
                socket.RemoveFile();
            management?.RemoveFile();
            point?.RemoveFile();
            http?.RemoveFile();
        }
    }

    private static PidFile? TakePidFile(string path, DaemonOptions options, Inheritance? inheritance) =>
        inheritance?.PidFile is { } inherited && inherited.Path != path ? throw new DaemonException("daemon_pidfile has changed, which takes a restart: 'tlspool -k'")
        : path.Length == 0 ? null
        : inheritance?.PidFile ?? PidFile.Take(path, options.Replace);

    /// <summary>The file that is read if none is named: once it was there, it has to be there on reload too.</summary>
    private static string? DefaultFile()
    {
        string file = ConfigurationReader.FileFor(path: null, Environment.GetEnvironmentVariables());
        return File.Exists(file) ? file : null;
    }

    /// <summary>Warnings about the configuration are told to who starts the daemon, even if the log leaves out warnings.</summary>
    private static void Announce(IReadOnlyList<string> warnings, ILogger log)
    {
        foreach (string warning in warnings)
        {
            log.LogWarning("{Warning}", warning);
            if (!log.IsEnabled(LogLevel.Warning))
                Console.Error.WriteLine($"tlspool: warning: {PoolLoggerProvider.OneLine(warning)}");
        }
    }

    private static LogQueue OpenLog(PoolConfiguration configuration, DaemonOptions options, LogBook book)
    {
        var targets = new List<ILogTarget> { book };
        bool journal = JournalStream.IsStandardError();
        if (!journal)
            targets.Add(new SyslogTarget(SyslogTarget.DefaultPath));
        if (journal || options.Foreground || configuration.LogToStandardError)
            targets.Add(new StandardErrorTarget(journal));
        return new LogQueue(targets);
    }
}
