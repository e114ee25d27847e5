using System.Globalization;

namespace TlsPool.Cli.Consoles.Screens;

/// <summary>Amounts as people read them, in few letters.</summary>
internal static class Amounts
{
    private static readonly string[] ByteUnits = ["B", "kB", "MB", "GB", "TB", "PB"];

    /// <summary>A number, as <c>100,000</c>.</summary>
    internal static string Number(double number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>Bytes, as <c>1.2 MB</c>.</summary>
    internal static string Bytes(double bytes)
    {
        int unit = 0;
        while (bytes >= 999.5 && unit < ByteUnits.Length - 1)
            (bytes, unit) = (bytes / 1000, unit + 1);
        return string.Create(CultureInfo.InvariantCulture, $"{bytes.ToString(unit == 0 || bytes >= 99.5 ? "0" : "0.0", CultureInfo.InvariantCulture)} {ByteUnits[unit]}");
    }

    /// <summary>A time that has passed, as <c>5 s</c>, <c>3 min</c>, <c>2 h</c> or <c>40 d</c>.</summary>
    internal static string Age(TimeSpan age) => age switch
    {
        { TotalSeconds: < 1 } => "0 s",
        { TotalMinutes: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalSeconds} s"),
        { TotalHours: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalMinutes} min"),
        { TotalDays: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalHours} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalDays} d"),
    };
}
