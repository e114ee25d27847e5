using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Configuration;

namespace TlsPool.Actors.Logging;

/// <summary>Loggers that obey <see cref="LogRules"/>. What others name their loggers counts as facility DAEMON.</summary>
[ProviderAlias("TlsPool")]
public sealed class PoolLoggerProvider(LogRules rules, LogQueue queue) : ILoggerProvider
{
    private const int MaxText = 4096;

    private static readonly FrozenSet<string> Facilities = ConfigurationValues.LogFacilities.ToFrozenSet(StringComparer.Ordinal);

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) =>
        new PoolLogger(rules, queue, Facilities.Contains(categoryName) ? categoryName : LogFacility.Daemon);

    /// <inheritdoc/>
    public void Dispose() => queue.Dispose();

    /// <summary>Makes one line of printable text of whatever peers and applications had a hand in.</summary>
    internal static string OneLine(string text)
    {
        if (text.Length <= MaxText && !text.AsSpan().ContainsAnyInRange('\0', '\x1f') && !text.AsSpan().ContainsAnyInRange('\x7f', '\uffff'))
            return text;
        var line = new StringBuilder(Math.Min(text.Length, MaxText));
        foreach (char c in text.AsSpan(0, Math.Min(text.Length, MaxText)))
        {
            if (c is '\n' or '\r')
                line.Append(" | ");
            else if (IsHidden(c))
                line.Append('?');
            else
                line.Append(c);
        }
        return line.ToString();
    }

    /// <summary>What a terminal acts on instead of showing it: controls, line separators, changes of direction.</summary>
    private static bool IsHidden(char c) => char.GetUnicodeCategory(c)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    private sealed class PoolLogger(LogRules rules, LogQueue queue, string facility) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => rules.Allows(logLevel, facility);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
                return;
            string text = formatter(state, exception);
            if (exception is not null)
                text = $"{text}: {exception}";
            queue.Add(new LogLine(DateTimeOffset.Now, logLevel, facility, OneLine(text)));
        }
    }
}
