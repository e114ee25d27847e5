using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Hosting.Systemd;

namespace TlsPool.Actors.Hosting;

/// <summary>What is told to the service manager that started this process (sd_notify(3)); nothing if there is none.</summary>
public sealed class ServiceNotifier
{
    private readonly SystemdNotifier _notifier = new();

    /// <summary>How often it wants to hear that the daemon is alive; null if it does not.</summary>
    public TimeSpan? WatchdogInterval { get; } = ReadWatchdog();

    /// <summary>The daemon serves.</summary>
    public void Ready() => _notifier.Notify(ServiceState.Ready);

    /// <summary>The daemon reads its configuration again; <see cref="Ready"/> follows.</summary>
    public void Reloading()
    {
        long microseconds = (long)(Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1e6));
        _notifier.Notify(new ServiceState(string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={microseconds}")));
    }

    /// <summary>The daemon ends.</summary>
    public void Stopping() => _notifier.Notify(ServiceState.Stopping);

    /// <summary>The daemon is alive.</summary>
    public void Alive() => _notifier.Notify(new ServiceState("WATCHDOG=1"));

    /// <summary>What it does, in a few words.</summary>
    public void Status(string text) => _notifier.Notify(new ServiceState("STATUS=" + text));

    private static TimeSpan? ReadWatchdog()
    {
        string? interval = Environment.GetEnvironmentVariable("WATCHDOG_USEC");
        string? process = Environment.GetEnvironmentVariable("WATCHDOG_PID");
        bool forUs = process is null || process == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        return forUs && long.TryParse(interval, NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds) && microseconds > 0
            ? TimeSpan.FromMicroseconds(microseconds)
            : null;
    }
}
