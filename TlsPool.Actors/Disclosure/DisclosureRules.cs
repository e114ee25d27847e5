using TlsPool.Protocol.Identities;

namespace TlsPool.Actors.Disclosure;

/// <summary>
/// Which local identities a client shows to whom: the disclosure database at one time (behaviour.md, "Identities: DoNAI and selectors").
/// Immutable.
/// </summary>
/// <param name="entries">The entries, those of one selector in their order.</param>
public sealed class DisclosureRules(IEnumerable<DisclosureEntry> entries)
{
    private readonly ILookup<string, DisclosureEntry> _bySelector = entries.ToLookup(entry => entry.Remote.Key, StringComparer.Ordinal);

    /// <summary>No rules.</summary>
    public static DisclosureRules Empty { get; } = new([]);

    /// <summary>The selectors with entries that match a remote identity, from the concrete to the general: the first one decides.</summary>
    /// <param name="remoteId">The remote identity; anything that is none, an empty text too, is matched by <c>.</c> and <c>@.</c> only.</param>
    public IEnumerable<DisclosureKey> Search(string remoteId)
    {
        if (_bySelector.Count == 0)
            return [];
        // Whoever does not say with whom he wants to talk must not get past the rules that way: those for everybody are meant for him, too.
        return (DoNai.TryParse(remoteId, out DoNai? identity) ? Selector.Search(identity) : Selector.MostGeneral)
            .Select((selector, level) => (Entries: _bySelector[selector.Key].ToList(), Level: level))
            .Where(found => found.Entries.Count > 0)
            .Select(found => new DisclosureKey(found.Entries[0].Remote, found.Level, found.Entries));
    }

    /// <summary>Decides without asking anybody.</summary>
    /// <param name="remoteId">With whom the application wants to talk.</param>
    /// <param name="suggestion">The local identity that the application suggests; empty for none.</param>
    /// <param name="obstacle">Why a local identity cannot be used; null if it can.</param>
    public DisclosureDecision Decide(string remoteId, string suggestion, Func<DoNai, string?> obstacle)
    {
        if (Search(remoteId).FirstOrDefault() is not { } key)
            return new DisclosureDecision(true, suggestion, Key: null, "no rule matches: what the application suggests is used");
        bool suggests = suggestion.Length > 0;
        if (DoNai.TryParse(suggestion, out DoNai? suggested) && key.Entries.Any(entry => suggested.Equals(entry.Shown.Identity)))
            return Allow(key, suggestion, "lists what the application suggests");
        string instead = suggests ? $", and not {suggestion}" : "";
        var skipped = new List<string>();
        foreach (Disclosed shown in key.Entries.Select(entry => entry.Shown))
        {
            if (shown == Disclosed.Nobody)
                return Allow(key, "", $"shows nobody{instead}");
            if (shown == Disclosed.Refusal)
                return suggests ? Refuse(key, $"refuses to show {suggestion}") : Allow(key, "", "shows nobody");
            if (obstacle(shown.Identity!) is not { } reason)
                return Allow(key, shown.Identity!.ToString(), $"shows {shown}{instead}");
            skipped.Add(reason);
        }
        return Refuse(key, $"lists nobody that can be used ({string.Join("; ", skipped)})") with { IsStuck = true };
    }

    /// <summary>Why a person may not choose a local identity: refusals are there for people, too.</summary>
    /// <param name="remoteId">With whom the application wants to talk.</param>
    /// <param name="localId">The choice; nobody may always be chosen.</param>
    /// <returns>Null if it may be chosen.</returns>
    public string? Objection(string remoteId, string localId) =>
        Search(remoteId).FirstOrDefault() is { } key
            && key.Entries.Any(entry => entry.Shown == Disclosed.Refusal)
            && DoNai.TryParse(localId, out DoNai? chosen)
            && !key.Entries.Any(entry => chosen.Equals(entry.Shown.Identity))
            ? Text(key, $"refuses to show {localId}")
            : null;

    private static DisclosureDecision Allow(DisclosureKey key, string localId, string what) => new(true, localId, key.Selector, Text(key, what));

    private static DisclosureDecision Refuse(DisclosureKey key, string what) => new(false, "", key.Selector, Text(key, what));

    private static string Text(DisclosureKey key, string what) => $"the disclosure rule for {key.Selector} {what}";
}
