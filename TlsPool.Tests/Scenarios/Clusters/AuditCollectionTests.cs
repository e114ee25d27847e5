using System.Text.Json;
using NUnit.Framework;

namespace TlsPool.Tests.Scenarios.Clusters;

/// <summary>The audit trails of all nodes at one of them.</summary>
[Parallelizable]
public sealed class AuditCollectionTests
{
    [Test]
    public async Task Every_decision_of_every_node_is_collected_once_though_nodes_are_killed()
    {
        await using ClusterOfProcesses cluster = await ClusterOfProcesses.StartAsync(3, (node, _) => node == 0 ? "cluster_collect_audit yes\n" : "");
        await DecideAsync(cluster, 0, "own.example");
        await DecideAsync(cluster, 1, "first.example");
        await DecideAsync(cluster, 2, "second.example");
        await ExpectAllAsync(cluster);
        Assert.That(await cluster[0].RunAsync("audit", "tail", "--cluster", "--node", cluster.Hosts[2]), Does.Contain($"Z {cluster.Hosts[2]} administration allowed").And.Contain("second.example"));
        Assert.That(await cluster[0].RunAsync("audit", "query", "--cluster", "--node", cluster.Hosts[1]), Does.Contain("first.example").And.Not.Contain("second.example"));

        Task deciding = DecideAsync(cluster, 2, "third.example", "fourth.example", "fifth.example");
        await cluster[2].StopDaemonAsync("KILL");
        await deciding;
        await cluster[2].StartDaemonAsync();
        await cluster.ExpectAsync(3);
        await DecideAsync(cluster, 1, "sixth.example");
        await cluster[0].StopDaemonAsync("KILL");
        await DecideAsync(cluster, 2, "seventh.example");
        await cluster[0].StartDaemonAsync();
        await DecideAsync(cluster, 0, "eighth.example");
        await ExpectAllAsync(cluster);

        (int code, string refusal) = await cluster[1].TryAsync("audit", "tail", "--cluster");
        Assert.That(code, Is.Not.Zero);
        Assert.That(refusal, Does.Contain("this host does not collect the decisions of its cluster").And.Contain("cluster_collect_audit yes"));
        (_, refusal) = await cluster[0].TryAsync("audit", "query", "--node", cluster.Hosts[1]);
        Assert.That(refusal, Does.Contain("--node goes with --cluster"));
    }

    private static async Task DecideAsync(ClusterOfProcesses cluster, int node, params string[] names)
    {
        foreach (string name in names)
            await cluster[node].RunAsync("access", "add", name, "--nobody");
    }

    /// <summary>Waits until what each node has in its own trail was collected, and nothing else.</summary>
    private static async Task ExpectAllAsync(ClusterOfProcesses cluster)
    {
        for (int node = 0; node < cluster.Hosts.Count; node++)
        {
            string[] own = [], collected = [];
            try
            {
                await ClusterOfProcesses.WaitAsync(
                    async () =>
                    {
                        own = Lines(await cluster[node].RunAsync("audit", "query", "--json"), "id");
                        collected = Lines(await cluster[0].RunAsync("audit", "query", "--json", "--cluster", "--node", cluster.Hosts[node]), "nodeId");
                        return own.SequenceEqual(collected);
                    },
                    $"the trail of {cluster.Hosts[node]} is collected");
            }
            finally
            {
                TestContext.Out.WriteLine($"{cluster.Hosts[node]} has {own.Length}, of which were collected {collected.Length}:\n{string.Join('\n', own)}\n{string.Join('\n', collected)}");
            }
            Assert.That(own, Is.Not.Empty);
        }
    }

    private static string[] Lines(string output, string number) =>
    [
        .. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line =>
        {
            using JsonDocument record = JsonDocument.Parse(line);
            JsonElement root = record.RootElement;
            return $"{root.GetProperty(number)} {root.GetProperty("time")} {root.GetProperty("kind")} {root.GetProperty("uid")} {root.GetProperty("reason")}";
        }),
    ];
}
