using Microsoft.Extensions.Logging;

namespace TlsPool.Actors.Logging;

/// <summary>Keeps the last lines of the log in memory, for those who look on. Thread safe.</summary>
public sealed class LogBook : ILogTarget
{
    private const int MaxLines = 4096;

    /// <summary>Characters of all lines together: a line may have 4096.</summary>
    private const int MaxText = 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Queue<Entry> _lines = [];
    private long _last;
    private int _text;

    /// <inheritdoc/>
    public void Write(in LogLine line)
    {
        lock (_lock)
        {
            _lines.Enqueue(new Entry(++_last, line));
            _text += line.Text.Length;
            while (_lines.Count > MaxLines || _text > MaxText)
                _text -= _lines.Dequeue().Line.Text.Length;
        }
    }

    /// <summary>The lines that are kept, oldest first.</summary>
    public IReadOnlyList<Entry> Lines()
    {
        lock (_lock)
            return [.. _lines];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    /// <summary>A line that is kept.</summary>
    /// <param name="Number">Its number since the start.</param>
    /// <param name="Line">The line.</param>
    public readonly record struct Entry(long Number, LogLine Line)
    {
        /// <summary>Its level as users write it.</summary>
        public string Level => LevelName(Line.Level);
    }

    /// <summary>A level as users write it.</summary>
    public static string LevelName(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        LogLevel.Error => "error",
        _ => "critical",
    };
}
