using System.Globalization;
using TlsPool.Cli.Consoles.Drawing;

namespace TlsPool.Cli.Consoles.Screens;

/// <summary>A column of a list.</summary>
/// <param name="Title">Its title.</param>
/// <param name="Importance">1 for what has to stay on a narrow terminal; those with the highest number go first.</param>
/// <param name="Text">What is in it, at a time.</param>
internal sealed record Column(string Title, int Importance, Func<Row, DateTimeOffset, string> Text)
{
    /// <summary>Cells that it needs.</summary>
    internal int Least { get; init; } = 6;

    /// <summary>Cells that it has at most.</summary>
    internal int Most { get; init; } = 20;

    /// <summary>True for numbers.</summary>
    internal bool IsRight { get; init; }

    /// <summary>What it means.</summary>
    internal Func<Row, DateTimeOffset, Tone> Tone { get; init; } = (_, _) => Drawing.Tone.Plain;

    /// <summary>A member as it is.</summary>
    internal static Column Of(string title, int importance, string path, int least = 6, int most = 20) =>
        new(title, importance, (row, _) => row.Text(path)) { Least = least, Most = most };

    /// <summary>A number that names something, and has no order of magnitude.</summary>
    internal static Column Id(string title, int importance, string path) =>
        new(title, importance, (row, _) => row.Text(path)) { Least = 4, Most = 12, IsRight = true };

    internal static Column Number(string title, int importance, string path) =>
        new(title, importance, (row, _) => Amounts.Number(row.Number(path))) { Least = 6, Most = 12, IsRight = true };

    internal static Column Bytes(string title, int importance, string path) =>
        new(title, importance, (row, _) => Amounts.Bytes(row.Number(path))) { Least = 7, Most = 8, IsRight = true };

    /// <summary>How much a number grows in a second.</summary>
    internal static Column Rate(string title, int importance, string path, Func<double, string> format) =>
        new(title, importance, (row, _) => row.Rate(path) is { } rate ? format(rate) : "-") { Least = 7, Most = 8, IsRight = true };

    /// <summary>How long ago something was.</summary>
    internal static Column Age(string title, int importance, string path) =>
        new(title, importance, (row, now) => row.Time(path) is { } time ? Amounts.Age(now - time) : "-") { Least = 6, Most = 7, IsRight = true };

    /// <summary>How long something is good for.</summary>
    internal static Column Expiry(string title, int importance, string path) => new(title, importance, (row, now) =>
        row.Time(path) is not { } time ? "-" : time > now ? Amounts.Age(time - now) : "expired")
    {
        Least = 7,
        Most = 7,
        IsRight = true,
        Tone = (row, now) => row.Time(path) is not { } time || time > now.AddDays(30) ? Drawing.Tone.Plain : time > now ? Drawing.Tone.Warning : Drawing.Tone.Bad,
    };

    /// <summary>The time of day, with the day if it is another one.</summary>
    internal static Column Time(string title, int importance, string path) => new(title, importance, (row, now) => row.Time(path) is { } time
        ? time.ToLocalTime().ToString(time.ToLocalTime().Date == now.ToLocalTime().Date ? "HH:mm:ss" : "MM-dd HH:mm:ss", CultureInfo.InvariantCulture)
        : "-")
    {
        Least = 8,
        Most = 14,
    };

    /// <summary>The same column, in a tone that depends on what is in it.</summary>
    internal Column In(Func<Row, Tone> tone) => this with { Tone = (row, _) => tone(row) };
}
