using Akka.Actor;

namespace TlsPool.Actors.Cluster.People;

/// <summary>Between whom a stand-in is. Immutable.</summary>
/// <param name="Local">Whom it stands for: a token, a connection or a session of this host.</param>
/// <param name="Arbiter">To whom.</param>
/// <param name="Peers">The nodes that share entry.</param>
internal sealed record EntryEnds(IActorRef Local, IActorRef Arbiter, IEntryPeers Peers)
{
    /// <summary>True for the arbiter, and for its children: they are at its node, and nobody else there speaks to a stand-in in its place.</summary>
    internal bool IsArbiter(IActorRef sender) => Peers.NodeOf(sender) is { } node && node == Peers.NodeOf(Arbiter);
}
