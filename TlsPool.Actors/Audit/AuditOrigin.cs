namespace TlsPool.Actors.Audit;

/// <summary>Where a decision was collected from. Immutable.</summary>
/// <param name="Node">Name of the node that made it.</param>
/// <param name="Id">Its number in the trail of that node; null for what the collecting node says about that trail.</param>
public sealed record AuditOrigin(string Node, long? Id);
