namespace TlsPool.Actors.Hosting;

/// <summary>What the command line says about a daemon.</summary>
/// <param name="ConfigurationPath">Configuration file; null for the environment's or the default one.</param>
/// <param name="Replace">True to replace a running daemon, found by its PID file.</param>
/// <param name="Foreground">True if somebody may be looking at standard error.</param>
public sealed record DaemonOptions(string? ConfigurationPath, bool Replace, bool Foreground)
{
    /// <summary>The option by which a daemon starts its successor.</summary>
    public const string SuccessorOption = "--successor";

    /// <summary>True if a running daemon has started this one to hand over to it.</summary>
    public bool IsSuccessor { get; init; }
}
