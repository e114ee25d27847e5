using System.Collections;
using System.Text;
using NUnit.Framework;
using TlsPool.Actors.Configuration;

namespace TlsPool.Tests.Actors.Configuration;

/// <summary>The keywords that make a host a node.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class ClusterKeywordTests
{
    private const string Four = """
        cluster_address Node1.Example.com
        cluster_members node1.example.com,node2.example.com:5000,[2001:DB8::1]:6000
        cluster_certificate /etc/node.pem
        cluster_authority /etc/authority.pem

        """;

    [Test]
    public void Without_them_there_is_no_cluster() => Assert.That(Parse("log_level INFO\n").Cluster, Is.Null);

    [Test]
    public void Four_lines_make_a_node()
    {
        ClusterConfiguration cluster = Parse(Four).Cluster!;
        Assert.That(cluster.Address, Is.EqualTo(new ClusterAddress("node1.example.com", 4253)));
        Assert.That(cluster.Members, Is.EqualTo(
            new ClusterAddress[] { new("node1.example.com", 4253), new("node2.example.com", 5000), new("2001:db8::1", 6000) }));
        Assert.That(cluster.Members[2].ToString(), Is.EqualTo("[2001:db8::1]:6000"));
        Assert.That((cluster.SharesEntry, cluster.CollectsAudit, cluster.SigningGrants.IsEmpty), Is.EqualTo((false, false, true)), "nothing is given away by default");
    }

    [Test]
    public void Signatures_are_for_named_nodes_and_identities()
    {
        ClusterConfiguration cluster = Parse(Four + "cluster_sign_for node2.example.com www.example.com,.shop.example\ncluster_sign_for * @.example\n").Cluster!;
        Assert.That(cluster.SigningGrants.Select(grant => (string.Join('+', grant.Nodes), string.Join('+', grant.Identities))), Is.EqualTo(
            new[] { ("node2.example.com", "www.example.com+.shop.example"), ("", "@.example") }));
    }

    [TestCase("cluster_address node1.example.com\n", "need each other")]
    [TestCase("cluster_members node1.example.com\ncluster_certificate /c\ncluster_authority /a\ncluster_address node9.example.com\n", "has to have the cluster_address of this node")]
    [TestCase("cluster_members node1:1,node1:2\n", "takes each host once")]
    [TestCase("cluster_members node1,,node2\n", "takes a host name or address")]
    [TestCase("cluster_address node1:0\n", "takes a host name or address")]
    [TestCase("cluster_address node 1\n", "takes a host name or address")]
    [TestCase("cluster_address *.example.com\n", "takes a host name or address")]
    [TestCase("cluster_bind everywhere\n", "takes an address to listen at")]
    [TestCase("cluster_roles signer,a b\n", "takes a list of names")]
    [TestCase("cluster_wire_version 3\n", "takes a number from 1 to 2")]
    [TestCase("cluster_decision_time 1\n", "takes a number from 3 to 600")]
    [TestCase("cluster_sign_for node2.example.com\n", "takes nodes, or * for all")]
    [TestCase("cluster_sign_for * a..b\n", "is no identity")]
    [TestCase("cluster_sign_rate 0\n", "takes a number from 1")]
    public void What_makes_no_sense_is_told(string lines, string complaint) =>
        Assert.That(Assert.Throws<ConfigurationException>(() => Parse(lines))!.Message, Does.Contain(complaint));

    [Test]
    public void A_stranger_gets_no_signatures() => Assert.That(
        Assert.Throws<ConfigurationException>(() => Parse(Four + "cluster_sign_for node7.example.com www.example.com\n"))!.Message,
        Does.Contain("names node7.example.com, which is none of cluster_members"));

    [TestCase("", true)]
    [TestCase("cluster_sign_for * www.example.com\n", false)]
    [TestCase("cluster_roles signer\n", false)]
    [TestCase("cluster_entry yes\n", false)]
    public void A_change_is_noticed(string more, bool same) => Assert.That(Parse(Four).Cluster!.IsSame(Parse(Four + more).Cluster), Is.EqualTo(same));

    private static PoolConfiguration Parse(string text) => ConfigurationReader.Parse(Encoding.UTF8.GetBytes(text), "test", new Hashtable(), out _);
}
