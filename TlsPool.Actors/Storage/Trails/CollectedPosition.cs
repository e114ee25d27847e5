namespace TlsPool.Actors.Storage.Trails;

/// <summary>How far the trail of a node was collected. Immutable.</summary>
/// <param name="Trail">The position in it.</param>
/// <param name="Round">How often a backup was put back there: what came before has the same numbers, and is kept.</param>
internal sealed record CollectedPosition(AuditPosition Trail, long Round)
{
    /// <summary>Nothing was collected.</summary>
    internal static CollectedPosition Unknown { get; } = new(AuditPosition.Unknown, 0);
}
