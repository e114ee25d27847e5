using System.Net;
using System.Net.Sockets;
using TlsPool.Protocol.IO;

namespace TlsPool.Cli.Tunnels;

/// <summary>The socket that a tunnel accepts on. The path of a UNIX socket goes when it is disposed.</summary>
internal sealed class ListeningSocket : IDisposable
{
    private const int Backlog = 4096;
    private const UnixFileMode PathMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    private readonly Socket _socket;

    private ListeningSocket(Socket socket, TunnelAddress address) => (_socket, Address) = (socket, address);

    /// <summary>Where it really listens: the port that the kernel chose.</summary>
    internal TunnelAddress Address { get; }

    /// <summary>Starts listening.</summary>
    /// <exception cref="CommandException">The address cannot be used.</exception>
    internal static ListeningSocket Open(TunnelAddress address)
    {
        try
        {
            return address.Path is { } path ? OpenPath(address, path) : OpenPort(address);
        }
        catch (SocketException taken)
        {
            throw new CommandException($"cannot listen on {address}: {taken.Message}");
        }
    }

    /// <summary>A descriptor of the socket, for an event loop.</summary>
    internal SafeDescriptor Duplicate() => SafeDescriptor.DuplicateOf(_socket);

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static ListeningSocket OpenPort(TunnelAddress address)
    {
        IPAddress host = address.Host!.Length == 0 ? IPAddress.IPv6Any
            : Dns.GetHostAddresses(address.Host) is [var first, ..] ? first
            : throw new CommandException($"{address.Host} has no address to listen on");
        if (address.Host.Length == 0 && !Socket.OSSupportsIPv6)
            host = IPAddress.Any;
        var socket = new Socket(host.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        return Listen(socket, address, new IPEndPoint(host, address.Port), dual: address.Host.Length == 0);
    }

    private static ListeningSocket OpenPath(TunnelAddress address, string path)
    {
        if (address.NamesIdentities)
            throw new CommandException("%L and %R have a meaning in --connect only");
        RemoveAbandoned(path);
        ListeningSocket listening = Listen(
            new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified), address, new UnixDomainSocketEndPoint(path), dual: false);
        File.SetUnixFileMode(path, PathMode);
        return listening;
    }

    private static ListeningSocket Listen(Socket socket, TunnelAddress address, EndPoint where, bool dual)
    {
        try
        {
            if (dual && socket.AddressFamily == AddressFamily.InterNetworkV6)
                socket.DualMode = true;
            if (where is IPEndPoint)
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, optionValue: true);
            socket.Bind(where);
            socket.Listen(Backlog);
            return new ListeningSocket(socket, socket.LocalEndPoint is IPEndPoint bound ? address with { Port = bound.Port } : address);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A socket that nobody listens on was left behind by a process that died.</summary>
    private static void RemoveAbandoned(string path)
    {
        if (!File.Exists(path))
            return;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException nobody) when (nobody.SocketErrorCode == SocketError.ConnectionRefused)
        {
            if ((File.GetAttributes(path) & (FileAttributes.Directory | FileAttributes.ReparsePoint)) == 0 && new FileInfo(path).Length == 0)
                File.Delete(path);
        }
    }
}
