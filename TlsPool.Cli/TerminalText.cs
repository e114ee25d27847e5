using System.Globalization;

namespace TlsPool.Cli;

/// <summary>Texts that strangers had a hand in, for terminals.</summary>
internal static class TerminalText
{
    /// <summary>The text without what a terminal acts on: it must not make lines of its own, or turn this one round.</summary>
    internal static string Printable(string text) => string.Concat(text.Select(letter => IsVisible(letter) ? letter : '?'));

    private static bool IsVisible(char letter) => CharUnicodeInfo.GetUnicodeCategory(letter) is not (UnicodeCategory.Control
        or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
