using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios.Clusters;

/// <summary><c>tlspool cluster</c> where there is no cluster yet.</summary>
[Parallelizable]
public sealed class ClusterCommandTests
{
    [Test]
    public async Task Certificates_are_made_by_one_authority_and_say_how_they_are_used()
    {
        await using var installation = new Installation();
        string folder = installation.PathOf("cluster"), authority = Path.Combine(folder, "authority.pem");
        string first = await installation.RunAsync("cluster", "certificates", folder, "node1.example.com", "192.0.2.7:5000");
        Assert.That(first, Does.Contain("cluster_members node1.example.com:4253,192.0.2.7:5000").And.Contains("cluster_address 192.0.2.7:5000").And.Contains("take it off this host"));
        // A node that comes later is of the same authority.
        string before = await File.ReadAllTextAsync(authority);
        await installation.RunAsync("cluster", "certificates", folder, "node3.example.com", "--days", "30");
        Assert.That(await File.ReadAllTextAsync(authority), Is.EqualTo(before));
        foreach ((string node, string name) in new[] { ("node1.example.com", "DNS:node1.example.com"), ("192.0.2.7", "IP Address:192.0.2.7"), ("node3.example.com", "DNS:node3.example.com") })
        {
            string file = Path.Combine(folder, $"node-{node}.pem");
            Assert.That(File.GetUnixFileMode(file), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
            foreach (string purpose in new[] { "sslserver", "sslclient" })
                await Openssl.RunAsync("verify", "-x509_strict", "-CAfile", authority, "-purpose", purpose, file);
            Assert.That(await Openssl.RunAsync("x509", "-in", file, "-noout", "-ext", "subjectAltName"), Does.Contain(name));
        }
        Assert.That(await installation.RefuseAsync("cluster", "certificates", folder, "*.example.com"), Does.Contain("takes a host name or address"));
        File.Delete(Path.Combine(folder, "authority.key"));
        Assert.That(await installation.RefuseAsync("cluster", "certificates", folder, "node4.example.com"), Does.Contain("are no authority with its key"));
    }

    [Test]
    public async Task A_host_in_no_cluster_says_what_to_do()
    {
        await using var installation = new Installation();
        Assert.That(await installation.RefuseAsync("cluster", "status"), Does.Contain("set cluster_address, cluster_members"));
        Assert.That(await installation.RefuseAsync("cluster", "restored"), Does.Contain("this host is in no cluster"));
    }

    [Test]
    public async Task A_node_whose_certificate_is_not_its_own_does_not_start()
    {
        await using var installation = new Installation();
        string folder = installation.PathOf("cluster");
        await installation.RunAsync("cluster", "certificates", folder, "127.88.0.1", "127.88.0.2");
        string Lines(string certificate) =>
            $"cluster_address 127.88.0.1\ncluster_members 127.88.0.1,127.88.0.2\ncluster_certificate {folder}/{certificate}\ncluster_authority {folder}/authority.pem\n";
        installation.Configure(Lines("node-127.88.0.2.pem"));
        Assert.That(await RefusalAsync(installation), Does.Contain("has not the host of cluster_address, 127.88.0.1"));
        installation.Configure(Lines("nothing.pem"));
        Assert.That(await RefusalAsync(installation), Does.Contain("cannot be used"));
        installation.Configure(Lines("node-127.88.0.1.pem"));
        File.SetUnixFileMode(Path.Combine(folder, "node-127.88.0.1.pem"), UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.That(await RefusalAsync(installation), Does.Contain("others can read it"));
    }

    private static async Task<string> RefusalAsync(Installation installation)
    {
        ChildProcess daemon = installation.Start();
        Assert.That(await daemon.ExitAsync(), Is.EqualTo(1), daemon.Output);
        Assert.That(daemon.Output, Does.Not.Contain("   at TlsPool."));
        return daemon.Output;
    }
}
