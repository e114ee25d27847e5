using TlsPool.Actors.Interop;

namespace TlsPool.Actors.Hosting;

/// <summary>Signals to other processes (kill(2)).</summary>
public static class ProcessSignals
{
    private const int Sighup = 1;
    private const int Sigterm = 15;
    private const nint DefaultAction = 0;

    /// <summary>Asks a process to end (SIGTERM).</summary>
    /// <param name="process">Process number, above 1.</param>
    /// <returns>False if there is no such process, or it is another user's.</returns>
    public static bool Terminate(int process)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(process, 1);
        return Libc.kill(process, Sigterm) == 0;
    }

    /// <summary>
    /// Hears the signals that steer a daemon even if whoever started it ignored them, as nohup(1) does: the runtime leaves ignored ones alone.
    /// Call it before handlers are registered.
    /// </summary>
    internal static void Hear()
    {
        _ = Libc.signal(Sighup, DefaultAction);
        _ = Libc.signal(Sigterm, DefaultAction);
    }
}
