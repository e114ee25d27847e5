using System.Globalization;
using System.Text.RegularExpressions;

namespace TlsPool.Actors.Audit;

/// <summary>Texts of the trail. Strangers have a hand in many: none may make lines, move a cursor, fill the disk or carry a PIN.</summary>
internal static partial class AuditText
{
    /// <summary>Longer ones are cut.</summary>
    internal const int MaxLength = 512;

    /// <summary>The text as it is stored.</summary>
    internal static string Clean(string text)
    {
        string clean = text.Length > MaxLength ? Cut(text) : text;
        // Nearly all are plain, and thousands are stored in a second.
        if (clean.AsSpan().ContainsAnyExceptInRange(' ', '~') && clean.Any(IsUnfit))
            clean = string.Concat(clean.Select(letter => IsUnfit(letter) ? '?' : letter));
        return clean.Contains("pin-", StringComparison.OrdinalIgnoreCase) ? Pin().Replace(clean, "$1=?") : clean;
    }

    private static string Cut(string text) => string.Concat(text.AsSpan(0, MaxLength - 1), "…");

    private static bool IsUnfit(char letter) => CharUnicodeInfo.GetUnicodeCategory(letter) is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate;

    /// <summary>The attributes of RFC 7512 that have, or lead to, a PIN. What was cleaned once, here or on another node, stays as it is.</summary>
    [GeneratedRegex("(pin-(?:value|source))=\\??[^&;? \"]*", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Pin();
}
