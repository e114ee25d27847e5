using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using NUnit.Framework;
using TlsPool.Tests.Actors.Cluster.Transport;

namespace TlsPool.Tests.Scenarios.Clusters;

/// <summary>Peers of no right, and many of them.</summary>
[Parallelizable]
public sealed class StrangerFloodsTests : HostileFixture
{
    private const int MostLines = 20;

    [Test]
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
    public async Task Many_that_never_finish_from_one_address_keep_nobody_out()
    {
        var sockets = new List<Socket>();
        try
        {
            for (int i = 0; i < 100; i++)
                sockets.Add(HalfAHello(null));
            await using (ForeignPeer member = await MemberAsync())
                await AssociateAsync(member);
            await ServesDuringAsync(Task.WhenAll(sockets.Select(ForeignPeer.EndsAsync)));
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }

    [Test]
    public async Task Many_that_never_finish_from_many_addresses_keep_no_member_out()
    {
        var sockets = new List<Socket>();
        try
        {
            for (int i = 0; i < 150; i++)
                sockets.Add(HalfAHello(Elsewhere(i % 100)));
            await using (ForeignPeer member = await MemberAsync())
                await AssociateAsync(member);
            await ServesDuringAsync(Task.WhenAll(sockets.Select(ForeignPeer.EndsAsync)));
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }

    [Test]
    public async Task Many_with_bad_certificates_slow_nobody()
    {
        using NodeAuthority other = NodeAuthority.Create();
        X509Certificate2 bad = other.Issue([Third]);
        int before = Lines();
        await ServesDuringAsync(Task.Run(async () =>
        {
            for (int i = 0; i < 100; i++)
                await ForeignPeer.TryAsync(ForeignPeer.Open(Victim), bad, SslProtocols.Tls13, isOfPool: true);
        }));
        Assert.That(Lines() - before, Is.LessThanOrEqualTo(3 * MostLines));
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

    private int Lines() => VictimProcess.Log.Split('\n').Count(line => line.Contains("of the cluster is refused", StringComparison.Ordinal));
}
