using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace TlsPool.Actors.Cluster.Membership;

/// <summary>The cluster as the daemon of this host saw it last, in a file that commands read.</summary>
public sealed class ClusterStatusFile
{
    /// <summary>Its name in <c>dbenv_dir</c>.</summary>
    public const string FileName = "cluster.json";

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly string _path;
    private readonly ILogger _log;
    private readonly Lock _lock = new();

    /// <summary>The file of a directory.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="log">Log of the facility CLUSTER.</param>
    internal ClusterStatusFile(string directory, ILogger log) => (_path, _log) = (Path.Combine(directory, FileName), log);

    /// <summary>Reads the file of a directory.</summary>
    /// <returns>Null if no daemon of that directory is in a cluster.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    public static ClusterStatus? Read(string directory)
    {
        try
        {
            ClusterStatus? status = JsonSerializer.Deserialize<ClusterStatus>(File.ReadAllBytes(Path.Combine(directory, FileName)), Options);
            // One that was killed has left it behind.
            return status is not null && Directory.Exists(FormattableString.Invariant($"/proc/{status.Process}")) ? status : null;
        }
        catch (Exception none) when (none is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes it anew. Any thread; what cannot be written is told in the log.</summary>
    internal void Write(ClusterView view)
    {
        lock (_lock)
        {
            try
            {
                string next = _path + ".new";
                using (FileStream file = new(next, new FileStreamOptions
                {
                    Mode = FileMode.Create,
                    Access = FileAccess.Write,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead,
                }))
                    JsonSerializer.Serialize(file, new ClusterStatus(Environment.ProcessId, DateTimeOffset.UtcNow, view.Self, view.WireVersion, view.Nodes), Options);
                File.Move(next, _path, overwrite: true);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                _log.LogWarning("{File} cannot be written: {Reason}", _path, failure.Message);
            }
        }
    }

    /// <summary>Takes it away.</summary>
    internal void Remove()
    {
        lock (_lock)
            File.Delete(_path);
    }
}
