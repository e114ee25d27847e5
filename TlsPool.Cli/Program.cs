using System.CommandLine;
using TlsPool.Cli.Access;
using TlsPool.Cli.Audit;
using TlsPool.Cli.Cluster;
using TlsPool.Cli.Daemon;
using TlsPool.Cli.Demo;
using TlsPool.Cli.Disclosure;
using TlsPool.Cli.Identities;
using TlsPool.Cli.LocalIds;
using TlsPool.Cli.Management;
using TlsPool.Cli.Ping;
using TlsPool.Cli.Pins;
using TlsPool.Cli.Schemas;
using TlsPool.Cli.Trust;
using TlsPool.Cli.Tunnels;

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
    DemoCommand.Create(),
    SchemaCommand.Create(),
};
foreach (Command command in OperationCommands.Create())
    root.Subcommands.Add(command);
DaemonCommand.AddTo(root);
// No response files: @example.com is a name, and not a file of arguments.
ParseResult parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
// Commands that have something to clean up take signals themselves (Termination); the library would end them after two seconds.
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }).ConfigureAwait(false);
