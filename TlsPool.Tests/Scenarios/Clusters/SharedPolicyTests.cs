using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios.Clusters;

/// <summary>What nodes have in common while all is well: policy, tickets and signatures.</summary>
[Parallelizable]
public sealed class SharedPolicyTests
{
    private NodesWithOneKey _nodes = null!;

    private ClusterOfProcesses Cluster => _nodes.Cluster;

    [OneTimeSetUp]
    public async Task Start() => _nodes = await NodesWithOneKey.StartAsync();

    [OneTimeTearDown]
    public async Task Stop() => await _nodes.DisposeAsync();

    [Test]
    public async Task What_is_stored_at_one_node_is_known_at_all_and_what_is_removed_too()
    {
        await Cluster[1].RunAsync("access", "add", "policy.example", "--user", "7");
        foreach (int node in new[] { 0, 2 })
            await ExpectListAsync(node, "access", "policy.example", isThere: true);
        await Cluster[2].RunAsync("disclose", "add", "remote.example", "me@policy.example");
        await ExpectListAsync(0, "disclose", "me@policy.example", isThere: true);
        await Cluster[0].RunAsync("disclose", "remove", "remote.example");
        foreach (int node in new[] { 1, 2 })
            await ExpectListAsync(node, "disclose", "me@policy.example", isThere: false);
        Assert.That(await Cluster[0].RunAsync("audit", "query", "--json"), Does.Contain("records taken over"));
    }

    [Test]
    public async Task Keys_stay_where_they_are()
    {
        await Cluster[0].RunAsync("identity", "generate", "stay.example");
        await ExpectListAsync(2, "identity", "stay.example", isThere: true);
        Assert.That(await Cluster[2].RunAsync("identity", "keys"), Does.Not.Contain("stay.example"));
    }

    [TestCase("-tls1_2")]
    [TestCase("-tls1_3")]
    public async Task A_node_without_the_token_has_its_handshakes_signed(string version)
    {
        using Backend backend = Backend.Echo();
        await using TunnelProcess tunnel = await _nodes.ServeAsync(2, backend.Address);
        Assert.That(await _nodes.TalkAsync(tunnel, version), Does.Contain("Verify return code: 0 (ok)").And.Contains("hello"));
        string trail = await Cluster[0].RunAsync("audit", "query", "--json") + await Cluster[1].RunAsync("audit", "query", "--json");
        Assert.That(trail, Does.Contain($"signed for {Cluster.Hosts[2]}"));
        Assert.That(Cluster.Nodes.Select(node => node.Log), Has.None.Contains(NodesWithOneKey.Pin));
    }

    [Test]
    public async Task Nobody_speaks_for_whom_policy_does_not_name()
    {
        using Backend backend = Backend.Echo();
        await using TunnelProcess tunnel = await _nodes.ServeAsync(2, backend.Address, NodesWithOneKey.Private);
        Assert.That(await _nodes.TalkAsync(tunnel, "-tls1_3"), Does.Not.Contain("hello"));
        string trail = await Cluster[0].RunAsync("audit", "query", "--json");
        Assert.That(trail, Does.Contain($"{Cluster.Hosts[2]} may not speak for {NodesWithOneKey.Private} as Server: see cluster_sign_for"));
        // Where the key is, nothing has changed.
        await using TunnelProcess local = await _nodes.ServeAsync(0, backend.Address, NodesWithOneKey.Private);
        Assert.That(await _nodes.TalkAsync(local, "-tls1_3"), Does.Contain("hello"));
    }

    [TestCase("-tls1_2")]
    [TestCase("-tls1_3")]
    public async Task A_client_resumes_at_another_node(string version)
    {
        using Backend backend = Backend.Echo();
        await using TunnelProcess first = await _nodes.ServeAsync(0, backend.Address), second = await _nodes.ServeAsync(2, backend.Address);
        string session = Path.Combine(Cluster[0].Directory, "session" + version);
        await ClusterOfProcesses.WaitAsync(
            async () =>
            {
                await _nodes.TalkAsync(first, version, "-sess_out", session);
                string resumed = await _nodes.TalkAsync(second, version, "-sess_in", session);
                return resumed.Contains("Reused, TLSv1", StringComparison.Ordinal) && resumed.Contains("hello", StringComparison.Ordinal);
            },
            "a session of the first node is resumed at the third");
    }

    private async Task ExpectListAsync(int node, string what, string text, bool isThere) => await ClusterOfProcesses.WaitAsync(
        async () => (await Cluster[node].RunAsync(what, "list")).Contains(text, StringComparison.Ordinal) == isThere,
        $"{what} at {Cluster.Hosts[node]} {(isThere ? "has" : "has no")} {text}");
}
