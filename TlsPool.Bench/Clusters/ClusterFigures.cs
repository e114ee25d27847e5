using System.Diagnostics;
using System.Globalization;
using TlsPool.Bench.Loads;
using TlsPool.Bench.Peers;

namespace TlsPool.Bench.Clusters;

/// <summary>Three nodes on this machine, of which two have a token with the same key.</summary>
internal static class ClusterFigures
{
    private const string Module = "/usr/lib/softhsm/libsofthsm2.so";
    private const string Identity = "localhost";
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(30);

    public static async Task<int> RunAsync(int rounds, int seconds, CancellationToken cancellation)
    {
        string program = Environment.GetEnvironmentVariable("TLSPOOL_BENCH_PROGRAM") ?? Path.Combine(AppContext.BaseDirectory, "tlspool");
        using var setup = new BenchSetup();
        using PeerProcess backend = await Backend.StartAsync(setup, cancellation);
        using BenchNode single = await BenchNode.StartAsync(setup, program, "single", "", null, cancellation);
        string[] hosts = ["127.90.0.1", "127.90.0.2", "127.90.0.3"];
        string certificates = Path.Combine(setup.Folder, "certificates");
        await ClientProgram.RunAsync(program, ["cluster", "certificates", certificates, .. hosts], cancellation);
        var nodes = new List<BenchNode>();
        try
        {
            for (int i = 0; i < hosts.Length; i++)
                nodes.Add(await StartAsync(setup, program, certificates, hosts, i, cancellation));
            foreach (BenchNode node in nodes)
                await node.SeesAsync(hosts.Length, cancellation);
            await HandshakesAsync(nodes, rounds, seconds, cancellation);
            await IdleAsync(single, nodes[2], cancellation);
            await FailOverAsync(nodes, cancellation);
        }
        finally
        {
            foreach (BenchNode node in nodes)
                node.Dispose();
        }
        return 0;
    }

    private static Task<BenchNode> StartAsync(BenchSetup setup, string program, string certificates, string[] hosts, int index, CancellationToken cancellation)
    {
        string token = index == 2 ? "" : $"cluster_sign_for * {Identity}\ncluster_sign_rate 1000000\npkcs11_path {Module}\npkcs11_pin 1234\npkcs11_token pkcs11:token=bench\n";
        string lines = $"""
            cluster_address {hosts[index]}
            cluster_members {string.Join(',', hosts)}
            cluster_certificate {certificates}/node-{hosts[index]}.pem
            cluster_authority {certificates}/authority.pem
            {token}
            """;
        return BenchNode.StartAsync(setup, program, $"node{index}", lines, node => PrepareAsync(setup, node, index, cancellation), cancellation);
    }

    /// <summary>SoftHSM is told by the environment where its tokens are, which the daemon that is started next inherits.</summary>
    private static async Task PrepareAsync(BenchSetup setup, BenchNode node, int index, CancellationToken cancellation)
    {
        string tokens = Path.Combine(setup.Folder, $"tokens{index}");
        Directory.CreateDirectory(tokens);
        Environment.SetEnvironmentVariable("SOFTHSM2_CONF", setup.Write($"softhsm{index}.conf", $"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n"));
        if (index == 0)
        {
            await ClientProgram.RunAsync("softhsm2-util", ["--init-token", "--free", "--label", "bench", "--so-pin", "5678", "--pin", "1234"], cancellation);
            await node.RunAsync(cancellation, "identity", "generate", Identity, "--token", "pkcs11:token=bench");
            // Before a daemon has the token open, and writes to it.
            await ClientProgram.RunAsync("cp", ["-a", tokens, Path.Combine(setup.Folder, "tokens1")], cancellation);
        }
    }

    private static async Task HandshakesAsync(List<BenchNode> nodes, int rounds, int seconds, CancellationToken cancellation)
    {
        (int local, int remote) = (BenchSetup.FreePort(), BenchSetup.FreePort());
        await nodes[0].ServeAsync(local, Identity, cancellation);
        await nodes[2].ServeAsync(remote, Identity, cancellation);
        foreach (int port in new[] { local, remote })
            await LoadGenerator.FullHandshakesAsync(port, 5, cancellation);
        var rates = new List<(double Local, double Remote)>();
        for (int round = 0; round < rounds; round++)
        {
            double first = (await LoadGenerator.FullHandshakesAsync(local, seconds, cancellation)).Rate;
            double second = (await LoadGenerator.FullHandshakesAsync(remote, seconds, cancellation)).Rate;
            rates.Add((first, second));
        }
        (double Local, double Remote)[] ordered = [.. rates.OrderBy(rate => rate.Remote / rate.Local)];
        (double Local, double Remote) median = ordered[ordered.Length / 2];
        Say($"full handshakes/s: {median.Local:F0} with a token of the host, {median.Remote:F0} signed by other nodes, x{median.Remote / median.Local:F2}");
    }

    private static async Task IdleAsync(BenchNode single, BenchNode clustered, CancellationToken cancellation)
    {
        await Task.Delay(TimeSpan.FromSeconds(10), cancellation);
        int[] processes = [single.Process, clustered.Process];
        TimeSpan[] before = [.. processes.Select(process => ProcessFigures.CpuTime([process]))];
        await Task.Delay(IdleTime, cancellation);
        double[] shares = [.. processes.Select((process, i) => (ProcessFigures.CpuTime([process]) - before[i]) / IdleTime * 100)];
        double[] memory = [.. processes.Select(process => ProcessFigures.Memory([process]) / 1e6)];
        Say($"idle: a single host takes {shares[0]:F2} % of a core and {memory[0]:F0} MB, a node of three {shares[1]:F2} % and {memory[1]:F0} MB");
    }

    /// <summary>The longest gap between handshakes that one client sees when the node that signs most is killed.</summary>
    private static async Task FailOverAsync(List<BenchNode> nodes, CancellationToken cancellation)
    {
        int port = BenchSetup.FreePort();
        await nodes[2].ServeAsync(port, Identity, cancellation);
        var durations = new List<double>();
        int failures = 0;
        for (int i = 0; i < 60; i++)
        {
            if (i == 20)
                nodes[0].Signal("KILL");
            long start = Stopwatch.GetTimestamp();
            try
            {
                await ClientProgram.RunAsync(
                    "sh", ["-c", "exec openssl s_client -connect \"$0\" -tls1_3 </dev/null", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}")], cancellation);
            }
            catch (InvalidOperationException)
            {
                failures++;
            }
            durations.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        double usual = durations.Take(20).Order().ElementAt(10);
        Say($"fail-over: {failures} of 40 handshakes failed after a signer was killed; the slowest took {durations.Skip(20).Max():F0} ms, where {usual:F0} ms are usual");
    }

    private static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
