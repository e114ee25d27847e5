using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Cluster.Membership;
using TlsPool.Actors.Configuration;

namespace TlsPool.Actors.Cluster.Hosting;

/// <summary>Keeps this host in its cluster as long as the daemon runs: a life of the node that ends is followed by another.</summary>
internal sealed class ClusterService(ClusterParts parts, ClusterStatusFile status) : BackgroundService
{
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly ILogger _log = parts.Log;
    private volatile ClusterView _view = ClusterView.Alone(parts.Configuration.Address.Host);

    /// <summary>The cluster as this node sees it.</summary>
    internal ClusterView View => _view;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        TimeSpan pause = FirstPause;
        Take(_view);
        while (!stoppingToken.IsCancellationRequested)
        {
            bool wasUp = false;
            try
            {
                await using ClusterNode node = await ClusterNode.StartAsync(parts, view =>
                {
                    wasUp |= view.IsUp;
                    Take(view);
                }).ConfigureAwait(false);
                await node.Ended.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (stoppingToken.IsCancellationRequested)
                    await node.LeaveAsync(LeaveTime).ConfigureAwait(false);
                else
                    _log.LogWarning("this node is out of the cluster: it goes on with what it last knew, and joins again");
            }
            catch (Exception failure) when (failure is ConfigurationException or InvalidOperationException or AggregateException or Akka.Actor.AkkaException)
            {
                _log.LogError("this node cannot be in the cluster, and tries again: {Reason}", failure.GetBaseException().Message);
            }
            Take(ClusterView.Alone(parts.Configuration.Address.Host));
            pause = wasUp ? FirstPause : pause * 2 < LongestPause ? pause * 2 : LongestPause;
            await Task.Delay(pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        status.Remove();
    }

    private void Take(ClusterView view)
    {
        _view = view;
        status.Write(view);
    }
}
