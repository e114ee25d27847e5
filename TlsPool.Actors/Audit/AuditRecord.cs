namespace TlsPool.Actors.Audit;

/// <summary>A decision as it is stored. Immutable.</summary>
/// <param name="Id">Its number: later ones have higher numbers, and a number is given once.</param>
/// <param name="Time">When it was made.</param>
/// <param name="Event">The decision. Its texts are cleaned, its application has an executable as far as one was seen.</param>
public sealed record AuditRecord(long Id, DateTimeOffset Time, AuditEvent Event)
{
    /// <summary>The node it was collected from; null in the trail of the node itself.</summary>
    public AuditOrigin? Origin { get; init; }
}
