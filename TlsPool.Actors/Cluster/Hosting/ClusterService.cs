using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Cluster.Membership;
using TlsPool.Actors.Cluster.Replication;
using TlsPool.Actors.Configuration;

namespace TlsPool.Actors.Cluster.Hosting;

/// <summary>Keeps this host in its cluster as long as the daemon runs: a life of the node that ends is followed by another.</summary>
/// <param name="make">Says what the node is made of; the pool's actors have to be there.</param>
/// <param name="status">Where commands read how the cluster is.</param>
/// <param name="log">Log of the facility CLUSTER.</param>
internal sealed class ClusterService(Func<ClusterParts> make, ClusterStatusFile status, ILogger log) : BackgroundService
{
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private volatile ClusterNode? _node;

    /// <summary>The database has changed: others are to hear of it. Any thread; never waits.</summary>
    internal void PolicyHasChanged() => _node?.System.EventStream.Publish(PolicyChanged.Instance);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        ClusterParts parts = make();
        ClusterView alone = ClusterView.Alone(parts.Configuration.Address.Host);
        TimeSpan pause = FirstPause;
        status.Write(alone);
        while (!stoppingToken.IsCancellationRequested)
        {
            bool wasUp = false;
            try
            {
                await using ClusterNode node = await ClusterNode.StartAsync(parts, view =>
                {
                    wasUp |= view.IsUp;
                    status.Write(view);
                }).ConfigureAwait(false);
                _node = node;
                await node.Ended.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (stoppingToken.IsCancellationRequested)
                    await node.LeaveAsync(LeaveTime).ConfigureAwait(false);
                else
                    log.LogWarning("this node is out of the cluster: it goes on with what it last knew, and joins again");
            }
            catch (Exception failure) when (failure is ConfigurationException or InvalidOperationException or AggregateException or Akka.Actor.AkkaException)
            {
                log.LogError("this node cannot be in the cluster, and tries again: {Reason}", failure.GetBaseException().Message);
            }
            _node = null;
            status.Write(alone);
            pause = wasUp ? FirstPause : pause * 2 < LongestPause ? pause * 2 : LongestPause;
            await Task.Delay(pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        status.Remove();
    }
}
