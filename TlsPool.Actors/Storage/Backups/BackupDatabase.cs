namespace TlsPool.Actors.Storage.Backups;

/// <summary>A database in a backup.</summary>
/// <param name="Name">Its file name in <c>dbenv_dir</c>.</param>
/// <param name="Schema">Version of its schema.</param>
/// <param name="Size">Its length in bytes.</param>
/// <param name="Sha256">SHA-256 of its content, in hexadecimal digits.</param>
public sealed record BackupDatabase(string Name, long Schema, long Size, string Sha256);
