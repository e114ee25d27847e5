using Microsoft.Extensions.Logging;
using TlsPool.Actors.Storage;

namespace TlsPool.Actors.Hosting;

/// <summary>
/// Looks whether another process has changed the database, and makes the change known: twice a second, and before each session, which so
/// goes by everything that was stored before it was asked for.
/// </summary>
internal sealed class StoreWatcher : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly PoolDatabase _database;
    private readonly Action _refresh;
    private readonly ILogger _log;
    private readonly Timer _timer;
    private readonly Lock _lock = new();
    private readonly Lock _stampLock = new();
    // What was read before this began may be out of date already.
    private (long Length, DateTime Written) _stamp = (-1, default);
    private long _version = -1;
    private volatile bool _failing;
    private bool _disposed;

    /// <summary>Starts looking.</summary>
    /// <param name="database">The database.</param>
    /// <param name="refresh">Takes over what it holds now.</param>
    /// <param name="log">Log of the facility DB.</param>
    internal StoreWatcher(PoolDatabase database, Action refresh, ILogger log)
    {
        (_database, _refresh, _log) = (database, refresh, log);
        _timer = new Timer(_ => Look(force: false), null, Interval, Interval);
    }

    /// <summary>Looks at once, whether something has changed or not.</summary>
    internal void Refresh() => Look(force: true);

    /// <summary>
    /// Looks at once, without touching the database here: the loops ask, and must not wait for a lock. While it cannot be read nobody waits
    /// for it: the timer tries again.
    /// </summary>
    /// <returns>Null if nothing has changed, else what completes when the change is known; it does not fail.</returns>
    internal Task? CatchUp() => _failing || Seen == _database.Stamp() ? null : Task.Run(() => Look(force: false));

    private (long Length, DateTime Written) Seen
    {
        get
        {
            lock (_stampLock)
                return _stamp;
        }
        set
        {
            lock (_stampLock)
                _stamp = value;
        }
    }

    public void Dispose()
    {
        lock (_lock)
            _disposed = true;
        _timer.Dispose();
    }

    private void Look(bool force)
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            try
            {
                // First the stamp: what is committed while the database is read is found the next time.
                (long Length, DateTime Written)? stamp = Seen == _database.Stamp() ? Seen : _database.SettledStamp();
                long version = _database.Version();
                if (version != _version || force || _failing)
                    _refresh();
                _version = version;
                if (stamp is { } settled)
                    Seen = settled;
                _failing = false;
            }
            catch (StorageException exception)
            {
                if (!_failing)
                    _log.LogError("identities and trust stay as they were: {Reason}", exception.Message);
                _failing = true;
            }
        }
    }
}
