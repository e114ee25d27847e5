using TlsPool.Actors.Cluster.Wire;
using TlsPool.Actors.Storage.Trails;

namespace TlsPool.Actors.Cluster.Trail;

/// <summary>Asks a node for the next rows of its audit trail.</summary>
/// <param name="Number">Comes back with the answer.</param>
/// <param name="From">How far the trail was read.</param>
internal sealed record TrailRequest(long Number, AuditPosition From) : IClusterMessage;
