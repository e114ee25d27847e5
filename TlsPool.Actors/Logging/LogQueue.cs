using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace TlsPool.Actors.Logging;

/// <summary>
/// Takes lines from loops and actors without ever holding them up, and writes them on a thread of its own. When targets cannot keep up,
/// lines are dropped, and how many is said.
/// </summary>
public sealed class LogQueue : IDisposable
{
    private const int Capacity = 8192;
    private static readonly TimeSpan FlushTime = TimeSpan.FromSeconds(2);

    /// <summary>Lines are written in groups: waking a thread for each costs more than writing it.</summary>
    private static readonly TimeSpan GroupTime = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentQueue<LogLine> _lines = new();
    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly IReadOnlyList<ILogTarget> _targets;
    private readonly Thread _thread;
    private int _waiting;
    private long _dropped;
    private long _allDropped;
    private volatile bool _ending;

    /// <summary>Starts writing.</summary>
    /// <param name="targets">Where lines go; owned.</param>
    public LogQueue(IReadOnlyList<ILogTarget> targets)
    {
        _targets = targets;
        _thread = new Thread(Run) { Name = "log", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Lines that were dropped since the start.</summary>
    public long Dropped => Interlocked.Read(ref _allDropped);

    /// <summary>Adds a line. Any thread; never waits.</summary>
    public void Add(in LogLine line)
    {
        int waiting = Interlocked.Increment(ref _waiting);
        if (_ending || waiting > Capacity)
        {
            Interlocked.Decrement(ref _waiting);
            Interlocked.Increment(ref _dropped);
            Interlocked.Increment(ref _allDropped);
            return;
        }
        _lines.Enqueue(line);
        if (waiting == 1)
            _wake.Set();
    }

    /// <summary>Writes what is there, for two seconds at most, and ends.</summary>
    public void Dispose()
    {
        _ending = true;
        _wake.Set();
        if (!_thread.Join(FlushTime))
            return;
        foreach (ILogTarget target in _targets)
            target.Dispose();
        _wake.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            bool last = _ending;
            WriteAll();
            if (last)
                return;
            // Bounded, as a line may come between the look and the wait.
            if (_wake.WaitOne(TimeSpan.FromSeconds(1)) && !_ending)
                Thread.Sleep(GroupTime);
        }
    }

    private void WriteAll()
    {
        while (_lines.TryDequeue(out LogLine line))
        {
            Interlocked.Decrement(ref _waiting);
            Write(line);
        }
        long dropped = Interlocked.Exchange(ref _dropped, 0);
        if (dropped > 0)
            Write(new LogLine(
                DateTimeOffset.Now,
                LogLevel.Warning,
                LogFacility.Daemon,
                string.Create(CultureInfo.InvariantCulture, $"{dropped} lines were dropped: the log could not keep up")));
    }

    private void Write(in LogLine line)
    {
        foreach (ILogTarget target in _targets)
            target.Write(line);
    }
}
