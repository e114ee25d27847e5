using System.Globalization;
using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios.Clusters;

/// <summary>A node whose daemon hands over to a new process.</summary>
[Parallelizable]
public sealed class NodeHandOverTests
{
    [Test]
    public async Task The_new_daemon_takes_the_node_s_place_in_the_cluster()
    {
        await using ClusterOfProcesses cluster = await ClusterOfProcesses.StartAsync(2);
        using var application = new RawApplication(cluster[0].SocketPath);
        string output = await cluster[0].RunAsync("--hand-over");
        int successor = int.Parse(output.Split(' ')[1], CultureInfo.InvariantCulture);
        try
        {
            await Installation.WaitAsync(() => cluster[0].Daemon.HasExited, "the old daemon ended");
            await cluster.ExpectAsync(2);
            Assert.That(application.Ping());
            await cluster[1].RunAsync("access", "add", "handed.example", "--user", "7");
            await ClusterOfProcesses.WaitAsync(
                async () => (await cluster[0].RunAsync("access", "list")).Contains("handed.example", StringComparison.Ordinal), "policy comes to the new daemon");
        }
        finally
        {
            using var kill = System.Diagnostics.Process.Start("kill", ["-KILL", successor.ToString(CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync();
        }
    }
}
