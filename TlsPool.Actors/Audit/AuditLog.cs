using Microsoft.Extensions.Logging;

namespace TlsPool.Actors.Audit;

/// <summary>Records decisions in the log.</summary>
/// <param name="log">The log.</param>
internal sealed class AuditLog(ILogger log) : IAuditTrail
{
    public void Record(AuditEvent decision) => log.LogDebug("{Decision}", decision);
}
