using TlsPool.Protocol.Identities;

namespace TlsPool.Actors.Disclosure;

/// <summary>One entry of the disclosure database. Immutable.</summary>
/// <param name="Id">Its number in the database.</param>
/// <param name="Remote">To whom.</param>
/// <param name="Shown">What is shown.</param>
public sealed record DisclosureEntry(long Id, Selector Remote, Disclosed Shown);
