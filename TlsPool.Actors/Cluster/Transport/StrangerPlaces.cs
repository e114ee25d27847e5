using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using TlsPool.Actors.Configuration;

namespace TlsPool.Actors.Cluster.Transport;

/// <summary>
/// Places for peers that have not shown who they are. One address gets a share of them only, so that one host cannot lock the nodes out; and
/// when all are taken by many hosts, some are left for addresses where members are known to be. Thread safe.
/// </summary>
internal sealed class StrangerPlaces
{
    /// <summary>Places for anybody.</summary>
    internal const int ForAll = 64;

    /// <summary>More places, for addresses of members.</summary>
    internal const int ForMembers = 16;

    /// <summary>Places for one address.</summary>
    internal const int Share = 8;

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, int> _taken = [];
    private readonly Dictionary<string, IPAddress> _members = [];
    private int _count;

    /// <summary>Members that are named by their addresses are known from the start.</summary>
    internal StrangerPlaces(ImmutableArray<ClusterAddress> members)
    {
        foreach (ClusterAddress member in members)
        {
            if (member.Ip is { } address)
                _members[member.Host] = OriginOf(address);
        }
    }

    /// <summary>A member has shown that it is at an address; that counts until it is at another one.</summary>
    internal void Know(ClusterAddress member, IPAddress address)
    {
        lock (_lock)
            _members[member.Host] = OriginOf(address);
    }

    /// <summary>Takes a place.</summary>
    /// <returns>False if there is none for this address.</returns>
    internal bool TryEnter(IPAddress address)
    {
        IPAddress origin = OriginOf(address);
        lock (_lock)
        {
            int share = _taken.GetValueOrDefault(origin);
            if (share >= Share || _count >= ForAll + ForMembers || (_count >= ForAll && !_members.ContainsValue(origin)))
                return false;
            _taken[origin] = share + 1;
            _count++;
            return true;
        }
    }

    /// <summary>Gives a place back.</summary>
    internal void Leave(IPAddress address)
    {
        IPAddress origin = OriginOf(address);
        lock (_lock)
        {
            _count--;
            if (--_taken[origin] == 0)
                _taken.Remove(origin);
        }
    }

    /// <summary>What one host can have of addresses: of IPv6 a network of 64 bits is easily had, and counts as one.</summary>
    private static IPAddress OriginOf(IPAddress address)
    {
        const int network = 8;
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        byte[] bytes = address.GetAddressBytes();
        bytes.AsSpan(network).Clear();
        return new IPAddress(bytes);
    }
}
