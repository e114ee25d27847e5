using System.CommandLine;
using TlsPool.Cli.Access;
using TlsPool.Cli.Audit;
using TlsPool.Cli.Backups;
using TlsPool.Cli.Cluster;
using TlsPool.Cli.Completion;
using TlsPool.Cli.Consoles;
using TlsPool.Cli.Daemon;
using TlsPool.Cli.Demo;
using TlsPool.Cli.Disclosure;
using TlsPool.Cli.Identities;
using TlsPool.Cli.LocalIds;
using TlsPool.Cli.Management;
using TlsPool.Cli.Manual;
using TlsPool.Cli.Ping;
using TlsPool.Cli.Pins;
using TlsPool.Cli.Schemas;
using TlsPool.Cli.Trust;
using TlsPool.Cli.Tunnels;

namespace TlsPool.Cli;

/// <summary>All commands and their options: what is parsed, completed in shells, and written down in manual pages.</summary>
internal static class CommandTree
{
    internal static RootCommand Create()
    {
        var root = new RootCommand("""
            The TLS Pool: one daemon that holds every TLS key and every TLS decision of a host. Without a verb, tlspool starts the daemon.
            """)
        {
            IdentityCommands.Create(),
            TrustCommands.Create(),
            DisclosureCommands.Create(),
            AccessCommands.Create(),
            LocalIdCommand.Create(),
            AuditCommands.Create(),
            ClusterCommands.Create(),
            TunnelCommand.Create(),
            PingCommand.Create(),
            PinCommand.Create(),
            ConsoleCommand.Create(),
            BackupCommand.Create(),
            RestoreCommand.Create(),
            CompletionCommand.Create(),
            SchemaCommand.Create(),
            DemoCommand.Create(),
            ManualCommand.Create(),
        };
        foreach (Command command in OperationCommands.Create())
            root.Subcommands.Add(command);
        DaemonCommand.AddTo(root);
        root.Options.OfType<VersionOption>().Single().Action = new VersionAction();
        return root;
    }
}
