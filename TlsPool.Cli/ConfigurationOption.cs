using System.CommandLine;
using TlsPool.Actors.Configuration;

namespace TlsPool.Cli;

/// <summary>The option <c>--config</c> of all commands that need to know the pool's configuration.</summary>
internal static class ConfigurationOption
{
    /// <summary>One for a command; its value is null where the usual file is meant.</summary>
    internal static Option<string?> Create() => new("--config", "-c")
    {
        Description = $"configuration file of the pool (default: ${ConfigurationReader.PathVariable}, or {ConfigurationReader.DefaultPath})",
        HelpName = "file",
    };
}
