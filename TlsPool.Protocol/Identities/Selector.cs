using System.Diagnostics.CodeAnalysis;

namespace TlsPool.Protocol.Identities;

/// <summary>
/// A <see cref="DoNai"/> or a generalisation of one (behaviour.md, "Identities"): <c>@example.com</c> for any user there,
/// <c>.example.com</c> for any name below, <c>@.example.com</c> for any user at any name below, down to <c>.</c> for any name and
/// <c>@.</c> for any user. Selectors without an at-sign never match a user, and the others never a domain.
/// </summary>
public sealed class Selector : IEquatable<Selector>
{
    private readonly DoNai? _identity;
    private readonly bool _users;
    private readonly bool _below;
    private readonly string _domain;

    private Selector(DoNai identity)
        : this(identity.User is not null, below: false, identity.Domain) => _identity = identity;

    private Selector(bool users, bool below, string domain) => (_users, _below, _domain) = (users, below, domain);

    /// <summary>True if it names one identity only.</summary>
    public bool IsConcrete => _identity is not null;

    /// <summary>True for the two that match everything of their kind: <c>.</c> and <c>@.</c>.</summary>
    public bool IsMostGeneral => _below && _domain.Length == 0;

    /// <summary>The two that match everything of their kind: <c>.</c> and <c>@.</c>.</summary>
    public static IReadOnlyList<Selector> MostGeneral { get; } = [new(users: false, below: true, ""), new(users: true, below: true, "")];

    /// <summary>A text that equal selectors have in common, for use as a key.</summary>
    public string Key => _identity?.Key ?? ToString();

    /// <summary>The selector that matches one identity.</summary>
    public static Selector Of(DoNai identity) => new(identity);

    /// <summary>Reads a selector.</summary>
    /// <param name="text">
    /// <c>user@domain</c>, <c>domain</c>, <c>@domain</c>, <c>.domain</c>, <c>@.domain</c>, <c>.</c> or <c>@.</c>. A user below a
    /// domain is none: search drops the user first.
    /// </param>
    /// <param name="selector">The selector.</param>
    /// <returns>False for anything else.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Selector? selector)
    {
        selector = null;
        if (string.IsNullOrEmpty(text) || text.Length > 2 * DoNai.MaxBytes)
            return false;
        ReadOnlySpan<char> rest = text;
        bool users = rest[0] == '@';
        if (users)
            rest = rest[1..];
        bool below = rest.StartsWith(".");
        if (below)
            rest = rest[1..];
        if (!users && !below)
        {
            if (DoNai.TryParse(text, out DoNai? identity))
                selector = new Selector(identity);
        }
        else if (below && rest.IsEmpty)
        {
            selector = new Selector(users, below, "");
        }
        else if (DomainName.TryCanonicalize(rest, out string domain) && domain.Length + 2 <= DoNai.MaxBytes)
        {
            selector = new Selector(users, below, domain);
        }
        return selector is not null;
    }

    /// <summary>Reads a selector.</summary>
    /// <param name="text">As for <see cref="TryParse"/>.</param>
    /// <exception cref="FormatException">It is none.</exception>
    public static Selector Parse(string text) => TryParse(text, out Selector? selector)
        ? selector
        : throw new FormatException("a selector is domain, user@domain, @domain, .domain, @.domain, \".\" or \"@.\"");

    /// <summary>
    /// Every selector that matches an identity, from the concrete to the general: the order of search. For
    /// <c>user@a.example</c>: itself, <c>@a.example</c>, <c>@.example</c>, <c>@.</c>.
    /// </summary>
    public static IEnumerable<Selector> Search(DoNai identity)
    {
        for (Selector? selector = Of(identity); selector is not null; selector = selector.Generalize())
            yield return selector;
    }

    /// <summary>One step up: the user goes first, then one leading label after the other; null from the top.</summary>
    public Selector? Generalize()
    {
        if (IsMostGeneral)
            return null;
        if (_identity?.User is not null)
            return new Selector(users: true, below: false, _domain);
        int dot = _domain.IndexOf('.', StringComparison.Ordinal);
        return new Selector(_users, below: true, dot < 0 ? "" : _domain[(dot + 1)..]);
    }

    /// <summary>Whether the selector covers an identity, users compared without case.</summary>
    public bool Matches(DoNai identity) => Matches(identity, DoNaiComparer.IgnoreCase);

    /// <summary>Whether the selector covers an identity.</summary>
    /// <param name="identity">The identity.</param>
    /// <param name="comparer">The rule for users.</param>
    public bool Matches(DoNai identity, DoNaiComparer comparer)
    {
        if (_identity is not null)
            return comparer.Equals(_identity, identity);
        if (_users != (identity.User is not null))
            return false;
        if (!_below)
            return identity.Domain == _domain;
        return _domain.Length == 0
            || (identity.Domain.Length > _domain.Length + 1
                && identity.Domain.EndsWith(_domain, StringComparison.Ordinal)
                && identity.Domain[^(_domain.Length + 1)] == '.');
    }

    /// <summary>How many steps up from an identity this selector is: 0 if concrete, -1 if it does not match.</summary>
    public int LevelsAbove(DoNai identity)
    {
        int level = 0;
        foreach (Selector selector in Search(identity))
        {
            if (selector.Equals(this))
                return level;
            level++;
        }
        return -1;
    }

    /// <inheritdoc/>
    public bool Equals(Selector? other) =>
        other is not null && _users == other._users && _below == other._below && _domain == other._domain
        && Equals(_identity, other._identity);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Selector);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_users, _below, _domain, _identity);

    /// <summary>The selector as it is written, at most 127 bytes.</summary>
    public override string ToString() => _identity?.ToString() ?? $"{(_users ? "@" : "")}{(_below ? "." : "")}{_domain}";
}
