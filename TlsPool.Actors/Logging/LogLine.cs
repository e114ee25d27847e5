using Microsoft.Extensions.Logging;

namespace TlsPool.Actors.Logging;

/// <summary>One line of the log.</summary>
/// <param name="Time">When it was written.</param>
/// <param name="Level">How grave it is.</param>
/// <param name="Facility">One of <see cref="LogFacility"/>.</param>
/// <param name="Text">What happened: one line of printable text.</param>
public readonly record struct LogLine(DateTimeOffset Time, LogLevel Level, string Facility, string Text)
{
    /// <summary>Severity of RFC 5424 section 6.2.1: 2 (critical) to 7 (debug).</summary>
    public int Severity => Level switch
    {
        LogLevel.Critical => 2,
        LogLevel.Error => 3,
        LogLevel.Warning => 4,
        LogLevel.Information => 6,
        _ => 7,
    };
}
