namespace TlsPool.Cli.LocalIds;

/// <summary>An entry of the disclosure database, as the pool shows it before its question.</summary>
/// <param name="Remote">Its selector.</param>
/// <param name="Level">How many levels up from the remote identity.</param>
/// <param name="LocalId">The local identity; empty for nobody.</param>
internal sealed record StoredEntry(string Remote, int Level, string LocalId);
