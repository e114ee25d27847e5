using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using TlsPool.Protocol.IO;

namespace TlsPool.Actors.Hosting;

/// <summary>
/// What is told to the service manager that started this process (sd_notify(3)); nothing if there is none. It is connected to at once, as
/// its socket may be out of reach after a change of user or root.
/// </summary>
public sealed class ServiceNotifier : IDisposable
{
    private const string Variable = "NOTIFY_SOCKET";

    private volatile Socket? _socket;

    /// <summary>Connects to the manager; what this process starts does not take it for its own.</summary>
    public ServiceNotifier()
    {
        (_socket, WatchdogInterval) = (Connect(Environment.GetEnvironmentVariable(Variable)), ReadWatchdog());
        Environment.SetEnvironmentVariable(Variable, null);
    }

    /// <summary>Goes on with the connection of the daemon before this one.</summary>
    /// <param name="connection">What <see cref="Duplicate"/> made; null if it had no manager.</param>
    /// <param name="watchdogInterval">As <see cref="WatchdogInterval"/>.</param>
    internal ServiceNotifier(SafeDescriptor? connection, TimeSpan? watchdogInterval) =>
        (_socket, WatchdogInterval) = (connection is null ? null : Adopt(connection), watchdogInterval);

    /// <summary>How often it wants to hear that the daemon is alive; null if it does not.</summary>
    public TimeSpan? WatchdogInterval { get; }

    /// <summary>A second descriptor of the connection to the manager, which knows the sender of each message whoever connected; null if there is none.</summary>
    /// <exception cref="IOException">Out of descriptors.</exception>
    internal SafeDescriptor? Duplicate() => _socket is { } socket ? SafeDescriptor.DuplicateOf(socket) : null;

    /// <summary>Another process is the daemon from now on, and this one says no more.</summary>
    internal void Leave(int successor)
    {
        Notify(string.Create(CultureInfo.InvariantCulture, $"MAINPID={successor}"));
        Dispose();
    }

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
    public void Dispose() => Interlocked.Exchange(ref _socket, null)?.Dispose();

    private void Notify(string state)
    {
        try
        {
            _socket?.Send(Encoding.UTF8.GetBytes(state));
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // A manager that does not listen misses something; the daemon does not.
            return;
        }
    }

    private static Socket Adopt(SafeDescriptor connection) =>
        new(new SafeSocketHandle(connection.Detach(), ownsHandle: true)) { Blocking = false };

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
