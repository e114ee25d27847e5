using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor;
using NUnit.Framework;
using TlsPool.Tests.Actors.Cluster.Transport;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios.Clusters;

/// <summary>
/// Two nodes that have to come out of each test unharmed: they are up and reach each other, serve, and have no more descriptors and hardly more
/// memory than before. The third member is the test.
/// </summary>
public abstract class HostileFixture
{
    private const long MemoryAllowance = 128 * 1024;

    private (int Descriptors, long Memory)[] _before = [];

    private protected ClusterOfProcesses Cluster { get; private set; } = null!;

    private protected NodeAuthority Authority { get; private set; } = null!;

    /// <summary>The third member, which has no daemon.</summary>
    private protected string Third => Cluster.Hosts[2];

    private protected Address ThirdAddress => AddressOf(Third);

    private protected string Victim => Cluster.Hosts[0];

    private protected PoolProcess VictimProcess => Cluster[0];

    [OneTimeSetUp]
    public async Task Start()
    {
        Cluster = await ClusterOfProcesses.StartAsync(2, spare: 1);
        Authority = NodeAuthority.Of(Cluster.Certificates);
        await using (ForeignPeer first = await MemberAsync())
            await AssociateAsync(first);
        foreach (PoolProcess node in Cluster.Nodes)
        {
            Assert.That(node.IsAlive());
            await node.SettleAsync();
        }
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        Authority?.Dispose();
        if (Cluster is not null)
            await Cluster.DisposeAsync();
    }

    [SetUp]
    public void Measure() => _before = [.. Cluster.Nodes.Select(node => (node.Daemon.Descriptors, node.Daemon.Memory))];

    [TearDown]
    public async Task Expect()
    {
        await ExpectServiceAsync();
        for (int i = 0; i < _before.Length; i++)
        {
            // A connection between the nodes may be in the making at either time.
            await Cluster[i].ExpectDescriptorsAsync(_before[i].Descriptors + 2);
            Assert.That(Cluster[i].Daemon.Memory - _before[i].Memory, Is.LessThan(MemoryAllowance), "kB of memory");
        }
    }

    /// <summary>The nodes serve, and have lost nobody.</summary>
    private protected async Task ExpectServiceAsync()
    {
        for (int i = 0; i < Cluster.Nodes.Count; i++)
        {
            Assert.That(Cluster[i].IsAlive());
            Assert.That(await Cluster.ActiveAsync(i), Is.EquivalentTo(Cluster.Hosts.Take(2)), () => Cluster[0].Log);
            Assert.That(Cluster[i].Log, Does.Not.Contain("is not reached"));
        }
    }

    /// <summary>Expects service again and again until an attack is over, and at least twice.</summary>
    private protected async Task ServesDuringAsync(Task attack)
    {
        for (int round = 0; round < 2 || !attack.IsCompleted; round++)
            await ExpectServiceAsync();
        await attack;
    }

    /// <summary>A connection as the third member, from its address.</summary>
    private protected Task<ForeignPeer> MemberAsync() => ForeignPeer.ConnectAsync(Victim, Certificate(Third), from: Third);

    /// <summary>Associates as the third member; the node has to take it.</summary>
    private protected async Task AssociateAsync(ForeignPeer peer)
    {
        await peer.SendAsync(AkkaFrames.Associate(ThirdAddress));
        Assert.That(await peer.ReceiveAsync(), Is.Not.Null, () => Cluster[0].Log);
    }

    private protected X509Certificate2 Certificate(params string[] names) => Authority.Issue(names);

    private protected static Address AddressOf(string host) => new("tls", "tlspool-cluster", host, ForeignPeer.Port);

    /// <summary>An address of loopback that nobody else has.</summary>
    private protected string Elsewhere(int number) => string.Create(
        CultureInfo.InvariantCulture, $"{Victim[..Victim.LastIndexOf('.')]}.{100 + number}");
}
