using TlsPool.Actors.Cluster.Wire;

namespace TlsPool.Actors.Management.Wire;

/// <summary>What became of a request.</summary>
/// <param name="Number">That of the request; 0 between nodes.</param>
/// <param name="Fault">Why it was not done; null if it was.</param>
/// <param name="Body">UTF-8: the answer as JSON, or the reason as a text.</param>
public sealed record ManagementReply(long Number, ManagementFault? Fault, ReadOnlyMemory<byte> Body) : IClusterMessage;
