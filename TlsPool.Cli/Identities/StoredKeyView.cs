namespace TlsPool.Cli.Identities;

/// <summary>A key for scripts.</summary>
/// <param name="Key">Its reference.</param>
/// <param name="UsedBy">Identities with a credential that has this key.</param>
internal sealed record StoredKeyView(string Key, IReadOnlyList<string> UsedBy);
