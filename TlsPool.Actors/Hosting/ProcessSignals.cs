using TlsPool.Actors.Interop;

namespace TlsPool.Actors.Hosting;

/// <summary>Signals to other processes (kill(2)).</summary>
public static class ProcessSignals
{
    private const int Sigterm = 15;

    /// <summary>Asks a process to end (SIGTERM).</summary>
    /// <param name="process">Process number, above 1.</param>
    /// <returns>False if there is no such process, or it is another user's.</returns>
    public static bool Terminate(int process)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(process, 1);
        return Libc.kill(process, Sigterm) == 0;
    }
}
