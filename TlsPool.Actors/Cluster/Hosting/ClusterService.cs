using Akka.Actor;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Cluster.Membership;
using TlsPool.Actors.Cluster.Replication;
using TlsPool.Actors.Cluster.Transport;
using TlsPool.Actors.Configuration;

namespace TlsPool.Actors.Cluster.Hosting;

/// <summary>Keeps this host in its cluster as long as the daemon runs: a life of the node that ends is followed by another.</summary>
/// <param name="make">Says what the node is made of; the pool's actors have to be there.</param>
/// <param name="status">Where commands read how the cluster is.</param>
/// <param name="log">Log of the facility CLUSTER.</param>
/// <param name="configuration">The cluster.</param>
internal sealed class ClusterService(Func<ClusterParts> make, ClusterStatusFile status, ILogger log, ClusterConfiguration configuration) : BackgroundService
{
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private volatile ClusterNode? _node;
    private volatile ClusterView _view = ClusterView.Alone(configuration.Address.Host);
    private TaskCompletionSource? _out;

    /// <summary>The cluster as this node sees it.</summary>
    internal ClusterView View => _view;

    /// <summary>The configuration of the cluster.</summary>
    internal ClusterConfiguration Configuration => configuration;

    /// <summary>The actor system of the node; null while it has none.</summary>
    internal ActorSystem? NodeSystem => _node?.System;

    /// <summary>Takes this node out of the cluster, until it joins again or the daemon starts again. Never waits.</summary>
    internal void Leave()
    {
        lock (_lock)
            _out ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_node is { } node)
            _ = node.LeaveAsync(LeaveTime);
    }

    /// <summary>Brings it back.</summary>
    /// <returns>False if it was not out.</returns>
    internal bool Join()
    {
        lock (_lock)
        {
            bool wasOut = _out is not null;
            _out?.SetResult();
            _out = null;
            return wasOut;
        }
    }

    /// <summary>Declares another node dead.</summary>
    internal void Down(string host, int port)
    {
        if (NodeSystem is { } system)
            Akka.Cluster.Cluster.Get(system).Down(new Address($"akka.{TlsTransport.Scheme}", ClusterSettings.SystemName, host, port));
    }

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
                    _view = view;
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
            _view = alone;
            status.Write(alone);
            if (Out() is { } joined)
            {
                log.LogWarning("this node was taken out of the cluster, and stays out until 'tlspool node join', or until it starts again");
                await joined.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            pause = wasUp ? FirstPause : pause * 2 < LongestPause ? pause * 2 : LongestPause;
            await Task.Delay(pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        status.Remove();
    }

    private Task? Out()
    {
        lock (_lock)
            return _out?.Task;
    }
}
