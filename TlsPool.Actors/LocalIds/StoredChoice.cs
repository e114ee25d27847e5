namespace TlsPool.Actors.LocalIds;

/// <summary>An entry of the disclosure database that matches a session's remote identity. Immutable.</summary>
/// <param name="Remote">Its selector.</param>
/// <param name="Level">How many levels up from the remote identity the selector is.</param>
/// <param name="LocalId">The local identity; empty for nobody.</param>
public sealed record StoredChoice(string Remote, int Level, string LocalId);
