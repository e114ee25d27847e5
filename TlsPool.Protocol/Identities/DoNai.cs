using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace TlsPool.Protocol.Identities;

/// <summary>
/// A Domain or Network Access Identifier: <c>domain</c> or <c>user@domain</c> (behaviour.md, "Identities"; RFC 7542). Domains are kept
/// as lower-case A-labels, so that internationalised names compare in that form. Users keep their letters as written and compare
/// without case; <see cref="DoNaiComparer"/> has the other rule.
/// </summary>
public sealed class DoNai : IEquatable<DoNai>
{
    /// <summary>Most bytes that an identity field of the wire format holds, its NUL not counted.</summary>
    public const int MaxBytes = 127;

    private DoNai(string? user, string domain) => (User, Domain) = (user, domain);

    /// <summary>The user, or null for a domain.</summary>
    public string? User { get; }

    /// <summary>The domain: lower-case A-labels, no final dot.</summary>
    public string Domain { get; }

    /// <summary>A text that equal identities have in common, for use as a key: <see cref="ToString"/> with the user in lower case.</summary>
    // By way of upper case, which is what comparing without case goes by: a sigma at the end of a word is the same letter as others.
    public string Key => User is null ? Domain : $"{User.ToUpperInvariant().ToLowerInvariant()}@{Domain}";

    /// <summary>Reads an identity.</summary>
    /// <param name="text"><c>domain</c> or <c>user@domain</c>; U-labels are converted, one final dot is dropped.</param>
    /// <param name="identity">The identity.</param>
    /// <returns>
    /// False for anything else: no text at all, a selector, a bad label, control characters or blanks in the user, or more than
    /// <see cref="MaxBytes"/> bytes in A-label form.
    /// </returns>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out DoNai? identity)
    {
        identity = null;
        if (string.IsNullOrEmpty(text) || text.Length > 2 * MaxBytes)
            return false;
        int at = text.IndexOf('@', StringComparison.Ordinal);
        string? user = at < 0 ? null : text[..at];
        if ((user is not null && !IsUser(ref user)) || !DomainName.TryCanonicalize(text.AsSpan(at + 1), out string domain))
            return false;
        var candidate = new DoNai(user, domain);
        if (Encoding.UTF8.GetByteCount(candidate.ToString()) > MaxBytes)
            return false;
        identity = candidate;
        return true;
    }

    /// <summary>Reads an identity.</summary>
    /// <param name="text">As for <see cref="TryParse"/>.</param>
    /// <exception cref="FormatException">It is none.</exception>
    public static DoNai Parse(string text) => TryParse(text, out DoNai? identity)
        ? identity
        : throw new FormatException($"an identity is domain or user@domain in at most {MaxBytes} bytes");

    /// <summary>The same domain without the user; itself if it has none.</summary>
    public DoNai ToDomain() => User is null ? this : new DoNai(null, Domain);

    /// <inheritdoc/>
    public bool Equals(DoNai? other) => DoNaiComparer.IgnoreCase.Equals(this, other);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DoNai);

    /// <inheritdoc/>
    public override int GetHashCode() => DoNaiComparer.IgnoreCase.GetHashCode(this);

    /// <summary><c>domain</c> or <c>user@domain</c>, as it goes on the wire.</summary>
    public override string ToString() => User is null ? Domain : $"{User}@{Domain}";

    private static bool IsUser(ref string? user)
    {
        // RFC 7542 section 2.2: no dot in front, where selectors have theirs.
        if (string.IsNullOrEmpty(user) || user[0] == '.')
            return false;
        foreach (Rune rune in user.EnumerateRunes())
        {
            if (Rune.IsControl(rune) || Rune.IsWhiteSpace(rune) || rune == Rune.ReplacementChar)
                return false;
        }
        // RFC 7542 section 2.2: two ways to write one accented letter are one user.
        try
        {
            user = user.Normalize(NormalizationForm.FormC);
            return true;
        }
        catch (ArgumentException)
        {
            // There are code points that stand for no character, such as U+FFFE.
            return false;
        }
    }
}
