using TlsPool.Actors.Management.Wire;

namespace TlsPool.Actors.Management;

/// <summary>The other nodes, for what is not done here.</summary>
internal interface IManagementPeers
{
    /// <summary>Names of the members of the cluster but for this node.</summary>
    IReadOnlyList<string> Others { get; }

    /// <summary>Has something done at another node.</summary>
    /// <param name="node">Its name, one of <see cref="Others"/>.</param>
    /// <param name="request">What.</param>
    /// <param name="cancellation">Ends when nobody waits any more.</param>
    /// <returns>What became of it; <see cref="ManagementFault.NoAnswer"/> if the node did not say.</returns>
    Task<ManagementReply> AskAsync(string node, ForwardedRequest request, CancellationToken cancellation);
}
