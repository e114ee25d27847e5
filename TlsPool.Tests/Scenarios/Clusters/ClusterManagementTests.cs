using System.Text.Json;
using System.Text.RegularExpressions;
using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios.Clusters;

/// <summary>A cluster, seen and changed through one of its nodes.</summary>
[Parallelizable]
public sealed class ClusterManagementTests
{
    [Test]
    public async Task One_node_shows_all_and_does_what_is_for_others()
    {
        await using ClusterOfProcesses cluster = await ClusterOfProcesses.StartAsync(3);
        (string one, string two, string three) = (cluster.Hosts[0], cluster.Hosts[1], cluster.Hosts[2]);
        Assert.That(await NodesOfAsync(cluster, "node", "overview"), Is.EquivalentTo(new[] { one, two, three }));
        await cluster[0].RunAsync("log", "level", "warning", "--node", two);
        await cluster[1].WaitForAuditAsync($"the log has level warning, until the configuration is read again, by uid 0 (admin) through {one}");
        Assert.That(await NodesOfAsync(cluster, "token", "list", "--node", two), Is.EqualTo(new[] { two }));
        await using TmuxTerminal terminal = await TmuxTerminal.StartAsync(
            150, 30, PoolProcess.Program, "console", "--refresh", "0.5", "--socket", Path.Combine(cluster[0].Directory, "pool-manage.sock"));
        await terminal.WaitForAsync(screen => cluster.Hosts.All(host => screen.Contains($"{host} ", StringComparison.Ordinal)), "all nodes");

        // One that does not answer is named, and the others are shown.
        cluster[2].Daemon.Signal("STOP");
        (int code, string output) = await cluster[0].TryAsync("node", "overview");
        Assert.That(code, Is.EqualTo(1), output);
        Assert.That(output, Does.Contain($"node {three} does not answer").And.Contains(two));
        await terminal.WaitForAsync($"{three} does not answer: what it has is missing");
        cluster[2].Daemon.Signal("CONT");
        await cluster.ExpectAsync(3);

        // Out, and back, and its applications are served meanwhile.
        (code, output) = await cluster[0].TryAsync("node", "leave", three, "--yes");
        Assert.That(code, Is.EqualTo(1), output);
        Assert.That(output, Does.Contain($"this is {one}, and not '{three}'"), "what is done to another node names it twice");
        await cluster[0].RunAsync("node", "leave", three, "--node", three, "--yes");
        await cluster.ExpectAsync(2, 0, 1);
        Assert.That(cluster[2].IsAlive());
        await cluster[2].WaitForLogAsync("stays out until 'tlspool node join'");
        await ClusterOfProcesses.WaitAsync(async () => await StatusAsync(cluster, three) == "Absent", "the others know that it has left");
        await cluster[2].RunAsync("node", "join");
        await cluster.ExpectAsync(3);

        // Dead, and declared so before the others would have found out.
        (code, output) = await cluster[0].TryAsync("node", "down", two, "--yes");
        Assert.That(code, Is.EqualTo(1), output);
        Assert.That(output, Does.Contain("is reached"));
        await cluster[1].StopDaemonAsync("KILL");
        await ClusterOfProcesses.WaitAsync(async () => (await cluster[0].TryAsync("node", "down", two, "--yes")).ExitCode == 0, "it is declared dead");
        await terminal.PressAsync("2");
        await terminal.WaitForAsync(screen => Regex.IsMatch(screen, $"{two} +Absent") && Regex.IsMatch(screen, $"{three} +Up"), "the dead one and the other");
        await ClusterOfProcesses.WaitAsync(async () => await StatusAsync(cluster, two) == "Absent", "it is gone");
    }

    private static async Task<string?> StatusAsync(ClusterOfProcesses cluster, string host)
    {
        using JsonDocument nodes = JsonDocument.Parse(await cluster[0].RunAsync("node", "list", "--json"));
        return nodes.RootElement.GetProperty("items").EnumerateArray().Single(node => node.GetProperty("node").GetString() == host).GetProperty("status").GetString();
    }

    private static async Task<IEnumerable<string>> NodesOfAsync(ClusterOfProcesses cluster, params string[] command)
    {
        using JsonDocument answer = JsonDocument.Parse(await cluster[0].RunAsync([.. command, "--json"]));
        return [.. answer.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("node").GetString()!)];
    }
}
