using Microsoft.Extensions.Logging;
using TlsPool.Actors.Storage;

namespace TlsPool.Actors.Hosting;

/// <summary>Looks twice a second whether another process has changed the database, and makes the change known.</summary>
internal sealed class StoreWatcher : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly PoolDatabase _database;
    private readonly Action _refresh;
    private readonly ILogger _log;
    private readonly Timer _timer;
    private readonly Lock _lock = new();
    private long _version;
    private bool _failing;
    private bool _disposed;

    /// <summary>Starts looking.</summary>
    /// <param name="database">The database.</param>
    /// <param name="refresh">Takes over what it holds now.</param>
    /// <param name="log">Log of the facility DB.</param>
    internal StoreWatcher(PoolDatabase database, Action refresh, ILogger log)
    {
        (_database, _refresh, _log) = (database, refresh, log);
        _version = database.Version();
        _timer = new Timer(_ => Look(force: false), null, Interval, Interval);
    }

    /// <summary>Looks at once, whether something has changed or not.</summary>
    internal void Refresh() => Look(force: true);

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
                long version = _database.Version();
                if (version == _version && !force && !_failing)
                    return;
                _refresh();
                _version = version;
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
