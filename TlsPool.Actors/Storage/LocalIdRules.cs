using Microsoft.Extensions.Logging;
using TlsPool.Actors.Access;
using TlsPool.Actors.Disclosure;
using TlsPool.Actors.Sessions;
using TlsPool.Protocol.Identities;

namespace TlsPool.Actors.Storage;

/// <summary>The rules about local identities in memory: immutable snapshots, swapped when the database has changed.</summary>
internal sealed class LocalIdRules(DisclosureStore disclosure, AccessStore access, ILogger log) : ILocalIdRules
{
    private volatile DisclosureRules _disclosure = DisclosureRules.Empty;
    private volatile AccessRules _access = AccessRules.Empty;

    /// <inheritdoc/>
    public DisclosureRules Disclosure => _disclosure;

    /// <inheritdoc/>
    public AccessRules Access => _access;

    /// <inheritdoc/>
    public Task StoreAsync(DisclosureChange change) => Task.Run(() =>
    {
        try
        {
            if (disclosure.Apply(change))
                log.LogInformation("stored that {Remote} is shown {Shown}", change.Remote, change.Shown);
        }
        catch (StorageException exception)
        {
            log.LogError("the choice to show {Shown} to {Remote} is not stored: {Reason}", change.Shown, change.Remote, exception.Message);
        }
    });

    /// <summary>Reads the database again.</summary>
    /// <exception cref="StorageException">It cannot be read; the last rules stay.</exception>
    internal void Refresh()
    {
        IReadOnlyList<DisclosureEntry> entries = disclosure.List(out IReadOnlyList<DamagedRule> damagedEntries);
        IReadOnlyList<AccessRule> rules = access.List(out IReadOnlyList<DamagedRule> damagedRules);
        // What cannot be read may have kept somebody out: until it is removed, nobody gets in where it stood.
        _disclosure = new DisclosureRules(damagedEntries.SelectMany(SelectorsOf).Select(selector => new DisclosureEntry(0, selector, Disclosed.Refusal)).Concat(entries));
        _access = new AccessRules([.. rules, .. damagedRules.SelectMany(SelectorsOf).Select(AccessRule.Closing)]);
        foreach (DamagedRule rule in damagedEntries)
            log.LogError("entry {Id} for {Selector} in the disclosure database is damaged, and shows nobody: 'tlspool disclose remove'", rule.Id, rule.Selector);
        foreach (DamagedRule rule in damagedRules)
            log.LogError("access rule {Id} for {Selector} is damaged, and lets in nobody: 'tlspool access remove {Id}'", rule.Id, rule.Selector, rule.Id);
    }

    private static IEnumerable<Selector> SelectorsOf(DamagedRule rule) =>
        Selector.TryParse(rule.Selector, out Selector? selector) ? [selector] : Selector.MostGeneral;
}
