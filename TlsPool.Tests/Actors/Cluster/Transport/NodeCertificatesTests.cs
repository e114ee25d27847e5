using System.Security.Cryptography.X509Certificates;
using NUnit.Framework;
using TlsPool.Actors.Cluster.Transport;
using TlsPool.Actors.Configuration;

namespace TlsPool.Tests.Actors.Cluster.Transport;

[Parallelizable]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class NodeCertificatesTests : IDisposable
{
    private static readonly ClusterAddress Own = new("node1.example", 4253);
    private static readonly ClusterAddress Second = new("node2.example", 4253);
    private static readonly ClusterAddress Third = new("192.0.2.3", 4253);

    private readonly string _directory = Directory.CreateTempSubdirectory("tlspool-nodes-").FullName;
    private readonly CollectedLog _log = new();
    private readonly NodeAuthority _authority = NodeAuthority.Create();

    private string NodeFile => Path.Combine(_directory, "node.pem");

    private string AuthorityFile => Path.Combine(_directory, "authority.pem");

    [SetUp]
    public void WriteFiles()
    {
        Write(NodeFile, NodeAuthority.Pem(_authority.Issue([Own.Host])));
        Write(AuthorityFile, _authority.Certificate.ExportCertificatePem());
    }

    [TearDown]
    public void Dispose()
    {
        _authority.Dispose();
        if (Directory.Exists(_directory))
            Directory.Delete(_directory, recursive: true);
    }

    [Test]
    public void A_member_is_known_by_its_name_or_address() => Assert.Multiple(() =>
    {
        NodeCertificates nodes = Nodes();
        Assert.That(MemberOf(nodes, _authority.Issue([Second.Host])).Member, Is.EqualTo(Second));
        Assert.That(MemberOf(nodes, _authority.Issue(["NODE2.example"])).Member, Is.EqualTo(Second));
        Assert.That(MemberOf(nodes, _authority.Issue([Third.Host])).Member, Is.EqualTo(Third));
        Assert.That(MemberOf(nodes, _authority.Issue([Second.Host, "elsewhere.example"])).Member, Is.EqualTo(Second));
    });

    [Test]
    public void A_peer_of_another_authority_is_refused()
    {
        using NodeAuthority other = NodeAuthority.Create();
        Refuse(other.Issue([Second.Host]), "its certificate is not good");
    }

    [Test]
    public void A_peer_that_vouches_for_itself_is_refused()
    {
        using NodeAuthority other = NodeAuthority.Create();
        Refuse(other.Certificate, "its certificate is not good");
        Refuse(null, "no certificate");
    }

    [Test]
    public void A_certificate_is_good_in_its_time_only() => Assert.Multiple(() =>
    {
        Refuse(_authority.Issue([Second.Host], from: -10, until: -1), "NotTimeValid");
        Refuse(_authority.Issue([Second.Host], from: 1, until: 10), "NotTimeValid");
    });

    [Test]
    public void Both_usages_are_needed() => Assert.Multiple(() =>
    {
        NodeCertificates nodes = Nodes();
        X509Certificate2 server = _authority.Issue([Second.Host], usages: [NodeAuthority.ServerUsage]);
        X509Certificate2 client = _authority.Issue([Second.Host], usages: [NodeAuthority.ClientUsage]);
        Assert.That(MemberOf(nodes, server, isServer: true).Member, Is.EqualTo(Second));
        Assert.That(MemberOf(nodes, server, isServer: false).Member, Is.Null);
        Assert.That(MemberOf(nodes, client, isServer: true).Member, Is.Null);
        Assert.That(MemberOf(nodes, client, isServer: false).Member, Is.EqualTo(Second));
        Refuse(_authority.Issue([Second.Host], usages: []), "extended key usage");
    });

    [Test]
    public void Nothing_but_the_name_of_one_member_counts() => Assert.Multiple(() =>
    {
        Refuse(_authority.Issue(["node4.example"]), "the name of no member");
        Refuse(_authority.Issue([Own.Host, Second.Host]), "several members");
        Refuse(_authority.Issue(["*.example"]), "the name of no member");
        Refuse(_authority.Issue([]), "the name of no member");
        Refuse(_authority.Issue([Third.Host], asTexts: true), "the name of no member");
        Refuse(_authority.Issue(["node2.example."]), "the name of no member");
    });

    [Test]
    public void The_certificate_of_this_node_is_no_peer()
    {
        var check = new PeerCheck(Nodes(), isServer: false, expected: null);
        Assert.That(check.Check(this, _authority.Issue([Own.Host]), null, System.Net.Security.SslPolicyErrors.None), Is.False);
        Assert.That(check.Member, Is.Null);
    }

    [Test]
    public void A_file_that_others_read_is_refused()
    {
        File.SetUnixFileMode(NodeFile, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.That(() => Nodes(), Throws.InstanceOf<ConfigurationException>().With.Message.Contains("chmod"));
    }

    [TestCase("")]
    [TestCase("garbage")]
    [TestCase("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")]
    public void A_file_of_garbage_is_refused(string content)
    {
        Write(NodeFile, content);
        Assert.That(() => Nodes(), Throws.InstanceOf<ConfigurationException>());
        WriteFiles();
        Write(AuthorityFile, content);
        Assert.That(() => Nodes(), Throws.InstanceOf<ConfigurationException>());
    }

    [Test]
    public void A_certificate_of_another_host_is_refused()
    {
        Write(NodeFile, NodeAuthority.Pem(_authority.Issue([Second.Host])));
        Assert.That(() => Nodes(), Throws.InstanceOf<ConfigurationException>().With.Message.Contains(Own.Host));
    }

    [Test]
    public void A_new_file_counts_from_the_next_connection_on_and_a_broken_one_does_not()
    {
        NodeCertificates nodes = Nodes();
        NodeIdentity first = nodes.Current;
        Assert.That(nodes.Current, Is.SameAs(first));
        Write(NodeFile, "half a file");
        Assert.That(nodes.Current, Is.SameAs(first));
        Assert.That(_log.Lines, Has.Exactly(1).StartsWith("Error"));
        Assert.That(nodes.Current, Is.SameAs(first));
        File.Delete(NodeFile);
        Assert.That(nodes.Current, Is.SameAs(first));
        Write(NodeFile, NodeAuthority.Pem(_authority.Issue([Own.Host])));
        Assert.That(nodes.Current, Is.Not.SameAs(first));
    }

    [Test]
    public void A_new_authority_counts_from_the_next_connection_on()
    {
        NodeCertificates nodes = Nodes();
        using NodeAuthority other = NodeAuthority.Create();
        Write(AuthorityFile, other.Certificate.ExportCertificatePem());
        Assert.That(MemberOf(nodes, other.Issue([Second.Host])).Member, Is.EqualTo(Second));
        Assert.That(MemberOf(nodes, _authority.Issue([Second.Host])).Member, Is.Null);
    }

    private void Refuse(X509Certificate2? certificate, string reason)
    {
        NodeCertificates nodes = Nodes();
        foreach (bool isServer in new[] { true, false })
        {
            (ClusterAddress? member, string told) = MemberOf(nodes, certificate, isServer);
            Assert.That(member, Is.Null, reason);
            Assert.That(told, Does.Contain(reason));
        }
    }

    private static (ClusterAddress? Member, string Reason) MemberOf(NodeCertificates nodes, X509Certificate2? certificate, bool isServer = true) =>
        (nodes.Member(certificate, null, isServer, out string reason), reason);

    private NodeCertificates Nodes() => new(
        new ClusterConfiguration { Address = Own, Members = [Own, Second, Third], CertificateFile = NodeFile, AuthorityFile = AuthorityFile }, TimeProvider.System, _log);

    private static void Write(string file, string content)
    {
        DateTime before = File.GetLastWriteTimeUtc(file);
        File.WriteAllText(file, content);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        // Clocks of file systems may be coarser than this test is fast.
        if (File.GetLastWriteTimeUtc(file) <= before)
            File.SetLastWriteTimeUtc(file, before.AddMilliseconds(20));
    }
}
