using System.Collections.Concurrent;
using TlsPool.Actors.Audit;

namespace TlsPool.Tests.Actors.Cluster;

/// <summary>An audit trail that a test reads.</summary>
internal sealed class RecordedAudit : IAuditTrail
{
    private readonly ConcurrentQueue<AuditEvent> _events = new();

    internal IReadOnlyList<AuditEvent> Events => [.. _events];

    public void Record(AuditEvent decision) => _events.Enqueue(decision);
}
