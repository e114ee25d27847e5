using TlsPool.Protocol.Identities;

namespace TlsPool.Actors.Disclosure;

/// <summary>A selector that has entries and matches a certain remote identity.</summary>
/// <param name="Selector">The selector.</param>
/// <param name="Level">How many levels up from the remote identity it is; 0 is the identity itself.</param>
/// <param name="Entries">Its entries in their order, at least one.</param>
public sealed record DisclosureKey(Selector Selector, int Level, IReadOnlyList<DisclosureEntry> Entries);
