using Microsoft.Extensions.Logging;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Storage;
using TlsPool.Actors.Storage.Trails;

namespace TlsPool.Actors.Cluster.Trail;

/// <summary>The collected trail, kept within its bounds. Thread safe; calls wait for the disk.</summary>
internal sealed class CollectedTrail : IDisposable
{
    /// <summary>Decisions between two looks at size and age.</summary>
    private const int RetentionStep = 8192;

    private static readonly TimeSpan RetentionInterval = TimeSpan.FromMinutes(1);

    private readonly ClusterAuditStore _store;
    private readonly string _self;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lock _lock = new();
    private AuditRetention _retention;
    private DateTimeOffset _nextRetention;
    private int _sinceRetention;

    /// <summary>Makes it ready.</summary>
    /// <param name="store">Where it is stored; owned.</param>
    /// <param name="retention">How much is kept.</param>
    /// <param name="self">Name of this node.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Log of the facility DB.</param>
    internal CollectedTrail(ClusterAuditStore store, AuditRetention retention, string self, TimeProvider time, ILogger log) =>
        (_store, _retention, _self, _time, _log) = (store, retention, self, time, log);

    /// <summary>How far the trail of a node was collected.</summary>
    /// <exception cref="StorageException">It cannot be read.</exception>
    internal CollectedPosition Position(string node) => _store.Position(node);

    /// <summary>Stores a page of a node's trail.</summary>
    /// <returns>True if the node has more at once.</returns>
    /// <exception cref="StorageException">It cannot be stored, and nothing of it is.</exception>
    internal bool Add(string node, CollectedPosition asked, AuditPage page)
    {
        DateTimeOffset now = _time.GetUtcNow();
        bool more = _store.Add(node, asked, page, now);
        KeepWithinBounds(page.Rows.Count, now);
        return more;
    }

    /// <summary>Takes over another retention, and applies it soon.</summary>
    internal void Change(AuditRetention retention)
    {
        lock (_lock)
            (_retention, _nextRetention) = (retention, default);
    }

    public void Dispose() => _store.Dispose();

    private void KeepWithinBounds(int added, DateTimeOffset now)
    {
        AuditRetention retention;
        lock (_lock)
        {
            _sinceRetention += added;
            if (now < _nextRetention && _sinceRetention < RetentionStep)
                return;
            (_nextRetention, _sinceRetention, retention) = (now + RetentionInterval, 0, _retention);
        }
        try
        {
            _store.Shorten(retention, now, _self);
        }
        catch (StorageException exception)
        {
            _log.LogError("the collected audit trail stays longer than it should be: {Reason}", exception.Message);
        }
    }
}
