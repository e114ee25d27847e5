using System.CommandLine;
using System.Globalization;
using TlsPool.Actors.Configuration;
using TlsPool.Actors.Hosting;

namespace TlsPool.Cli.Daemon;

/// <summary>The daemon itself: what <c>tlspool</c> does without a verb.</summary>
internal static class DaemonCommand
{
    private static readonly Option<string?> Config = new("--config", "-c")
    {
        Description = $"configuration file (default: ${ConfigurationReader.PathVariable}, or {ConfigurationReader.DefaultPath})",
        HelpName = "file",
    };

    private static readonly Option<bool> Kill = new("--kill", "-k")
    {
        Description = "replace the running daemon that daemon_pidfile names; its sessions go on until they end",
    };

    private static readonly Option<bool> Foreground = new("--foreground", "-f")
    {
        Description = "stay in the foreground and log to standard error too (so it does under a service manager)",
    };

    private static readonly Option<bool> Check = new("--check")
    {
        Description = "read the configuration, say what is wrong with it, and end",
    };

    /// <summary>Adds options and action.</summary>
    internal static void AddTo(RootCommand root)
    {
        root.Options.Add(Config);
        root.Options.Add(Kill);
        root.Options.Add(Foreground);
        root.Options.Add(Check);
        root.Does((result, _) => RunAsync(result));
    }

    private static async Task<int> RunAsync(ParseResult result)
    {
        // The daemon may work in another directory.
        string? named = result.GetValue(Config) ?? Environment.GetEnvironmentVariable(ConfigurationReader.PathVariable);
        string? path = named is null ? null : Path.GetFullPath(named);
        bool replace = result.GetValue(Kill);
        if (result.GetValue(Check))
            return CheckConfiguration(path);
        if (!result.GetValue(Foreground) && !IsManaged())
        {
            // Mistakes are better told here than by a process in the background.
            PoolDaemon.ReadConfiguration(path);
            return await Background.StartAsync(Arguments(path, replace)).ConfigureAwait(false);
        }
        DiagnosticPort.Shut();
        Background.Enter();
        return await PoolDaemon.RunAsync(new DaemonOptions(path, replace, result.GetValue(Foreground))).ConfigureAwait(false);
    }

    /// <summary>True under a service manager, which waits for this very process or has made sockets for it.</summary>
    private static bool IsManaged() => Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is not null
        || Environment.GetEnvironmentVariable("LISTEN_PID") == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    private static List<string> Arguments(string? path, bool replace)
    {
        List<string> arguments = [];
        if (path is not null)
            arguments.AddRange(["-c", path]);
        if (replace)
            arguments.Add("-k");
        return arguments;
    }

    private static int CheckConfiguration(string? path)
    {
        (_, IReadOnlyList<string> warnings) = PoolDaemon.ReadConfiguration(path);
        foreach (string warning in warnings)
            Console.Error.WriteLine($"warning: {warning}");
        Console.WriteLine("The configuration is good.");
        return 0;
    }
}
