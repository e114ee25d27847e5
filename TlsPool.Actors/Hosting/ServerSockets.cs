using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Configuration;
using TlsPool.Actors.Hosting.Succession;

namespace TlsPool.Actors.Hosting;

/// <summary>
/// The sockets a daemon serves: those of the service manager (sd_listen_fds(3)), those of the daemon before that it hands over, and the
/// configured ones that are not among them.
/// </summary>
internal static class ServerSockets
{
    private const int FirstDescriptor = 3;
    private const int MaxDescriptors = 64;

    /// <summary>Opens all of them, or none.</summary>
    /// <exception cref="DaemonException">One cannot be had.</exception>
    internal static IReadOnlyList<ServerSocket> Open(ImmutableArray<SocketConfiguration> configured, Inheritance? inheritance)
    {
        var sockets = new List<ServerSocket>();
        try
        {
            foreach (int number in Activated())
                sockets.Add(ServerSocket.Adopt(number));
            sockets.AddRange(inheritance?.ManagerSockets ?? []);
            bool activated = sockets.Count > 0;
            sockets.AddRange(inheritance?.OwnSockets.Where(socket => configured.Any(wanted => wanted.Path == socket.Path)) ?? []);
            foreach (SocketConfiguration socket in configured)
            {
                // Who uses activation and configures nothing does not mean the default socket as well.
                bool unasked = activated && socket.Path == SocketConfiguration.DefaultPath;
                if (!unasked && !sockets.Exists(existing => existing.Path == socket.Path))
                    sockets.Add(ServerSocket.Create(socket));
            }
            return sockets;
        }
        catch (DaemonException)
        {
            foreach (ServerSocket socket in sockets)
            {
                socket.Descriptor.Dispose();
                socket.RemoveFile();
            }
            throw;
        }
    }

    /// <summary>Opens the socket for programs that manage the pool; null for none.</summary>
    /// <param name="configuration">Which.</param>
    /// <param name="inheritance">What the daemon before hands over; null for nothing.</param>
    /// <param name="log">Hears why there is none that nobody has asked for.</param>
    /// <exception cref="DaemonException">One that was asked for cannot be had.</exception>
    internal static ServerSocket? OpenForManagement(ManagementConfiguration configuration, Inheritance? inheritance, ILogger log)
    {
        if (configuration.Socket is null)
            return null;
        try
        {
            return InheritOrCreate(configuration.Socket, inheritance);
        }
        catch (DaemonException failure) when (configuration.IsDefaultSocket)
        {
            log.LogWarning("this pool cannot be managed while it runs: {Reason}; see manage_socket", failure.Message);
            return null;
        }
    }

    /// <summary>Opens the socket of HTTP; null for none.</summary>
    /// <exception cref="DaemonException">It cannot be had.</exception>
    internal static ServerSocket? OpenForHttp(ManagementConfiguration configuration, Inheritance? inheritance) =>
        configuration.HttpSocket is { } socket ? InheritOrCreate(socket, inheritance) : null;

    private static ServerSocket InheritOrCreate(SocketConfiguration wanted, Inheritance? inheritance) =>
        inheritance?.OwnSockets.FirstOrDefault(socket => socket.Path == wanted.Path) ?? ServerSocket.Create(wanted);

    private static IEnumerable<int> Activated()
    {
        string? process = Environment.GetEnvironmentVariable("LISTEN_PID");
        string? count = Environment.GetEnvironmentVariable("LISTEN_FDS");
        // Children must not take them for theirs.
        foreach (string name in new[] { "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES" })
            Environment.SetEnvironmentVariable(name, null);
        if (process != Environment.ProcessId.ToString(CultureInfo.InvariantCulture)
            || !int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out int descriptors))
            return [];
        return Enumerable.Range(FirstDescriptor, Math.Min(descriptors, MaxDescriptors));
    }
}
