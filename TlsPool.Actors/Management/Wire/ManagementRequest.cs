using TlsPool.Actors.Cluster.Wire;

namespace TlsPool.Actors.Management.Wire;

/// <summary>From a program of somebody who manages the pool to a node. Answered by <see cref="ManagementReply"/>. Has no text form: arguments may have a PIN.</summary>
/// <param name="Number">Counts up from one for each connection: a request that is there a second time is not done a second time.</param>
/// <param name="Operation">Name of the operation.</param>
/// <param name="Node">The node that is to do it; empty for the one that is asked, <c>*</c> for all.</param>
/// <param name="Arguments">UTF-8 of a JSON object.</param>
public sealed record ManagementRequest(long Number, string Operation, string Node, ReadOnlyMemory<byte> Arguments) : IClusterMessage
{
    /// <summary>The name that stands for all nodes.</summary>
    public const string AllNodes = "*";

    /// <summary>Without the arguments.</summary>
    public override string ToString() => $"{Operation} {Number}";
}
