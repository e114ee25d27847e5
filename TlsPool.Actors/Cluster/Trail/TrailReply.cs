using TlsPool.Actors.Cluster.Wire;
using TlsPool.Actors.Storage.Trails;

namespace TlsPool.Actors.Cluster.Trail;

/// <summary>The answer to a <see cref="TrailRequest"/>.</summary>
/// <param name="Number">That of the request.</param>
/// <param name="Page">The rows; null if they cannot be had at present.</param>
internal sealed record TrailReply(long Number, AuditPage? Page) : IClusterMessage;
