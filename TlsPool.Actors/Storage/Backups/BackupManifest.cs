namespace TlsPool.Actors.Storage.Backups;

/// <summary>What a backup holds: the first file in it.</summary>
/// <param name="Format">Version of the layout of backups.</param>
/// <param name="Program">Version of the program that made it.</param>
/// <param name="Made">When.</param>
/// <param name="Databases">The databases, in the order in which they follow.</param>
public sealed record BackupManifest(int Format, string Program, DateTimeOffset Made, IReadOnlyList<BackupDatabase> Databases)
{
    /// <summary>The layout that this program writes and reads.</summary>
    internal const int CurrentFormat = 1;

    /// <summary>Its name in the backup.</summary>
    internal const string FileName = "manifest.json";
}
