using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios.Clusters;

/// <summary>
/// Three nodes: the first two have each a SoftHSM token with the same keys, as two devices with a copied key, and sign for all nodes in the name
/// of <c>shop.example</c> and what is below; the third has no token.
/// </summary>
internal sealed class NodesWithOneKey : IAsyncDisposable
{
    internal const string Pin = "correct-pin";
    internal const string Name = "www.shop.example";

    /// <summary>An identity whose key nobody signs with for others.</summary>
    internal const string Private = "private.example";

    private readonly string _directory = Directory.CreateTempSubdirectory("tlspool-nodes-").FullName;

    private readonly IReadOnlyList<Dictionary<string, string>>? _environments;

    private NodesWithOneKey(IReadOnlyList<Dictionary<string, string>>? environments) => _environments = environments;

    internal ClusterOfProcesses Cluster { get; private set; } = null!;

    /// <summary>File with the certificate of <see cref="Name"/>.</summary>
    internal string Certificate => Path.Combine(_directory, "certificate.pem");

    /// <param name="lines">Configuration of all nodes, beside what makes them nodes.</param>
    /// <param name="environments">Additions to the environment of each node and of its commands.</param>
    internal static async Task<NodesWithOneKey> StartAsync(string lines = "", IReadOnlyList<Dictionary<string, string>>? environments = null)
    {
        var nodes = new NodesWithOneKey(environments);
        try
        {
            nodes.Cluster = await ClusterOfProcesses.StartAsync(
                3,
                (node, _) => node == 2
                    ? lines
                    : $"cluster_roles signer\ncluster_sign_for * shop.example,.shop.example\npkcs11_path {LockedTokens.SoftHsm}\npkcs11_pin {Pin}\npkcs11_token pkcs11:token=pool\n{lines}",
                nodes.Environment,
                nodes.PrepareAsync);
            await ClusterOfProcesses.WaitAsync(
                async () => (await nodes.Cluster[2].RunAsync("identity", "list")).Contains(Private, StringComparison.Ordinal), "the identities reach the third node");
            return nodes;
        }
        catch
        {
            await nodes.DisposeAsync();
            throw;
        }
    }

    /// <summary>A server at a node, with the identity that all share.</summary>
    internal Task<TunnelProcess> ServeAsync(int node, string backend, string name = Name) =>
        Cluster[node].TunnelAsync("--server", "--connect", backend, "--local-id", name, "--timeout", "20");

    /// <summary>Connects to a server and says something; with the echo of it the handshake has succeeded.</summary>
    internal async Task<string> TalkAsync(TunnelProcess tunnel, params string[] arguments)
    {
        await using ChildProcess client = ChildProcess.Start(
            "openssl", ["s_client", "-connect", tunnel.Address, "-servername", Name, "-CAfile", Certificate, .. arguments]);
        try
        {
            await client.SayAsync("hello\n");
            await client.WaitForAsync("hello");
            client.Input.Close();
            await client.ExitAsync();
        }
        catch (Exception failure) when (failure is TimeoutException or IOException)
        {
            // What it wrote says why.
        }
        return client.Output;
    }

    public async ValueTask DisposeAsync()
    {
        if (Cluster is not null)
            await Cluster.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private Dictionary<string, string> Environment(int node) =>
        new(_environments?[node] ?? []) { ["SOFTHSM2_CONF"] = Path.Combine(_directory, $"softhsm{node}.conf") };

    private async Task PrepareAsync(int node, PoolProcess pool)
    {
        string tokens = Path.Combine(_directory, $"tokens{node}");
        Directory.CreateDirectory(tokens);
        await File.WriteAllTextAsync(
            Path.Combine(_directory, $"softhsm{node}.conf"), $"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n");
        if (node == 0)
        {
            (int code, string output) = await ChildProcess.RunAsync(
                "softhsm2-util", ["--init-token", "--free", "--label", "pool", "--so-pin", "so-pin-1", "--pin", Pin], Environment(0));
            Assert.That(code, Is.Zero, output);
            await pool.IdentityAsync(Name, "--token", "pkcs11:token=pool");
            await pool.IdentityAsync(Private, "--token", "pkcs11:token=pool");
            await File.WriteAllTextAsync(Certificate, await pool.RunAsync("identity", "show", Name, "--pem"));
            // Before a daemon has the token open, and writes to it.
            (code, output) = await ChildProcess.RunAsync("cp", ["-a", tokens, Path.Combine(_directory, "tokens1")]);
            Assert.That(code, Is.Zero, output);
        }
    }
}
