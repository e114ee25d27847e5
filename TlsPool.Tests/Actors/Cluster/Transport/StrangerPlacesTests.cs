using System.Globalization;
using System.Net;
using NUnit.Framework;
using TlsPool.Actors.Cluster.Transport;
using TlsPool.Actors.Configuration;

namespace TlsPool.Tests.Actors.Cluster.Transport;

[Parallelizable(ParallelScope.All)]
public sealed class StrangerPlacesTests
{
    private static readonly IPAddress Member = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Moved = IPAddress.Parse("192.0.2.2");

    [Test]
    public void One_address_gets_its_share_and_not_more()
    {
        StrangerPlaces places = Places();
        var address = IPAddress.Parse("198.51.100.1");
        for (int i = 0; i < StrangerPlaces.Share; i++)
            Assert.That(places.TryEnter(address));
        Assert.That(places.TryEnter(address), Is.False);
        Assert.That(places.TryEnter(address.MapToIPv6()), Is.False, "the same, as sockets of both kinds say it");
        Assert.That(places.TryEnter(IPAddress.Parse("198.51.100.2")));
        places.Leave(address);
        Assert.That(places.TryEnter(address));
    }

    [Test]
    public void A_network_of_IPv6_is_one_host()
    {
        StrangerPlaces places = Places();
        for (int i = 0; i < StrangerPlaces.Share; i++)
            Assert.That(places.TryEnter(IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"2001:db8::{i + 1}"))));
        Assert.That(places.TryEnter(IPAddress.Parse("2001:db8::ffff:1")), Is.False);
        Assert.That(places.TryEnter(IPAddress.Parse("2001:db8:0:1::1")));
    }

    [Test]
    public void Strangers_of_many_addresses_leave_places_for_members()
    {
        StrangerPlaces places = Places();
        Assert.That(Crowd(places, 1000), Is.EqualTo(StrangerPlaces.ForAll));
        Assert.That(places.TryEnter(Member));
        Assert.That(places.TryEnter(Moved), Is.False);
        places.Know(new ClusterAddress("192.0.2.1", 4253), Moved);
        Assert.That(places.TryEnter(Moved));
        Assert.That(places.TryEnter(Member), Is.False, "a member is at one address");
    }

    [Test]
    public void All_places_come_back()
    {
        StrangerPlaces places = Places();
        for (int round = 0; round < 3; round++)
        {
            Assert.That(Crowd(places, 1000), Is.EqualTo(StrangerPlaces.ForAll));
            for (int i = 0; i < StrangerPlaces.ForAll; i++)
                places.Leave(Address(i));
        }
    }

    private static int Crowd(StrangerPlaces places, int count) => Enumerable.Range(0, count).Count(number => places.TryEnter(Address(number)));

    private static IPAddress Address(int number) => new([10, 0, (byte)(number >> 8), (byte)number]);

    private static StrangerPlaces Places() => new([new ClusterAddress(Member.ToString(), 4253), new ClusterAddress("node2.example", 4253)]);
}
