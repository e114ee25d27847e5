namespace TlsPool.Actors.Storage.Trails;

/// <summary>How far a trail was read. Immutable.</summary>
/// <param name="Incarnation">Which trail: one that was made anew has another. Empty if none is known yet.</param>
/// <param name="After">Number of the last row that was read; 0 for none.</param>
/// <param name="Mark">What that row says, as <see cref="AuditMark"/> has it.</param>
internal sealed record AuditPosition(string Incarnation, long After, long Mark)
{
    /// <summary>Nothing is known.</summary>
    internal static AuditPosition Unknown { get; } = new("", 0, AuditMark.None);
}
