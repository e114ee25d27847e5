namespace TlsPool.Actors.Hosting;

/// <summary>How a run of the daemon ended.</summary>
internal sealed class DaemonOutcome
{
    private volatile bool _failed;

    /// <summary>True if a vital part failed.</summary>
    internal bool Failed => _failed;

    internal void Fail() => _failed = true;
}
