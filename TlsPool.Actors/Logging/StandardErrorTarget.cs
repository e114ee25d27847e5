using System.Globalization;
using System.Text;

namespace TlsPool.Actors.Logging;

/// <summary>Lines on standard error: with a time for people, or with <c>&lt;severity&gt;</c> in front for the journal (sd-daemon(3)).</summary>
public sealed class StandardErrorTarget(bool forJournal) : ILogTarget
{
    private readonly Stream _stream = Console.OpenStandardError();

    /// <inheritdoc/>
    public void Write(in LogLine line)
    {
        string text = forJournal
            ? string.Create(CultureInfo.InvariantCulture, $"<{line.Severity}>{line.Facility}: {line.Text}\n")
            : string.Create(CultureInfo.InvariantCulture, $"{line.Time:yyyy-MM-ddTHH:mm:ss.fffzzz} {Name(line)} {line.Facility}: {line.Text}\n");
        try
        {
            _stream.Write(Encoding.UTF8.GetBytes(text));
        }
        catch (IOException)
        {
            // Nobody reads standard error any more, and there is nowhere else to say so.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private static string Name(in LogLine line) => line.Severity switch
    {
        2 => "CRIT",
        3 => "ERR",
        4 => "WARNING",
        6 => "INFO",
        _ => "DEBUG",
    };
}
