using TlsPool.Actors.Cluster.Wire;
using TlsPool.Actors.Management.Access;

namespace TlsPool.Actors.Management.Wire;

/// <summary>A request that one node passes on to another, for which it vouches who asked. Answered by <see cref="ManagementReply"/>. Has no text form.</summary>
/// <param name="Operation">Name of the operation.</param>
/// <param name="Arguments">UTF-8 of a JSON object.</param>
/// <param name="Name">Who asked.</param>
/// <param name="Role">What they may do.</param>
internal sealed record ForwardedRequest(string Operation, ReadOnlyMemory<byte> Arguments, string Name, ManagementRole Role) : IClusterMessage
{
    public override string ToString() => Operation;
}
