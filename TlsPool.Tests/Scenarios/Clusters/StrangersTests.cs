using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using NUnit.Framework;
using TlsPool.Tests.Actors.Cluster.Transport;

namespace TlsPool.Tests.Scenarios.Clusters;

/// <summary>Peers of no right on the port of a node; fewer than the log has lines for in a minute.</summary>
[Parallelizable]
public sealed class StrangersTests : HostileFixture
{
    [Test]
    public async Task A_peer_of_another_authority_is_refused()
    {
        using NodeAuthority other = NodeAuthority.Create();
        await RefusesAsync(other.Issue([Third]), "PartialChain");
    }

    [Test]
    public async Task A_peer_whose_certificate_has_expired_is_refused() =>
        await RefusesAsync(Authority.Issue([Third], from: -10, until: -1), "NotTimeValid");

    [Test]
    public async Task A_peer_whose_certificate_is_not_yet_valid_is_refused() =>
        await RefusesAsync(Authority.Issue([Third], from: 1), "NotTimeValid");

    [Test]
    public async Task A_peer_whose_certificate_names_no_member_is_refused() =>
        await RefusesAsync(Certificate("node.example"), "the name of no member");

    [Test]
    public async Task A_peer_whose_certificate_names_two_members_is_refused() =>
        await RefusesAsync(Certificate(Third, Cluster.Hosts[1]), "the names of several members");

    [Test]
    public async Task A_peer_whose_certificate_is_for_servers_only_is_refused() =>
        await RefusesAsync(Authority.Issue([Third], usages: [NodeAuthority.ServerUsage]), "NotValidForUsage");

    [Test]
    public async Task A_peer_that_has_the_key_of_the_node_itself_is_refused() =>
        await RefusesAsync(Certificate(Victim), "the certificate of this node itself");

    [Test]
    public async Task A_peer_without_a_certificate_is_refused() => await RefusesAsync(null, "");

    [Test]
    public async Task A_peer_that_knows_no_TLS_1_3_is_refused() =>
        await RefusesAsync(Certificate(Third), "", SslProtocols.Tls12);

    [Test]
    public async Task A_peer_of_another_protocol_is_refused() =>
        await RefusesAsync(Certificate(Third), "another protocol", isOfPool: false);

    [Test]
    public async Task A_peer_that_sends_garbage_is_refused()
    {
        using Socket socket = ForeignPeer.Open(Victim);
        string name = socket.LocalEndPoint!.ToString()!;
        await socket.SendAsync("GET / HTTP/1.0\r\n\r\n"u8.ToArray());
        await ForeignPeer.EndsAsync(socket);
        await VictimProcess.WaitForLogAsync($"peer {name} of the cluster is refused: ");
    }

    private async Task RefusesAsync(X509Certificate2? certificate, string reason, SslProtocols protocol = SslProtocols.Tls13, bool isOfPool = true)
    {
        Socket socket = ForeignPeer.Open(Victim);
        string name = socket.LocalEndPoint!.ToString()!;
        await ForeignPeer.TryAsync(socket, certificate, protocol, isOfPool);
        string log = await VictimProcess.WaitForLogAsync($"peer {name} of the cluster is refused: ");
        Assert.That(log.Split('\n').First(line => line.Contains($"peer {name} of", StringComparison.Ordinal)), Does.Contain(reason));
    }
}
