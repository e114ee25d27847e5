namespace TlsPool.Actors.Storage;

/// <summary>A disclosure entry or access rule in the database that cannot be read. Until it is removed, its selector shows and lets in nobody.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Selector">Its selector, as the database says: any text.</param>
public sealed record DamagedRule(long Id, string Selector);
