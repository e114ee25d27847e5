using TlsPool.Protocol.Identities;

namespace TlsPool.Actors.Disclosure;

/// <summary>A choice to be kept: what a person asked to store, once the handshake has succeeded (behaviour.md, "LIDENTRY").</summary>
/// <param name="Remote">For whom.</param>
/// <param name="Shown">What is shown.</param>
/// <param name="AtFront">True for the front of the selector's entries, false for their end.</param>
/// <param name="Adds">True to store what is not there yet.</param>
/// <param name="Moves">True to move what is there already.</param>
public sealed record DisclosureChange(Selector Remote, Disclosed Shown, bool AtFront, bool Adds, bool Moves);
