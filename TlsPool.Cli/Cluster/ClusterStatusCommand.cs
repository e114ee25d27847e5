using System.CommandLine;
using System.Globalization;
using TlsPool.Actors.Cluster.Membership;
using TlsPool.Actors.Configuration;
using TlsPool.Cli.Stores;

namespace TlsPool.Cli.Cluster;

/// <summary><c>tlspool cluster status</c>.</summary>
internal static class ClusterStatusCommand
{
    internal static Command Create()
    {
        Option<bool> json = Json.Option();
        var command = new Command("status", "the cluster as the daemon of this host sees it; the exit code is 1 if it is in none at present") { json };
        StoreOptions stores = new StoreOptions().AddTo(command);
        return command.Does(result =>
        {
            PoolConfiguration configuration = stores.Read(result);
            if (configuration.Cluster is null)
                throw new CommandException("this host is in no cluster: set cluster_address, cluster_members, cluster_certificate and cluster_authority");
            ClusterStatus status = ClusterStatusFile.Read(configuration.DatabaseDirectory)
                ?? throw new CommandException("the daemon of this host does not run");
            bool isUp = status.Nodes.Any(node => node.Host == status.Self && node.IsActive);
            if (result.GetValue(json))
                Json.Write(status);
            else
                Write(status, isUp);
            return isUp ? 0 : 1;
        });
    }

    private static void Write(ClusterStatus status, bool isUp)
    {
        if (!isUp)
            Console.WriteLine($"{status.Self} is not in the cluster since {status.Since:u}: it serves with what it knows, and tries to join.");
        foreach (NodeView node in status.Nodes)
        {
            string roles = node.Roles.Count == 0 ? "" : $" for {string.Join(", ", node.Roles)}";
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{(node.Host == status.Self ? "*" : " ")} {node.Host}:{node.Port} {(node.IsReachable ? node.Status : $"{node.Status}, not reached")}, messages {node.WireVersion}{roles}"));
        }
    }
}
