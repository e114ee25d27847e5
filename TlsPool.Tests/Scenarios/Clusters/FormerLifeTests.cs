using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using NUnit.Framework;
using TlsPool.Tests.Actors.Cluster.Transport;

namespace TlsPool.Tests.Scenarios.Clusters;

/// <summary>What was true of a connection or of a node's former life, said again.</summary>
[Parallelizable]
public sealed class FormerLifeTests
{
    [Test]
    public async Task What_a_node_said_is_worth_nothing_to_strangers_and_nothing_after_its_life()
    {
        const ulong quarantined = 5;
        await using ClusterOfProcesses cluster = await ClusterOfProcesses.StartAsync(2, spare: 1);
        using NodeAuthority authority = NodeAuthority.Of(cluster.Certificates);
        using X509Certificate2 third = authority.Issue([cluster.Hosts[2]]);
        using X509Certificate2 second = authority.Issue([cluster.Hosts[1]]);
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Parse(cluster.Hosts[2]), ForeignPeer.Port));
        listener.Listen();

        // A node that joins asks all members: so the third one, which is this test, hears how the second associates.
        await cluster[1].StopDaemonAsync("KILL");
        await cluster.ExpectAsync(1, 0);
        await cluster[1].StartDaemonAsync();
        byte[]? association;
        await using (ForeignPeer caller = await ForeignPeer.AcceptAsync(listener, third))
            association = await caller.ReceiveAsync();
        Assert.That(association, Is.EqualTo(AkkaFrames.Associate(OriginOf(cluster.Hosts[1]), UidOf(association!))), "an association, and nothing else");
        listener.Close();
        await cluster.ExpectAsync(2);

        // Without the second's key it is nothing: the connection is that of the third.
        await using (ForeignPeer replay = await ForeignPeer.ConnectAsync(cluster.Hosts[0], third, from: cluster.Hosts[2]))
        {
            await replay.SendAsync(association!);
            Assert.That(await replay.ReceiveAsync(), Is.Null);
        }

        // With the key it is nothing either once the others went on without that life; until then it is only not reached.
        await cluster[1].StopDaemonAsync("KILL");
        await cluster.ExpectAsync(1, 0);
        await ClusterOfProcesses.WaitAsync(
            async () =>
            {
                await using ForeignPeer replay = await ForeignPeer.ConnectAsync(cluster.Hosts[0], second, from: cluster.Hosts[1]);
                await replay.SendAsync(association!);
                return await replay.EndsAsync() is { } last && last.SequenceEqual(AkkaFrames.Instruction(AkkaFrames.Number(1, quarantined)));
            },
            "the former life is quarantined");
        Assert.That(await cluster.ActiveAsync(0), Has.Count.EqualTo(1));

        // A new life is welcome.
        await cluster[1].StartDaemonAsync();
        await cluster.ExpectAsync(2);
    }

    private static Akka.Actor.Address OriginOf(string host) => new("tls", "tlspool-cluster", host, ForeignPeer.Port);

    /// <summary>The number of a life is the last field of an association, and eight bytes long.</summary>
    private static ulong UidOf(byte[] association) => BinaryPrimitives.ReadUInt64LittleEndian(association.AsSpan(association.Length - sizeof(ulong)));
}
