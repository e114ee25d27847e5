using System.CommandLine;
using TlsPool.Actors.Configuration;
using TlsPool.Cli.Stores;

namespace TlsPool.Cli.Cluster;

/// <summary><c>tlspool cluster restored</c>: the database is a copy of an earlier one.</summary>
internal static class ClusterRestoredCommand
{
    internal static Command Create()
    {
        var command = new Command("restored", "say that the database of this host was restored from a backup: others read all of it again, and it all of theirs");
        StoreOptions stores = new StoreOptions().AddTo(command);
        return command.Does(result =>
        {
            using PoolStoreAccess access = stores.Open(result);
            ClusterConfiguration cluster = access.Configuration.Cluster
                ?? throw new CommandException("this host is in no cluster: nobody has to hear of it");
            access.Replica(cluster.Address.Host).BeginIncarnation();
            access.Record("the database was restored from a backup");
            Console.WriteLine("All nodes compare their policy with this one's again.");
            return 0;
        });
    }
}
