namespace TlsPool.Actors.Storage.Backups;

/// <summary>A directory beside the databases for files that are not complete yet; removed with everything in it.</summary>
internal sealed class StagingDirectory : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Makes one that only its owner may enter.</summary>
    internal StagingDirectory(string parent, string purpose)
    {
        Path = System.IO.Path.Combine(parent, $"{purpose}-{Guid.NewGuid():N}");
        Directory.CreateDirectory(Path, OwnerOnly);
    }

    internal string Path { get; }

    internal string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
