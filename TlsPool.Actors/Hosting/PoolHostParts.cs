using Microsoft.Extensions.Logging;
using TlsPool.Actors.Configuration;
using TlsPool.Actors.Hosting.Succession;
using TlsPool.Actors.Logging;

namespace TlsPool.Actors.Hosting;

/// <summary>What a host is built of that exists before it.</summary>
/// <param name="Configuration">The configuration.</param>
/// <param name="Read">Reads the configuration again.</param>
/// <param name="Rules">Rules of the log.</param>
/// <param name="Loggers">The log.</param>
/// <param name="Stores">Opens identities, keys and trust.</param>
/// <param name="Sockets">Sockets to serve, handed over.</param>
/// <param name="PidFile">The PID file, or null.</param>
/// <param name="Outcome">Receives how the run ended.</param>
internal sealed record PoolHostParts(
    PoolConfiguration Configuration,
    Func<(PoolConfiguration Configuration, IReadOnlyList<string> Warnings)> Read,
    LogRules Rules,
    ILoggerFactory Loggers,
    Func<PoolStores> Stores,
    IReadOnlyList<ServerSocket> Sockets,
    PidFile? PidFile,
    DaemonOutcome Outcome)
{
    /// <summary>Who started this process and wants to hear of it.</summary>
    internal ServiceNotifier Manager { get; init; } = new();

    /// <summary>What was logged last.</summary>
    internal LogBook Book { get; init; } = new();

    /// <summary>The socket of HTTP; null for none.</summary>
    internal ServerSocket? HttpSocket { get; init; }

    /// <summary>Lines of the log that were dropped since the start.</summary>
    internal Func<long> DroppedLines { get; init; } = () => 0;

    /// <summary>The socket for programs that manage the pool; null for none.</summary>
    internal ServerSocket? ManagementSocket { get; init; }

    /// <summary>Sockets that are not for applications.</summary>
    internal IReadOnlyList<ServerSocket> SideSockets => [.. new[] { ManagementSocket, HttpSocket }.OfType<ServerSocket>()];

    /// <summary>How it is followed, and whom it follows.</summary>
    internal SuccessionParts Succession { get; init; } = SuccessionParts.Of(new DaemonOptions(ConfigurationPath: null, Replace: false, Foreground: false));
}
