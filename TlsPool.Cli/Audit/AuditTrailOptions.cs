using System.CommandLine;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Storage.Trails;
using TlsPool.Cli.Stores;
using Command = System.CommandLine.Command;

namespace TlsPool.Cli.Audit;

/// <summary>Options that say which trail a command shows.</summary>
internal sealed class AuditTrailOptions
{
    private readonly Option<bool> _cluster = new("--cluster") { Description = "decisions of all nodes of the cluster, as this host has collected them" };
    private readonly Option<string?> _node = new("--node") { Description = "of this node only; with --cluster", HelpName = "host" };

    internal AuditTrailOptions AddTo(Command command)
    {
        command.Options.Add(_cluster);
        command.Options.Add(_node);
        return this;
    }

    /// <summary>The trail, and the filter with what the options say.</summary>
    /// <exception cref="CommandException">It is not there.</exception>
    internal (IAuditReader Trail, AuditFilter Filter) Open(ParseResult result, PoolStoreAccess access, AuditFilter filter)
    {
        string? node = result.GetValue(_node);
        if (!result.GetValue(_cluster))
            return node is null ? (access.Audit, filter) : throw new CommandException("--node goes with --cluster: the trail of this host has its own decisions only");
        // What was collected stays readable where nothing is collected any more.
        if (access.Configuration.Cluster?.CollectsAudit != true && !File.Exists(Path.Combine(access.Configuration.DatabaseDirectory, ClusterAuditStore.FileName)))
            throw new CommandException("this host does not collect the decisions of its cluster: ask on one that does, or set 'cluster_collect_audit yes' here and restart the daemon");
        return (access.CollectedAudit, filter with { Node = node });
    }
}
