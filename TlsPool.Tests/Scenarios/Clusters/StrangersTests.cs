using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using NUnit.Framework;
using TlsPool.Tests.Actors.Cluster.Transport;

namespace TlsPool.Tests.Scenarios.Clusters;

/// <summary>Peers of no right on the port of a node. The order keeps those that fill the log's lines of a minute until last.</summary>
[Parallelizable]
public sealed class StrangersTests : HostileFixture
{
    private const int MostLines = 20;

    [Test]
    [Order(1)]
    public async Task A_peer_of_another_authority_is_refused()
    {
        using NodeAuthority other = NodeAuthority.Create();
        await RefusesAsync(other.Issue([Third]), "PartialChain");
    }

    [Test]
    [Order(1)]
    public async Task A_peer_whose_certificate_has_expired_is_refused() =>
        await RefusesAsync(Authority.Issue([Third], from: -10, until: -1), "NotTimeValid");

    [Test]
    [Order(1)]
    public async Task A_peer_whose_certificate_is_not_yet_valid_is_refused() =>
        await RefusesAsync(Authority.Issue([Third], from: 1), "NotTimeValid");

    [Test]
    [Order(1)]
    public async Task A_peer_whose_certificate_names_no_member_is_refused() =>
        await RefusesAsync(Certificate("node.example"), "the name of no member");

    [Test]
    [Order(1)]
    public async Task A_peer_whose_certificate_names_two_members_is_refused() =>
        await RefusesAsync(Certificate(Third, Cluster.Hosts[1]), "the names of several members");

    [Test]
    [Order(1)]
    public async Task A_peer_whose_certificate_is_for_servers_only_is_refused() =>
        await RefusesAsync(Authority.Issue([Third], usages: [NodeAuthority.ServerUsage]), "NotValidForUsage");

    [Test]
    [Order(1)]
    public async Task A_peer_that_has_the_key_of_the_node_itself_is_refused() =>
        await RefusesAsync(Certificate(Victim), "the certificate of this node itself");

    [Test]
    [Order(1)]
    public async Task A_peer_without_a_certificate_is_refused() => await RefusesAsync(null, "");

    [Test]
    [Order(1)]
    public async Task A_peer_that_knows_no_TLS_1_3_is_refused() =>
        await RefusesAsync(Certificate(Third), "", SslProtocols.Tls12);

    [Test]
    [Order(1)]
    public async Task A_peer_of_another_protocol_is_refused() =>
        await RefusesAsync(Certificate(Third), "another protocol", isOfPool: false);

    [Test]
    [Order(1)]
    public async Task A_peer_that_sends_garbage_is_refused()
    {
        using Socket socket = ForeignPeer.Open(Victim);
        string name = socket.LocalEndPoint!.ToString()!;
        await socket.SendAsync("GET / HTTP/1.0\r\n\r\n"u8.ToArray());
        await EndsAsync(socket);
        await VictimProcess.WaitForLogAsync($"peer {name} of the cluster is refused: ");
    }

    [Test]
    [Order(2)]
    public async Task A_scan_of_ports_slows_nobody_and_writes_few_lines()
    {
        int before = Lines();
        await ServesDuringAsync(Task.Run(() =>
        {
            for (int i = 0; i < 500; i++)
                ForeignPeer.Open(Victim).Dispose();
        }));
        // At most those of this minute and of the next.
        Assert.That(Lines() - before, Is.LessThanOrEqualTo(2 * MostLines));
    }

    [Test]
    [Order(2)]
    public async Task Many_that_never_finish_from_one_address_keep_nobody_out()
    {
        var sockets = new List<Socket>();
        try
        {
            for (int i = 0; i < 100; i++)
                sockets.Add(HalfAHello(null));
            await using (ForeignPeer member = await MemberAsync())
                await AssociateAsync(member);
            await ServesDuringAsync(Task.WhenAll(sockets.Select(EndsAsync)));
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }

    [Test]
    [Order(2)]
    public async Task Many_that_never_finish_from_many_addresses_keep_no_member_out()
    {
        var sockets = new List<Socket>();
        try
        {
            for (int i = 0; i < 150; i++)
                sockets.Add(HalfAHello(Elsewhere(i % 100)));
            await using (ForeignPeer member = await MemberAsync())
                await AssociateAsync(member);
            await ServesDuringAsync(Task.WhenAll(sockets.Select(EndsAsync)));
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }

    [Test]
    [Order(2)]
    public async Task Many_with_bad_certificates_slow_nobody()
    {
        using NodeAuthority other = NodeAuthority.Create();
        X509Certificate2 bad = other.Issue([Third]);
        int before = Lines();
        await ServesDuringAsync(Task.Run(async () =>
        {
            for (int i = 0; i < 100; i++)
                await TryAsync(ForeignPeer.Open(Victim), bad, SslProtocols.Tls13, isOfPool: true);
        }));
        Assert.That(Lines() - before, Is.LessThanOrEqualTo(3 * MostLines));
    }

    private async Task RefusesAsync(X509Certificate2? certificate, string reason, SslProtocols protocol = SslProtocols.Tls13, bool isOfPool = true)
    {
        Socket socket = ForeignPeer.Open(Victim);
        string name = socket.LocalEndPoint!.ToString()!;
        await TryAsync(socket, certificate, protocol, isOfPool);
        string log = await VictimProcess.WaitForLogAsync($"peer {name} of the cluster is refused: ");
        Assert.That(log.Split('\n').First(line => line.Contains($"peer {name} of", StringComparison.Ordinal)), Does.Contain(reason));
    }

    /// <summary>A client may think that all is well until the node has looked at its certificate, and closes.</summary>
    private static async Task TryAsync(Socket socket, X509Certificate2? certificate, SslProtocols protocol, bool isOfPool)
    {
        try
        {
            await using ForeignPeer peer = await ForeignPeer.ConnectAsync(socket, certificate, protocol, isOfPool);
            Assert.That(await peer.ReceiveAsync(), Is.Null);
        }
        catch (Exception refused) when (refused is IOException or AuthenticationException)
        {
            // At once, then.
        }
    }

    private Socket HalfAHello(string? from)
    {
        Socket socket = ForeignPeer.Open(Victim, from);
        try
        {
            socket.Send([22, 3, 1, 2, 0, 1, 0, 1]);
        }
        catch (SocketException)
        {
            // It had no place, and is closed already.
        }
        return socket;
    }

    private static async Task EndsAsync(Socket socket)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        byte[] buffer = new byte[256];
        try
        {
            while (await socket.ReceiveAsync(buffer, limit.Token) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // That is an end too.
        }
    }

    private int Lines() => VictimProcess.Log.Split('\n').Count(line => line.Contains("of the cluster is refused", StringComparison.Ordinal));
}
