using TlsPool.Protocol.Identities;

namespace TlsPool.Actors.Access;

/// <summary>Whether an application may use a local identity.</summary>
/// <param name="Allowed">True if it may.</param>
/// <param name="Key">The selector whose rules decided; null if none has any.</param>
/// <param name="Rule">The rule that let it in; null if none did, or none was needed.</param>
/// <param name="Reason">Why, for people.</param>
public sealed record AccessVerdict(bool Allowed, Selector? Key, AccessRule? Rule, string Reason);
