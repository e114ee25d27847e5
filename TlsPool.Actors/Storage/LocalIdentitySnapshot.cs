using TlsPool.Actors.Sessions;
using TlsPool.Crypto.Certificates;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Validation;
using TlsPool.Protocol.Identities;

namespace TlsPool.Actors.Storage;

/// <summary>All local identities at one time. Immutable.</summary>
internal sealed class LocalIdentitySnapshot
{
    private readonly Dictionary<long, Entry> _byId;
    private readonly ILookup<string, Entry> _byIdentity;
    private readonly ILookup<KeyReference, KeyHolder> _byKey;
    private readonly List<Entry> _servers;

    private LocalIdentitySnapshot(List<Entry> entries)
    {
        _byId = entries.ToDictionary(entry => entry.Stored.Id);
        _byIdentity = entries.ToLookup(entry => entry.Stored.Identity.Key, StringComparer.Ordinal);
        _byKey = entries.ToLookup(entry => entry.Stored.Key, entry => new KeyHolder(entry.Stored.Identity, entry.Stored.Roles));
        _servers = [.. entries.Where(entry => entry.Stored.Roles.HasFlag(IdentityRoles.Server))];
        ServerIdentities = [.. _servers.Select(entry => entry.Credential.Identity).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    internal static LocalIdentitySnapshot Empty { get; } = new([]);

    internal IReadOnlyList<string> ServerIdentities { get; }

    internal static LocalIdentitySnapshot Of(IEnumerable<StoredIdentity> stored, LocalIdentitySnapshot before) =>
        new([.. stored.Select(identity => before._byId.TryGetValue(identity.Id, out Entry? known) && known.IsSame(identity)
            ? known
            : new Entry(identity))]);

    internal IReadOnlyList<KeyHolder> HoldersOf(KeyReference key) => [.. _byKey[key]];

    internal bool Has(long id) => _byId.ContainsKey(id);

    internal IReadOnlyList<Credential> Find(DoNai identity, IdentityRoles role, DateTimeOffset time) =>
        BestFirst(_byIdentity[identity.Key].Where(entry => entry.Stored.Roles.HasFlag(role)), time);

    /// <summary>An identity of that name; failing that, any whose certificate stands for the name.</summary>
    internal IReadOnlyList<Credential> FindForServerName(DoNai name, DateTimeOffset time)
    {
        IReadOnlyList<Credential> exact = Find(name, IdentityRoles.Server, time);
        return exact.Count > 0 ? exact : BestFirst(_servers.Where(entry => entry.Names.Any(pattern => NameMatcher.Covers(pattern, name.Domain))), time);
    }

    /// <summary>In the order in which they were added, those that peers will refuse for their dates last.</summary>
    private static Credential[] BestFirst(IEnumerable<Entry> entries, DateTimeOffset time) =>
        [.. entries.OrderBy(entry => entry.Stored.IsValidAt(time) ? 0 : 1).Select(entry => entry.Credential)];

    private sealed class Entry
    {
        internal Entry(StoredIdentity stored)
        {
            Stored = stored;
            Credential = new Credential(stored.Identity.ToString(), stored.Chain, stored.Key, stored.SignatureSchemes);
            Names = ReadNames(stored);
        }

        internal StoredIdentity Stored { get; }

        internal Credential Credential { get; }

        internal IReadOnlyList<string> Names { get; }

        internal bool IsSame(StoredIdentity other) =>
            Stored.Fingerprint.Span.SequenceEqual(other.Fingerprint.Span) && Stored.Key == other.Key && Stored.Roles == other.Roles
            // Another host of a cluster may have the same certificate with another chain.
            && (Stored.NotBefore, Stored.NotAfter) == (other.NotBefore, other.NotAfter)
            && Stored.SignatureSchemes.SequenceEqual(other.SignatureSchemes)
            && Stored.Chain.Count == other.Chain.Count
            && Stored.Chain.Zip(other.Chain).All(pair => pair.First.Span.SequenceEqual(pair.Second.Span));

        private static IReadOnlyList<string> ReadNames(StoredIdentity stored)
        {
            try
            {
                return CertificateFacts.Read(stored.Chain[0].Span).DnsNames;
            }
            catch (CertificateException)
            {
                // It was read when it was added; one that cannot be read any more speaks for its identity only.
                return [];
            }
        }
    }
}
