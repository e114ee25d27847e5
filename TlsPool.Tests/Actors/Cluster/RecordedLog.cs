using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace TlsPool.Tests.Actors.Cluster;

/// <summary>A log that a test reads.</summary>
internal sealed class RecordedLog : ILogger
{
    private readonly ConcurrentQueue<(LogLevel, string)> _lines = new();

    internal IReadOnlyList<(LogLevel Level, string Text)> Lines => [.. _lines];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue((logLevel, formatter(state, exception)));
}
