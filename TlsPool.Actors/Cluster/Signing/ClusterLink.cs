using Akka.Actor;

namespace TlsPool.Actors.Cluster.Signing;

/// <summary>Where the pool's actors find the part of the node that signs elsewhere: it comes and goes with the lives of the node. Thread safe.</summary>
internal sealed class ClusterLink
{
    private volatile IActorRef? _signer;

    /// <summary>The <see cref="RemoteSigningActor"/>; null while the node has none.</summary>
    internal IActorRef? Signer
    {
        get => _signer;
        set => _signer = value;
    }

    /// <summary>A signer ends. Another life of the node may have begun meanwhile: that one's stays.</summary>
    internal void Leave(IActorRef signer) => Interlocked.CompareExchange(ref _signer, null, signer);
}
