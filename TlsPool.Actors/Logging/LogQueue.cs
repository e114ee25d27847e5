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

    private readonly BlockingCollection<LogLine> _lines = new(Capacity);
    private readonly IReadOnlyList<ILogTarget> _targets;
    private readonly Thread _thread;
    private long _dropped;

    /// <summary>Starts writing.</summary>
    /// <param name="targets">Where lines go; owned.</param>
    public LogQueue(IReadOnlyList<ILogTarget> targets)
    {
        _targets = targets;
        _thread = new Thread(Run) { Name = "log", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Adds a line. Any thread; never waits.</summary>
    public void Add(in LogLine line)
    {
        if (_lines.IsAddingCompleted || !_lines.TryAdd(line))
            Interlocked.Increment(ref _dropped);
    }

    /// <summary>Writes what is there, for two seconds at most, and ends.</summary>
    public void Dispose()
    {
        _lines.CompleteAdding();
        if (!_thread.Join(FlushTime))
            return;
        foreach (ILogTarget target in _targets)
            target.Dispose();
        _lines.Dispose();
    }

    private void Run()
    {
        foreach (LogLine line in _lines.GetConsumingEnumerable())
        {
            Write(line);
            long dropped = Interlocked.Exchange(ref _dropped, 0);
            if (dropped > 0)
                Write(new LogLine(
                    DateTimeOffset.Now,
                    LogLevel.Warning,
                    LogFacility.Daemon,
                    string.Create(CultureInfo.InvariantCulture, $"{dropped} lines were dropped: the log could not keep up")));
        }
    }

    private void Write(in LogLine line)
    {
        foreach (ILogTarget target in _targets)
            target.Write(line);
    }
}
