using System.Globalization;
using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios.Clusters;

/// <summary>Nodes that are stopped, killed and started again while clients connect.</summary>
[Parallelizable]
[Category("Soak")]
public sealed class LossTests
{
    [Test]
    public async Task Signatures_and_policy_survive_the_loss_of_each_signer()
    {
        await using NodesWithOneKey nodes = await NodesWithOneKey.StartAsync();
        ClusterOfProcesses cluster = nodes.Cluster;
        using Backend backend = Backend.Echo();
        await using TunnelProcess tunnel = await nodes.ServeAsync(2, backend.Address);
        Assert.That(await nodes.TalkAsync(tunnel, "-tls1_3"), Does.Contain("hello"));

        // A signer that hangs: the one that holds up nobody is asked.
        await UnderLoadAsync(nodes, tunnel, async () =>
        {
            cluster[0].Daemon.Signal("STOP");
            await Task.Delay(3000);
            cluster[0].Daemon.Signal("CONT");
        });
        await cluster.ExpectAsync(3);

        // One that is slow: it gets a third of the time.
        await UnderLoadAsync(nodes, tunnel, async () =>
        {
            for (int i = 0; i < 10; i++)
            {
                cluster[1].Daemon.Signal("STOP");
                await Task.Delay(200);
                cluster[1].Daemon.Signal("CONT");
                await Task.Delay(100);
            }
        });

        // A signer that is gone, and policy that changes meanwhile.
        await UnderLoadAsync(nodes, tunnel, () => cluster[0].StopDaemonAsync("KILL"));
        await cluster.ExpectAsync(2, 1, 2);
        await cluster[1].RunAsync("access", "add", "meanwhile.example", "--user", "9");
        // Made while the daemon does not run: it counts from now on, and not from the start of the daemon.
        await cluster[0].RunAsync("access", "add", "offline.example", "--user", "8");
        await cluster[0].StartDaemonAsync();
        await cluster.ExpectAsync(3);
        await ExpectRuleAsync(cluster, 0, "meanwhile.example");
        await ExpectRuleAsync(cluster, 2, "offline.example");

        // The other one.
        await UnderLoadAsync(nodes, tunnel, () => cluster[1].StopDaemonAsync("KILL"));
        Assert.That(await nodes.TalkAsync(tunnel, "-tls1_2"), Does.Contain("hello"));
    }

    /// <summary>Does something while clients connect one after the other: each of their handshakes has to succeed.</summary>
    private static async Task UnderLoadAsync(NodesWithOneKey nodes, TunnelProcess tunnel, Func<Task> trouble)
    {
        using var enough = new CancellationTokenSource();
        Task<List<string>>[] clients =
        [
            .. Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
            {
                var failures = new List<string>();
                for (int i = 0; i < 3 || !enough.IsCancellationRequested; i++)
                {
                    string output = await nodes.TalkAsync(tunnel, "-tls1_3");
                    if (!output.Contains("hello", StringComparison.Ordinal))
                        failures.Add(string.Create(CultureInfo.InvariantCulture, $"client {i}: {output}"));
                    // There are always some under way; more of them would only keep other tests waiting.
                    await Task.Delay(100);
                }
                return failures;
            })),
        ];
        await Task.Delay(500);
        await trouble();
        await enough.CancelAsync();
        foreach (Task<List<string>> client in clients)
            Assert.That(await client, Is.Empty);
    }

    private static Task ExpectRuleAsync(ClusterOfProcesses cluster, int node, string rule) => ClusterOfProcesses.WaitAsync(
        async () => (await cluster[node].RunAsync("access", "list")).Contains(rule, StringComparison.Ordinal), $"{cluster.Hosts[node]} has {rule}");
}
