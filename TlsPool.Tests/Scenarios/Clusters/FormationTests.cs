using NUnit.Framework;

namespace TlsPool.Tests.Scenarios.Clusters;

/// <summary>Nodes that find each other, and lose each other.</summary>
[Parallelizable]
public sealed class FormationTests
{
    [Test]
    public async Task Three_nodes_form_a_cluster_and_outlive_one_that_is_killed()
    {
        await using ClusterOfProcesses cluster = await ClusterOfProcesses.StartAsync(3);
        Assert.That(await cluster[1].RunAsync("cluster", "status"), Does.Contain($"* {cluster.Hosts[1]}:4253 Up"));
        await cluster[2].StopDaemonAsync("KILL");
        await cluster.ExpectAsync(2, 0, 1);
        await cluster[2].StartDaemonAsync();
        await cluster.ExpectAsync(3);
        Assert.That(cluster[0].IsAlive());
    }
}
