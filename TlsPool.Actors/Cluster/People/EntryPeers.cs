using Akka.Actor;
using Akka.Cluster;

namespace TlsPool.Actors.Cluster.People;

/// <summary>The nodes that share entry: they have a role of their own. The transport has seen to it that an actor's address is true.</summary>
/// <param name="system">The actor system of the node.</param>
internal sealed class EntryPeers(ActorSystem system) : IEntryPeers
{
    /// <summary>What a node that shares entry is for. The dot keeps it apart from the roles that operators name.</summary>
    internal const string Role = "tlspool.entry";

    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(system);

    public IReadOnlyList<Address> Nodes
    {
        get
        {
            ClusterEvent.CurrentClusterState state = _cluster.State;
            Address[] nodes =
            [
                .. state.Members
                    .Where(member => member.HasRole(Role) && member.Status == MemberStatus.Up && !state.Unreachable.Contains(member))
                    .Select(member => member.Address),
            ];
            return nodes.Contains(_cluster.SelfAddress) ? nodes : [];
        }
    }

    public string? NodeOf(IActorRef actor)
    {
        // A message of another node that names no sender seems to come from here.
        if (actor.IsNobody() || actor.Equals(system.DeadLetters))
            return null;
        Address address = actor.Path.Address;
        if (address.HasLocalScope || address.Equals(_cluster.SelfAddress))
            return _cluster.SelfAddress.Host;
        return _cluster.State.Members.Any(member => member.HasRole(Role) && member.Address.Equals(address)) ? address.Host : null;
    }
}
