using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace TlsPool.Actors.Logging;

/// <summary>Which lines are written (<c>log_level</c>, <c>log_filter</c>). Changed on reload; loggers see the change at once.</summary>
public sealed class LogRules
{
    private volatile Choice _choice = new(LogLevel.Error, []);

    /// <summary>Changes the rules.</summary>
    /// <param name="level">Lowest level that is written.</param>
    /// <param name="facilities">Facilities that are written; empty for all.</param>
    public void Change(LogLevel level, ImmutableHashSet<string> facilities) => _choice = new Choice(level, facilities);

    /// <summary>Lowest level that is written.</summary>
    public LogLevel Level => _choice.Level;

    /// <summary>Changes the lowest level, and leaves the facilities.</summary>
    public void Change(LogLevel level) => _choice = _choice with { Level = level };

    /// <summary>True if a line is written.</summary>
    public bool Allows(LogLevel level, string facility)
    {
        Choice choice = _choice;
        return level >= choice.Level
            && level != LogLevel.None
            && (choice.Facilities.IsEmpty || choice.Facilities.Contains(facility) || level == LogLevel.Critical);
    }

    private sealed record Choice(LogLevel Level, ImmutableHashSet<string> Facilities);
}
