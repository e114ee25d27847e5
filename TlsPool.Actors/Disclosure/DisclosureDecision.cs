using TlsPool.Protocol.Identities;

namespace TlsPool.Actors.Disclosure;

/// <summary>What the disclosure database says about one session.</summary>
/// <param name="Allowed">False if the session is refused.</param>
/// <param name="LocalId">Whom to be, if it is allowed; empty for nobody.</param>
/// <param name="Key">The selector that decided; null if none has entries.</param>
/// <param name="Reason">Why, for people.</param>
public sealed record DisclosureDecision(bool Allowed, string LocalId, Selector? Key, string Reason)
{
    /// <summary>True if the deciding rule lists local identities, and none of them can be used.</summary>
    public bool IsStuck { get; init; }
}
