namespace TlsPool.Actors.Storage;

/// <summary>Fingerprints as people write them: the first digits, in any case, perhaps with colons as openssl has them.</summary>
public static class Fingerprints
{
    private const int MinDigits = 8;

    /// <summary>Brings the start of a fingerprint into the form to compare: lower case, no colons.</summary>
    /// <exception cref="FormatException">It has too few digits to be taken for one certificate's, or others than hexadecimal ones.</exception>
    public static string Parse(string text)
    {
        string digits = text.Replace(":", "", StringComparison.Ordinal).ToLowerInvariant();
        return digits.Length >= MinDigits && digits.All(char.IsAsciiHexDigit)
            ? digits
            : throw new FormatException($"'{text}' is no start of a fingerprint: give at least {MinDigits} hexadecimal digits");
    }

    /// <summary>True if a fingerprint starts so.</summary>
    public static bool StartsWith(ReadOnlyMemory<byte> fingerprint, string digits) =>
        Convert.ToHexStringLower(fingerprint.Span).StartsWith(digits, StringComparison.Ordinal);
}
