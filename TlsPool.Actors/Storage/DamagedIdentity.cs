namespace TlsPool.Actors.Storage;

/// <summary>A credential in the database that cannot be read.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Name">Whose it is, as the database says: any text.</param>
public sealed record DamagedIdentity(long Id, string Name);
