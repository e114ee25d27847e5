using TlsPool.Protocol.Identities;

namespace TlsPool.Actors.Access;

/// <summary>
/// Which application may use which local identity, at one time. Search goes from the concrete to the general, and the first selector that
/// has rules decides: who meets one of them is let in, and nobody else. Where no selector has any, whoever may open the socket may use
/// the identity. Immutable.
/// </summary>
/// <param name="rules">The rules.</param>
public sealed class AccessRules(IEnumerable<AccessRule> rules)
{
    private readonly ILookup<string, AccessRule> _bySelector = rules.ToLookup(rule => rule.LocalId.Key, StringComparer.Ordinal);

    /// <summary>No rules: everything is open.</summary>
    public static AccessRules Empty { get; } = new([]);

    /// <summary>True if everything is open.</summary>
    public bool IsEmpty => _bySelector.Count == 0;

    /// <summary>Whether an application may use a local identity.</summary>
    /// <param name="localId">The identity; with rules, a text that is none is refused.</param>
    /// <param name="request">Who wants it, and for what.</param>
    public AccessVerdict Check(string localId, AccessRequest request)
    {
        if (IsEmpty)
            return new AccessVerdict(true, Key: null, Rule: null, "there are no access rules");
        if (!DoNai.TryParse(localId, out DoNai? identity))
            return new AccessVerdict(false, Key: null, Rule: null, $"'{localId}' is no identity");
        if (Selector.Search(identity).Select(selector => _bySelector[selector.Key]).FirstOrDefault(found => found.Any()) is not { } deciding)
            return new AccessVerdict(true, Key: null, Rule: null, "no access rule names this identity");
        Selector key = deciding.First().LocalId;
        return deciding.FirstOrDefault(rule => rule.Allows(request)) is { } rule
            ? new AccessVerdict(true, key, rule, $"the access rules for {key} let in {rule}")
            : new AccessVerdict(false, key, Rule: null, $"the access rules for {key} do not let in {request}");
    }
}
