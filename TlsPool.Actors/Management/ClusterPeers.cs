using System.Text;
using Akka.Actor;
using TlsPool.Actors.Cluster.Hosting;
using TlsPool.Actors.Cluster.Transport;
using TlsPool.Actors.Configuration;
using TlsPool.Actors.Management.Wire;

namespace TlsPool.Actors.Management;

/// <summary>The other nodes of the cluster.</summary>
internal sealed class ClusterPeers(ClusterService cluster) : IManagementPeers
{
    /// <summary>How long another node is waited for: a screen is open meanwhile.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public IReadOnlyList<string> Others { get; } =
        [.. cluster.Configuration.Members.Where(member => member.Host != cluster.Configuration.Address.Host).Select(member => member.Host)];

    public async Task<ManagementReply> AskAsync(string node, ForwardedRequest request, CancellationToken cancellation)
    {
        ClusterAddress member = cluster.Configuration.Members.First(member => member.Host == node);
        if (cluster.NodeSystem is not { } system)
            return Silent($"{node} cannot be asked: {cluster.Configuration.Address.Host} is out of the cluster");
        // One that is known not to be reached is not waited for.
        if (cluster.View.Nodes.FirstOrDefault(view => view.Host == node) is not { IsReachable: true })
            return Silent($"{node} is not reached");
        try
        {
            string path = $"akka.{TlsTransport.Scheme}://{ClusterSettings.SystemName}@{member}/user/{ManagementPartActor.PartName}";
            return await system.ActorSelection(path).Ask<ManagementReply>(request, Patience, cancellation).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is AskTimeoutException or OperationCanceledException or InvalidOperationException)
        {
            return Silent($"{node} does not answer: it may be busy, of an earlier version, or gone");
        }
    }

    private static ManagementReply Silent(string reason) => new(0, ManagementFault.NoAnswer, Encoding.UTF8.GetBytes(reason));
}
