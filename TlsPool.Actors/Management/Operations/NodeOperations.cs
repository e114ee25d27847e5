using System.Diagnostics;
using TlsPool.Actors.Cluster.Membership;
using TlsPool.Actors.Logging;
using TlsPool.Actors.Management.Access;
using TlsPool.Actors.Management.Views;
using TlsPool.Actors.Sessions;
using TlsPool.Actors.Storage;

namespace TlsPool.Actors.Management.Operations;

/// <summary>Nodes: how they are, and which take part.</summary>
internal static class NodeOperations
{
    private static readonly Parameter Name = new("name", ParameterKind.Text, "name of the node, typed in full") { IsRequired = true };

    internal static IReadOnlyList<Operation> All { get; } =
    [
        new("node.overview", ManagementRole.Viewer, "nodes at a glance: sessions, handshakes, bytes, tokens, memory", ManagementJson.Of<Page<Overview>>())
        {
            Scope = OperationScope.AllNodes,
            Parameters = [Paging.LimitParameter, Paging.AfterParameter],
            RunAsync = async call => call.Paging.Take([await OverviewAsync(call).ConfigureAwait(false)], KeyOf, view => view),
            Merge = (pages, call) => call.Paging.Merge([.. pages.Cast<Page<Overview>>()], KeyOf),
        },
        new("node.list", ManagementRole.Viewer, "nodes of the cluster, as this one sees them", ManagementJson.Of<Page<NodeSummary>>())
        {
            Parameters = [Paging.LimitParameter, Paging.AfterParameter],
            Run = call => call.Paging.Take(Nodes(call.Services), view => new RowKey(0, view.Node, "", 0), view => view),
        },
        new("node.drain", ManagementRole.Operator, "end a node's daemon once its sessions have ended, as SIGTERM does", ManagementJson.Of<Done>())
        {
            Parameters = [Name],
            IsChange = true,
            Confirms = "name",
            Run = call =>
            {
                CheckName(call);
                call.Services.Drain();
                return new Done(call.Node, $"{call.Node} takes no new sessions, and ends when those it has have ended, or drain_timeout is over", []);
            },
        },
        new("node.leave", ManagementRole.Admin, "take a node out of the cluster, where it stays until it joins or starts again; its sessions go on", ManagementJson.Of<Done>())
        {
            Parameters = [Name],
            IsChange = true,
            Confirms = "name",
            Run = call =>
            {
                CheckName(call);
                InCluster(call).Leave();
                return new Done(call.Node, $"{call.Node} leaves the cluster: 'tlspool node join' brings it back", []);
            },
        },
        new("node.join", ManagementRole.Admin, "bring a node back that was taken out of the cluster", ManagementJson.Of<Done>())
        {
            IsChange = true,
            Run = call => InCluster(call).Join()
                ? new Done(call.Node, $"{call.Node} joins the cluster", [])
                : throw OperationCall.Refuse(ManagementFault.Conflict, $"{call.Node} was not taken out of the cluster"),
        },
        new("node.down", ManagementRole.Admin, "declare a node dead that is not reached: the others go on without it at once", ManagementJson.Of<Done>())
        {
            Scope = OperationScope.Policy,
            Parameters = [Name],
            IsChange = true,
            Confirms = "name",
            Run = Down,
        },
    ];

    /// <summary>This node at a glance.</summary>
    internal static async Task<Overview> OverviewAsync(OperationCall call)
    {
        ManagementServices services = call.Services;
        IReadOnlyList<TokenView> tokens = await TokenOperations.ListAsync(call).ConfigureAwait(false);
        IReadOnlyList<StoredIdentity> identities = services.Policy is { } policy ? policy.Identities.List() : [];
        (int settingUp, int detached) = (0, 0);
        foreach (SessionEntry entry in services.Sessions.All)
        {
            settingUp += entry.IsEstablished ? 0 : 1;
            detached += entry.Controller is null ? 1 : 0;
        }
        (long received, long sent) = services.Sessions.Bytes();
        using Process self = Process.GetCurrentProcess();
        return new Overview(
            call.Node,
            BuildFacts.Current.Release,
            Environment.ProcessId,
            services.Started,
            DateTimeOffset.UtcNow,
            services.Sessions.IsDraining,
            new SessionCounts(services.Sessions.Count, settingUp, detached),
            new HandshakeCounts(services.Sessions.Established, services.Sessions.Resumed, services.Sessions.Failed),
            new ByteCounts(received, sent),
            new TokenCounts(tokens.Count, tokens.Count(token => token.State == "ready")),
            services.Entries.Pins.Count(entry => entry.Kind == "pin-request"),
            services.Entries.All(call.Node).Count(entry => entry.Kind != "pin-request"),
            identities.Count,
            IdentityOperations.Expiring(identities),
            services.Policy?.Trust.List().Count ?? 0,
            Count(services),
            self.WorkingSet64,
            self.TotalProcessorTime.TotalSeconds,
            LogBook.LevelName(services.LogRules.Level));
    }

    /// <summary>How many members there are, and how many of them take part.</summary>
    internal static NodeCounts Count(ManagementServices services)
    {
        List<NodeSummary> nodes = Nodes(services);
        return new NodeCounts(nodes.Count, nodes.Count(node => node is { IsReachable: true, Status: "Up" or "WeaklyUp" or "Single" }));
    }

    private static RowKey KeyOf(Overview view) => new(0, view.Node, "", 0);

    private static List<NodeSummary> Nodes(ManagementServices services)
    {
        if (services.Cluster is not { } cluster)
            return [new NodeSummary(services.Node, 0, "Single", IsReachable: true, IsSelf: true, [], 0)];
        ClusterView view = cluster.View;
        return
        [
            .. cluster.Configuration.Members.Select(member => view.Nodes.FirstOrDefault(node => node.Host == member.Host) is { } node
                ? new NodeSummary(node.Host, node.Port, node.Status, node.IsReachable, node.Host == view.Self, node.Roles, node.WireVersion)
                : new NodeSummary(member.Host, member.Port, "Absent", member.Host == view.Self, member.Host == view.Self, [], 0)),
        ];
    }

    private static Done Down(OperationCall call)
    {
        string name = call.Arguments.Needed("name");
        NodeSummary node = Nodes(call.Services).Find(node => node.Node == name)
            ?? throw OperationCall.Refuse(ManagementFault.NotFound, $"there is no node '{name}': see 'tlspool node list'");
        if (node.IsReachable || node.Status == "Absent")
            throw OperationCall.Refuse(ManagementFault.Conflict, $"{name} is {(node.IsReachable ? "reached: 'tlspool node leave' takes it out" : "in no cluster")}");
        InCluster(call).Down(name, node.Port);
        return new Done(call.Node, $"{name} is declared dead", ["if it still runs, it starts anew in the cluster when it is reached again"]);
    }

    /// <summary>What cannot be undone names its node, and is not done to the one that happened to be asked.</summary>
    private static void CheckName(OperationCall call)
    {
        if (call.Arguments.Needed("name") is var name && name != call.Node)
            throw OperationCall.Refuse(ManagementFault.BadRequest, $"this is {call.Node}, and not '{name}'");
    }

    private static Cluster.Hosting.ClusterService InCluster(OperationCall call) =>
        call.Services.Cluster ?? throw OperationCall.Refuse(ManagementFault.Conflict, $"{call.Node} is in no cluster: see cluster_address");
}
