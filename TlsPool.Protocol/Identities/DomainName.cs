using System.Globalization;
using System.Text;

namespace TlsPool.Protocol.Identities;

/// <summary>Brings domain names into the one form in which they are compared: lower-case A-labels without a final dot (RFC 5890).</summary>
internal static class DomainName
{
    private const int MaxLabel = 63;
    private const int MaxName = 253;
    private const string PunycodePrefix = "xn--";

    /// <summary>The canonical form; false if the text is no domain name.</summary>
    internal static bool TryCanonicalize(ReadOnlySpan<char> text, out string name)
    {
        name = "";
        if (text.EndsWith("."))
            text = text[..^1];
        if (text.IsEmpty || text.Length > MaxName)
            return false;
        string? canonical = Map(text.ToString());
        if (canonical is null || canonical.Length > MaxName)
            return false;
        foreach (string label in canonical.Split('.'))
        {
            if (!IsLabel(label))
                return false;
        }
        name = canonical;
        return true;
    }

    private static string? Map(string text)
    {
        var idn = new IdnMapping();
        bool encoded = text.Contains(PunycodePrefix, StringComparison.OrdinalIgnoreCase);
        if (Ascii.IsValid(text) && !encoded)
            return text.ToLowerInvariant();
        try
        {
            // There and back again: two spellings of one name must not stay two names.
            string ascii = idn.GetAscii(encoded ? idn.GetUnicode(text) : text).ToLowerInvariant();
            if (encoded && Ascii.IsValid(text))
                return ascii.Equals(text, StringComparison.OrdinalIgnoreCase) ? ascii : null;
            // The result has to be one that is taken when it comes back.
            return Map(ascii);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static bool IsLabel(string label)
    {
        if (label.Length is 0 or > MaxLabel || label[0] == '-' || label[^1] == '-')
            return false;
        foreach (char character in label)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_'))
                return false;
        }
        return true;
    }
}
