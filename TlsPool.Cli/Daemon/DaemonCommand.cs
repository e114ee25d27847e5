using System.CommandLine;
using System.Globalization;
using TlsPool.Actors.Configuration;
using TlsPool.Actors.Hosting;
using TlsPool.Actors.Hosting.Succession;
using TlsPool.Cli.Pins;

namespace TlsPool.Cli.Daemon;

/// <summary>The daemon itself: what <c>tlspool</c> does without a verb.</summary>
internal static class DaemonCommand
{
    private static readonly Option<string?> Config = ConfigurationOption.Create();

    private static readonly Option<bool> Kill = new("--kill", "-k")
    {
        Description = "replace the running daemon that daemon_pidfile names; its sessions go on until they end",
    };

    private static readonly Option<bool> HandOver = new("--hand-over")
    {
        Description = "have the running daemon start the program that is installed now and hand over to it: no connection is refused and no session ends",
    };

    private static readonly Option<bool> Successor = new(DaemonOptions.SuccessorOption)
    {
        Description = "for the daemon that hands over",
        Hidden = true,
    };

    private static readonly Option<bool> Foreground = new("--foreground", "-f")
    {
        Description = "stay in the foreground and log to standard error too (so it does under a service manager)",
    };

    private static readonly Option<bool> Check = new("--check")
    {
        Description = "read the configuration, say what is wrong with it, and end",
    };

    private static readonly Option<bool> Pin = new("--pin", "-p")
    {
        Description = "start nothing, but ask for a PIN on the terminal and give it to the running daemon (as tlspool pin --once); with --foreground, start the daemon and ask here for the PINs it needs",
    };

    /// <summary>Adds options and action.</summary>
    internal static void AddTo(RootCommand root)
    {
        root.Options.Add(Config);
        root.Options.Add(Kill);
        root.Options.Add(HandOver);
        root.Options.Add(Successor);
        root.Options.Add(Foreground);
        root.Options.Add(Check);
        root.Options.Add(Pin);
        root.Does(RunAsync);
    }

    private static async Task<int> RunAsync(ParseResult result, CancellationToken cancellation)
    {
        // The daemon may work in another directory.
        string? named = result.GetValue(Config) ?? Environment.GetEnvironmentVariable(ConfigurationReader.PathVariable);
        string? path = named is null ? null : Path.GetFullPath(named);
        bool replace = result.GetValue(Kill);
        bool foreground = result.GetValue(Foreground);
        bool pin = result.GetValue(Pin);
        bool successor = result.GetValue(Successor);
        if (result.GetValue(Check))
            return CheckConfiguration(path);
        if (result.GetValue(HandOver))
            return await HandOverAsync(path, cancellation).ConfigureAwait(false);
        // Clients find the socket in the same file.
        if (pin)
            Environment.SetEnvironmentVariable(ConfigurationReader.PathVariable, path);
        if (pin && !foreground)
            return await PinCommand.RunOnceAsync().ConfigureAwait(false);
        if (!foreground && !successor && !IsManaged())
        {
            // Mistakes are better told here than by a process in the background.
            PoolDaemon.ReadConfiguration(path);
            return await Background.StartAsync(Arguments(path, replace)).ConfigureAwait(false);
        }
        DiagnosticPort.Shut();
        Background.Enter();
        var options = new DaemonOptions(path, replace, foreground) { IsSuccessor = successor };
        if (!pin)
            return await PoolDaemon.RunAsync(options).ConfigureAwait(false);
        if (PoolDaemon.ReadConfiguration(path).Configuration.Chroot.Length > 0)
            throw new CommandException("with daemon_chroot, -p does not find the socket: leave it out and run tlspool pin");
        return await PinCommand.RunBesideAsync(() => PoolDaemon.RunAsync(options)).ConfigureAwait(false);
    }

    private static async Task<int> HandOverAsync(string? path, CancellationToken cancellation)
    {
        string pidFile = PoolDaemon.ReadConfiguration(path).Configuration.PidFile;
        if (pidFile.Length == 0)
            throw new CommandException("daemon_pidfile is not configured, so the running daemon cannot be found: send it SIGUSR2");
        int process = await HandOverRequest.AskAsync(pidFile, cancellation).ConfigureAwait(false);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"process {process} serves now"));
        return 0;
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
