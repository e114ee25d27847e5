using System.CommandLine;

namespace TlsPool.Cli.Cluster;

/// <summary><c>tlspool cluster</c>: the hosts that share policy and tokens with this one.</summary>
internal static class ClusterCommands
{
    internal static Command Create() => new("cluster", "hosts that share policy and tokens with this one")
    {
        ClusterStatusCommand.Create(),
        ClusterCertificatesCommand.Create(),
        ClusterRestoredCommand.Create(),
    };
}
