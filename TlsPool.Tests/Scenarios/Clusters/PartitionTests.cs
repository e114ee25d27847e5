using NUnit.Framework;

namespace TlsPool.Tests.Scenarios.Clusters;

/// <summary>Nodes in network namespaces whose cables are pulled.</summary>
[Parallelizable]
public sealed class PartitionTests
{
    [Test]
    public async Task A_node_that_is_cut_off_goes_on_and_is_merged_when_it_is_back()
    {
        await using Namespaces hosts = await Namespaces.CreateAsync(3);
        await using ClusterOfProcesses cluster = await ClusterOfProcesses.StartAsync(3, hosts: hosts);
        await cluster[0].RunAsync("disclose", "add", "remote.example", "both@local.example");
        await ExpectAsync(cluster, 2, "disclose", "both@local.example");

        await hosts.CutAsync(2);
        await cluster.ExpectAsync(2, 0, 1);
        await cluster.ExpectAsync(0, 2);
        Assert.That(cluster[2].IsAlive(), "applications are served");
        Assert.That((await cluster[2].TryAsync("cluster", "status")).ExitCode, Is.EqualTo(1));

        // On both sides, about different things, and about the same.
        await cluster[0].RunAsync("access", "add", "majority.example", "--user", "1");
        await cluster[2].RunAsync("access", "add", "minority.example", "--user", "2");
        await cluster[2].RunAsync("disclose", "add", "remote.example", "front@local.example", "--first");
        await cluster[0].RunAsync("disclose", "remove", "remote.example", "both@local.example");
        await cluster[2].RunAsync("disclose", "remove", "remote.example", "both@local.example");
        await cluster[2].RunAsync("disclose", "add", "remote.example", "both@local.example");
        await ExpectAsync(cluster, 1, "access", "majority.example");

        await hosts.JoinAsync(2);
        await cluster.ExpectAsync(3);
        foreach (int node in new[] { 0, 1, 2 })
        {
            await ExpectAsync(cluster, node, "access", "majority.example");
            await ExpectAsync(cluster, node, "access", "minority.example");
            await ExpectAsync(cluster, node, "disclose", "front@local.example");
            await ExpectAsync(cluster, node, "disclose", "both@local.example");
        }
        // The removal that lost is on record where both were seen.
        await ClusterOfProcesses.WaitAsync(
            async () => (await cluster[0].RunAsync("audit", "query", "--json") + await cluster[2].RunAsync("audit", "query", "--json"))
                .Contains("conflict in disclosure", StringComparison.Ordinal),
            "the conflict is in the audit trail");
    }

    private static Task ExpectAsync(ClusterOfProcesses cluster, int node, string what, string text) => ClusterOfProcesses.WaitAsync(
        async () => (await cluster[node].RunAsync(what, "list")).Contains(text, StringComparison.Ordinal), $"{cluster.Hosts[node]} has {text}");
}
