using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios.Clusters;

/// <summary>A cluster whose nodes speak another version of their messages one after the other.</summary>
[Parallelizable]
[Category("Soak")]
public sealed class UpgradeTests
{
    [Test]
    public async Task Nodes_are_upgraded_one_by_one_while_others_sign_and_policy_spreads()
    {
        await using NodesWithOneKey nodes = await NodesWithOneKey.StartAsync("cluster_wire_version 1\n");
        ClusterOfProcesses cluster = nodes.Cluster;
        using Backend backend = Backend.Echo();
        await using (TunnelProcess tunnel = await nodes.ServeAsync(2, backend.Address))
        {
            Assert.That(await nodes.TalkAsync(tunnel, "-tls1_3"), Does.Contain("hello"));
            Assert.That(await cluster[2].RunAsync("cluster", "status", "--json"), Does.Contain("\"wireVersion\": 1"));
            foreach (int node in new[] { 0, 1 })
            {
                await UpgradeAsync(cluster, node);
                // Old and new: both sign for the third, which is old, and hear of each other's policy.
                for (int i = 0; i < 4; i++)
                    Assert.That(await nodes.TalkAsync(tunnel, "-tls1_3"), Does.Contain("hello"));
                await cluster[node].RunAsync("access", "add", $"upgraded{node}.example", "--user", "5");
                await ClusterOfProcesses.WaitAsync(
                    async () => (await cluster[2].RunAsync("access", "list")).Contains($"upgraded{node}.example", StringComparison.Ordinal), "the old node hears of it");
                Assert.That(await cluster[node].RunAsync("cluster", "status"), Does.Contain($"* {cluster.Hosts[node]}:4253 Up, messages 2").And.Contains("messages 1"));
            }
        }
        await UpgradeAsync(cluster, 2);
        // Now that all read it, all write it.
        foreach (PoolProcess node in cluster.Nodes)
            await ClusterOfProcesses.WaitAsync(
                async () => !(await node.RunAsync("cluster", "status", "--json")).Contains("\"wireVersion\": 1", StringComparison.Ordinal), "version 2 is in use");
        await using TunnelProcess again = await nodes.ServeAsync(2, backend.Address);
        Assert.That(await nodes.TalkAsync(again, "-tls1_3"), Does.Contain("hello"));
    }

    private static async Task UpgradeAsync(ClusterOfProcesses cluster, int node)
    {
        string file = Path.Combine(cluster[node].Directory, "tlspool.conf");
        await cluster[node].StopDaemonAsync("TERM");
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace("cluster_wire_version 1\n", "", StringComparison.Ordinal));
        await cluster[node].StartDaemonAsync();
        await cluster.ExpectAsync(3);
    }
}
