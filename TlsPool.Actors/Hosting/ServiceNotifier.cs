using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace TlsPool.Actors.Hosting;

/// <summary>
/// What is told to the service manager that started this process (sd_notify(3)); nothing if there is none. It is connected to at once, as
/// its socket may be out of reach after a change of user or root.
/// </summary>
public sealed class ServiceNotifier : IDisposable
{
    private const string Variable = "NOTIFY_SOCKET";

    private readonly Socket? _socket = Connect(Environment.GetEnvironmentVariable(Variable));

    /// <summary>Connects to the manager; what this process starts does not take it for its own.</summary>
    public ServiceNotifier() => Environment.SetEnvironmentVariable(Variable, null);

    /// <summary>How often it wants to hear that the daemon is alive; null if it does not.</summary>
    public TimeSpan? WatchdogInterval { get; } = ReadWatchdog();

    /// <summary>The daemon serves.</summary>
    public void Ready() => Notify("READY=1");

    /// <summary>The daemon reads its configuration again; <see cref="Ready"/> follows.</summary>
    public void Reloading()
    {
        long microseconds = (long)(Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1e6));
        Notify(string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={microseconds}"));
    }

    /// <summary>The daemon ends.</summary>
    public void Stopping() => Notify("STOPPING=1");

    /// <summary>The daemon is alive.</summary>
    public void Alive() => Notify("WATCHDOG=1");

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();

    private void Notify(string state)
    {
        try
        {
            _socket?.Send(Encoding.UTF8.GetBytes(state));
        }
        catch (SocketException)
        {
            // A manager that does not listen misses something; the daemon does not.
            return;
        }
    }

    private static Socket? Connect(string? path)
    {
        if (string.IsNullOrEmpty(path))
            return null;
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            // A leading @ stands for the NUL of an abstract name.
            socket.Connect(new UnixDomainSocketEndPoint(path[0] == '@' ? '\0' + path[1..] : path));
            return socket;
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            socket.Dispose();
            return null;
        }
    }

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
