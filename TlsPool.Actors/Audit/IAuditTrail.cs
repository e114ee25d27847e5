namespace TlsPool.Actors.Audit;

/// <summary>Where decisions are recorded.</summary>
public interface IAuditTrail
{
    /// <summary>Records a decision. Any thread; never waits and never fails.</summary>
    void Record(AuditEvent decision);
}
