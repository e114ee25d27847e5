using System.Globalization;
using System.Net;
using System.Net.Sockets;
using TlsPool.Actors.Hosting;
using TlsPool.Protocol.IO;

namespace TlsPool.Cli.Tunnels;

/// <summary>The socket that a tunnel accepts on. The path of a UNIX socket that it made goes when it is disposed.</summary>
internal sealed class ListeningSocket : IDisposable
{
    private const int Backlog = 4096;
    private const int InheritedDescriptor = 3;
    private const UnixFileMode PathMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    private readonly Socket _socket;

    private ListeningSocket(Socket socket, TunnelAddress address) => (_socket, Address) = (socket, address);

    /// <summary>The path that the socket had before another process handed it over; this one removes it at its end.</summary>
    private string? AdoptedPath { get; init; }

    /// <summary>Where it really listens: the port that the kernel chose.</summary>
    internal TunnelAddress Address { get; }

    /// <summary>Starts listening.</summary>
    /// <exception cref="CommandException">The address cannot be used.</exception>
    internal static ListeningSocket Open(TunnelAddress address) => Open(address, PathMode);

    /// <summary>Starts listening where only this user may connect.</summary>
    /// <exception cref="CommandException">The address cannot be used.</exception>
    internal static ListeningSocket OpenPrivate(string path) => Open(new TunnelAddress(null, 0, path), UnixFileMode.UserRead | UnixFileMode.UserWrite);

    private static ListeningSocket Open(TunnelAddress address, UnixFileMode mode)
    {
        try
        {
            return address.IsInherited ? Inherit()
                : address.Path is { } path ? OpenPath(address, path, mode)
                : OpenPort(address);
        }
        catch (SocketException taken)
        {
            throw new CommandException($"cannot listen on {address}: {taken.Message}");
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new CommandException($"cannot listen on {address}: a socket's path has 1 to 107 bytes");
        }
    }

    /// <summary>Waits for a connection.</summary>
    internal Task<Socket> AcceptAsync(CancellationToken cancellation) => _socket.AcceptAsync(cancellation).AsTask();

    /// <summary>A descriptor of the socket, for an event loop.</summary>
    internal SafeDescriptor Duplicate() => SafeDescriptor.DuplicateOf(_socket);

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Dispose();
        if (AdoptedPath is not null)
            File.Delete(AdoptedPath);
    }

    /// <summary>Takes a socket that another process has listened on.</summary>
    /// <exception cref="CommandException">It is none.</exception>
    internal static ListeningSocket Adopt(SafeDescriptor listening)
    {
        using SafeDescriptor mine = listening;
        if (SocketKind.Inspect(mine) is not { IsStream: true, IsListening: true })
            throw new CommandException("what was handed over is no listening socket");
        var socket = new Socket(new SafeSocketHandle(mine.Detach(), ownsHandle: true));
        TunnelAddress address = AddressOf(socket);
        return new ListeningSocket(socket, address) { AdoptedPath = address.Path };
    }

    private static ListeningSocket OpenPort(TunnelAddress address)
    {
        IPAddress host = address.Host!.Length == 0 ? IPAddress.IPv6Any
            : Dns.GetHostAddresses(address.Host) is [var first, ..] ? first
            : throw new CommandException($"{address.Host} has no address to listen on");
        if (address.Host.Length == 0 && !Socket.OSSupportsIPv6)
            host = IPAddress.Any;
        var socket = new Socket(host.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        return Listen(socket, address, new IPEndPoint(host, address.Port), dual: address.Host.Length == 0, PathMode);
    }

    private static ListeningSocket OpenPath(TunnelAddress address, string path, UnixFileMode mode)
    {
        var where = new UnixDomainSocketEndPoint(path);
        RemoveAbandoned(path);
        return Listen(new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified), address, where, dual: false, mode);
    }

    /// <summary>The socket of a systemd unit with Accept=no (sd_listen_fds(3)).</summary>
    private static ListeningSocket Inherit()
    {
        if (Environment.GetEnvironmentVariable("LISTEN_PID") != Environment.ProcessId.ToString(CultureInfo.InvariantCulture)
            || Environment.GetEnvironmentVariable("LISTEN_FDS") != "1")
            throw new CommandException("--listen systemd takes the one socket of a systemd socket unit, and none was passed");
        using var inherited = new SafeDescriptor(InheritedDescriptor);
        if (SocketKind.Inspect(inherited) is not { IsStream: true, IsListening: true })
            throw new CommandException("--listen systemd: what was passed is no listening stream socket; the socket unit needs ListenStream= and Accept=no");
        var socket = new Socket(new SafeSocketHandle(inherited.Detach(), ownsHandle: true));
        return new ListeningSocket(socket, AddressOf(socket));
    }

    private static TunnelAddress AddressOf(Socket socket) => socket.LocalEndPoint switch
    {
        IPEndPoint bound => new TunnelAddress(bound.Address.ToString(), bound.Port, null),
        var path => new TunnelAddress(null, 0, path?.ToString()),
    };

    private static ListeningSocket Listen(Socket socket, TunnelAddress address, EndPoint where, bool dual, UnixFileMode mode)
    {
        try
        {
            if (dual && socket.AddressFamily == AddressFamily.InterNetworkV6)
                socket.DualMode = true;
            if (where is IPEndPoint)
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, optionValue: true);
            socket.Bind(where);
            // Before it listens: nobody can have connected.
            if (address.Path is { } path)
                File.SetUnixFileMode(path, mode);
            socket.Listen(Backlog);
            return new ListeningSocket(socket, socket.LocalEndPoint is IPEndPoint bound ? address with { Port = bound.Port } : address);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A socket that nobody listens on was left behind by a process that died. Anything else of that name stays.</summary>
    private static void RemoveAbandoned(string path)
    {
        if (!File.Exists(path) || FileIdentity.IsOtherThanSocket(path))
            return;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException nobody) when (nobody.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
        }
        catch (SocketException)
        {
            // Somebody is there but busy, or nothing can be said: binding fails then, and says so.
            return;
        }
    }
}
