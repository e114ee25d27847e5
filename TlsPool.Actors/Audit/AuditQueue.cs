using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Storage;

namespace TlsPool.Actors.Audit;

/// <summary>
/// Takes decisions from loops and actors without holding them up, and stores them in groups on a thread of its own. While the disk is full
/// or the database locked they wait; those that find no room are counted, and the count becomes part of the trail.
/// </summary>
internal sealed class AuditQueue : IAuditTrail, IDisposable
{
    private const int Capacity = 65_536;
    private const int MaxBatch = 2048;

    /// <summary>Decisions between two looks at size and age.</summary>
    private const int RetentionStep = 8192;

    /// <summary>A commit costs the same for one and for many; what a crash may lose is the price.</summary>
    private static readonly TimeSpan GroupTime = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan RetryTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetentionInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FlushTime = TimeSpan.FromSeconds(10);

    private readonly ConcurrentQueue<AuditRecord> _events = new();
    private readonly ManualResetEventSlim _wake = new();
    private readonly ManualResetEventSlim _end = new();
    private readonly AuditStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Thread _thread;
    private readonly List<AuditRecord> _batch = [];
    private AuditRetention _retention;
    private DateTimeOffset _nextRetention;
    private int _sinceRetention;
    private int _waiting;
    private long _lost;
    private bool _failing;

    /// <summary>Starts storing.</summary>
    /// <param name="store">Where decisions go; owned.</param>
    /// <param name="retention">How much is kept.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Log of the facility DB.</param>
    internal AuditQueue(AuditStore store, AuditRetention retention, TimeProvider time, ILogger log)
    {
        (_store, _retention, _time, _log) = (store, retention, time, log);
        _nextRetention = time.GetUtcNow();
        _thread = new Thread(Run) { Name = "audit", IsBackground = true };
        _thread.Start();
    }

    /// <inheritdoc/>
    public void Record(AuditEvent decision)
    {
        int waiting = Interlocked.Increment(ref _waiting);
        if (_end.IsSet || waiting > Capacity)
        {
            Interlocked.Decrement(ref _waiting);
            Interlocked.Increment(ref _lost);
            return;
        }
        _events.Enqueue(new AuditRecord(0, _time.GetUtcNow(), decision));
        if (waiting == 1)
            _wake.Set();
    }

    /// <summary>Takes over another retention, and applies it soon.</summary>
    internal void Change(AuditRetention retention)
    {
        if (Interlocked.Exchange(ref _retention, retention) == retention)
            return;
        Volatile.Write(ref _sinceRetention, RetentionStep);
        _wake.Set();
    }

    /// <summary>Stores what is there, for ten seconds at most, and ends.</summary>
    public void Dispose()
    {
        _end.Set();
        _wake.Set();
        if (!_thread.Join(FlushTime))
            return;
        _store.Dispose();
        _wake.Dispose();
        _end.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            bool last = _end.IsSet;
            _wake.Reset();
            if (!TryStoreAll())
            {
                if (last)
                    break;
                _end.Wait(RetryTime);
                continue;
            }
            if (last)
                return;
            KeepWithinBounds();
            _wake.Wait(RetentionInterval);
            _end.Wait(GroupTime);
        }
        _log.LogError("{Count} decisions are not in the audit trail: the database could not be written", _batch.Count + _events.Count + Interlocked.Read(ref _lost));
    }

    private bool TryStoreAll()
    {
        while (_batch.Count > 0 || !_events.IsEmpty || Interlocked.Read(ref _lost) > 0)
        {
            while (_batch.Count < MaxBatch && _events.TryDequeue(out AuditRecord? next))
            {
                Interlocked.Decrement(ref _waiting);
                _batch.Add(next);
            }
            long lost = Interlocked.Read(ref _lost);
            if (!TryStore(lost == 0 ? _batch : [.. _batch, Loss(lost)]))
                return false;
            Interlocked.Add(ref _lost, -lost);
            _sinceRetention += _batch.Count;
            _batch.Clear();
        }
        return true;
    }

    private bool TryStore(IReadOnlyList<AuditRecord> records)
    {
        try
        {
            _store.Append(records);
            if (_failing)
                _log.LogInformation("decisions are recorded again");
            _failing = false;
            return true;
        }
        catch (StorageException exception)
        {
            if (!_failing)
                _log.LogError("decisions cannot be recorded, and wait: {Reason}", exception.Message);
            _failing = true;
            return false;
        }
    }

    private AuditRecord Loss(long lost) => new(0, _time.GetUtcNow(), new AuditEvent(
        AuditKind.Trail, Allowed: false, string.Create(CultureInfo.InvariantCulture, $"{lost} decisions were lost: they came faster than they could be stored")));

    private void KeepWithinBounds()
    {
        DateTimeOffset now = _time.GetUtcNow();
        if (now < _nextRetention && Volatile.Read(ref _sinceRetention) < RetentionStep)
            return;
        _nextRetention = now + RetentionInterval;
        _sinceRetention = 0;
        try
        {
            long removed = _store.Shorten(_retention, now);
            if (removed > 0)
                TryStore([new AuditRecord(0, now, new AuditEvent(
                    AuditKind.Trail, Allowed: true, string.Create(CultureInfo.InvariantCulture, $"{removed} decisions were removed by age or size")))]);
        }
        catch (StorageException exception)
        {
            _log.LogError("the audit trail stays longer than it should be: {Reason}", exception.Message);
        }
    }
}
