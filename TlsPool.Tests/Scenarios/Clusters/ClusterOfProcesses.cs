using System.Diagnostics;
using System.Globalization;
using NUnit.Framework;
using TlsPool.Actors.Cluster.Membership;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios.Clusters;

/// <summary>Daemons as users run them, each a node at a loopback address of its own.</summary>
internal sealed class ClusterOfProcesses : IAsyncDisposable
{
    private const string Port = "4253";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<PoolProcess> _nodes = [];
    private readonly string _directory = Directory.CreateTempSubdirectory("tlspool-cluster-").FullName;

    private readonly Namespaces? _namespaces;

    private ClusterOfProcesses(IReadOnlyList<string> hosts, Namespaces? namespaces) => (Hosts, _namespaces) = (hosts, namespaces);

    /// <summary>Names of the nodes.</summary>
    internal IReadOnlyList<string> Hosts { get; }

    internal string Certificates => Path.Combine(_directory, "certificates");

    internal PoolProcess this[int node] => _nodes[node];

    internal IReadOnlyList<PoolProcess> Nodes => _nodes;

    /// <summary>Starts a cluster, and waits until all nodes see each other.</summary>
    /// <param name="count">How many nodes.</param>
    /// <param name="configuration">Lines for a node beside those of the cluster.</param>
    /// <param name="environment">Additions to the environment of a node.</param>
    /// <param name="prepare">Commands to run before a node's start.</param>
    /// <param name="hosts">Where the daemons run; null for all in one place.</param>
    /// <param name="spare">How many members more have certificates, and no daemon: a test may be one of them. They are the last of the hosts.</param>
    internal static async Task<ClusterOfProcesses> StartAsync(
        int count,
        Func<int, ClusterOfProcesses, string>? configuration = null,
        Func<int, IReadOnlyDictionary<string, string>>? environment = null,
        Func<int, PoolProcess, Task>? prepare = null,
        Namespaces? hosts = null,
        int spare = 0)
    {
        // Of the sixteen million addresses of loopback no other test has these.
        string network = hosts?.Network ?? string.Create(CultureInfo.InvariantCulture, $"127.{Random.Shared.Next(16, 255)}.{Random.Shared.Next(0, 255)}");
        var cluster = new ClusterOfProcesses([.. Enumerable.Range(1, count + spare).Select(node => $"{network}.{node}")], hosts);
        try
        {
            await cluster.StartAllAsync(count, configuration, environment, prepare);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    private async Task StartAllAsync(
        int count,
        Func<int, ClusterOfProcesses, string>? configuration,
        Func<int, IReadOnlyDictionary<string, string>>? environment,
        Func<int, PoolProcess, Task>? prepare)
    {
        (int code, string output) = await ChildProcess.RunAsync(PoolProcess.Program, ["cluster", "certificates", Certificates, .. Hosts]);
        Assert.That(code, Is.Zero, output);
        for (int i = 0; i < count; i++)
        {
            int node = i;
            _nodes.Add(await PoolProcess.StartAsync(
                Lines(node) + (configuration?.Invoke(node, this) ?? ""),
                environment?.Invoke(node),
                prepare is null ? null : pool => prepare(node, pool),
                _namespaces?.Of(node)));
        }
        await ExpectAsync(count);
    }

    /// <summary>The four lines that make a node.</summary>
    internal string Lines(int node) => string.Create(CultureInfo.InvariantCulture, $"""
        cluster_address {Hosts[node]}:{Port}
        cluster_members {string.Join(',', Hosts.Select(host => $"{host}:{Port}"))}
        cluster_certificate {Certificates}/node-{Hosts[node]}.pem
        cluster_authority {Certificates}/authority.pem
        cluster_decision_time 4

        """);

    /// <summary>Waits until each of some nodes sees so many that take part.</summary>
    internal async Task ExpectAsync(int active, params int[] nodes)
    {
        foreach (int node in nodes.Length == 0 ? [.. Enumerable.Range(0, _nodes.Count)] : nodes)
            await WaitAsync(async () => (await ActiveAsync(node)).Count == active, $"{Hosts[node]} sees {active} nodes");
    }

    /// <summary>The nodes that take part, as one of them sees it; read where the command reads it, as starting that costs the most here.</summary>
    internal async Task<IReadOnlyList<string>> ActiveAsync(int node)
    {
        string directory = Path.Combine(_nodes[node].Directory, "db");
        ClusterStatus? status = await Task.Run(() => ClusterStatusFile.Read(directory));
        return [.. (status?.Nodes ?? []).Where(one => one.IsActive).Select(one => one.Host)];
    }

    /// <summary>Waits for something to become true.</summary>
    internal static async Task WaitAsync(Func<Task<bool>> condition, string what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(start) > Patience)
                Assert.Fail($"this did not happen: {what}");
            await Task.Delay(250);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (PoolProcess node in _nodes)
        {
            node.Daemon.Signal("CONT");
            await node.DisposeAsync();
        }
        Directory.Delete(_directory, recursive: true);
    }
}
