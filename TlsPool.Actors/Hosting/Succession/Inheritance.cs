using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using TlsPool.Actors.Interop;
using TlsPool.Crypto.Handshakes;
using TlsPool.Protocol.IO;
using TlsPool.Protocol.Transport;
using static TlsPool.Actors.Hosting.Succession.SuccessionProtocol;

namespace TlsPool.Actors.Hosting.Succession;

/// <summary>A successor's side of the hand-over: what it gets from the daemon that started it, and when it takes over.</summary>
internal sealed class Inheritance : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly DescriptorChannel _channel;
    private readonly List<ServerSocket> _own = [];
    private readonly List<ServerSocket> _manager = [];
    private readonly List<TicketKey> _tickets = [];
    private SafeDescriptor? _notifier;
    private TimeSpan? _watchdogInterval;

    private Inheritance(DescriptorChannel channel) => _channel = channel;

    /// <summary>Sockets that the daemon before has made.</summary>
    internal IReadOnlyList<ServerSocket> OwnSockets => _own;

    /// <summary>Sockets of the service manager.</summary>
    internal IReadOnlyList<ServerSocket> ManagerSockets => _manager;

    /// <summary>Where hand-overs are asked for; null if that is nowhere.</summary>
    internal ServerSocket? Point { get; private set; }

    /// <summary>The PID file; null if there is none.</summary>
    internal PidFile? PidFile { get; private set; }

    /// <summary>Receives it from the daemon that started this process.</summary>
    /// <exception cref="DaemonException">No daemon did, or what it gives cannot be used.</exception>
    internal static async Task<Inheritance> ReceiveAsync()
    {
        var inheritance = new Inheritance(new DescriptorChannel(Adopt()));
        try
        {
            await inheritance.ReadAsync().ConfigureAwait(false);
            return inheritance;
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            inheritance.Dispose();
            throw new DaemonException("the daemon that hands over has ended or says nothing");
        }
        catch (DaemonException failure)
        {
            inheritance.Fail(failure.Message);
            inheritance.Dispose();
            throw;
        }
    }

    /// <summary>Goes on with the daemon's connection to the service manager.</summary>
    internal ServiceNotifier TakeNotifier()
    {
        (SafeDescriptor? connection, _notifier) = (_notifier, null);
        return new ServiceNotifier(connection, _watchdogInterval);
    }

    /// <summary>Opens what the daemon's ring has sealed, and from now on what this one seals.</summary>
    internal void GiveTickets(TicketKeyRing? ring)
    {
        ring?.Import(_tickets);
        _tickets.ForEach(key => key.Dispose());
        _tickets.Clear();
    }

    /// <summary>Says that all is ready, waits until the daemon has stopped accepting, and takes its place.</summary>
    /// <param name="accept">Begins to accept.</param>
    /// <exception cref="DaemonException">The daemon goes on instead.</exception>
    internal async Task TakeOverAsync(Action accept)
    {
        await SayAndWaitAsync(Ready, Go).ConfigureAwait(false);
        PidFile?.Share();
        accept();
        await SayAndWaitAsync(Taken, Yours).ConfigureAwait(false);
    }

    /// <summary>The next connection that the daemon before has no use for any more; null when it has ended.</summary>
    internal async Task<(string Path, SafeDescriptor Socket)?> NextConnectionAsync(CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                (char kind, string path, SafeDescriptor? socket) = await _channel.ReceiveAsync(cancellation).ConfigureAwait(false);
                if (kind == Connection && socket is not null)
                    return (path, socket);
                socket?.Dispose();
            }
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Tells the daemon why this process cannot take over.</summary>
    internal void Fail(string reason)
    {
        try
        {
            _channel.Send(Failed, reason);
        }
        catch (IOException)
        {
            // It knows why, then: it has ended.
            return;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _channel.Dispose();
        _notifier?.Dispose();
        _tickets.ForEach(key => key.Dispose());
    }

    /// <summary>The pair has to be made by whoever may hand over.</summary>
    private static Socket Adopt()
    {
        var descriptor = new SafeDescriptor(Descriptor);
        if (!SocketKind.Inspect(descriptor).IsConnected)
        {
            _ = descriptor.Detach();
            throw NotForUsers();
        }
        _ = Libc.fcntl(Descriptor, Libc.F_SETFD, Libc.FD_CLOEXEC);
        var socket = new Socket(new SafeSocketHandle(descriptor.Detach(), ownsHandle: true));
        if (SocketOwner.Of(socket) is { MayHandOver: true })
            return socket;
        socket.Dispose();
        throw NotForUsers();
    }

    private static DaemonException NotForUsers() =>
        new($"{DaemonOptions.SuccessorOption} is for a daemon that hands over to this process: use 'tlspool --hand-over'");

    private async Task ReadAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        byte[] block = GC.AllocateArray<byte>(DescriptorChannel.MaxText + 1, pinned: true);
        char kind;
        do
        {
            SafeDescriptor? descriptor = await _channel.ReceiveAsync(block, limit.Token).ConfigureAwait(false);
            kind = (char)block[0];
            if (kind == Ticket && ReadTicket(block.AsSpan(1)) is { } key)
                _tickets.Add(key);
            else
                Take(kind, Encoding.UTF8.GetString(block.AsSpan(1)).TrimEnd('\0'), descriptor);
            CryptographicOperations.ZeroMemory(block);
        }
        while (kind != End);
    }

    private void Take(char kind, string text, SafeDescriptor? descriptor)
    {
        switch (kind)
        {
            case OwnSocket when descriptor is not null:
                _own.Add(ServerSocket.Inherit(text, descriptor, isManagers: false));
                break;
            case ManagerSocket when descriptor is not null:
                _manager.Add(ServerSocket.Inherit(text, descriptor, isManagers: true));
                break;
            case SuccessionProtocol.Point when descriptor is not null:
                Point = ServerSocket.Inherit(text, descriptor, isManagers: false);
                break;
            case SuccessionProtocol.PidFile when descriptor is not null:
                PidFile = Hosting.PidFile.Inherit(text, descriptor);
                break;
            case Notifier when descriptor is not null:
                _notifier = descriptor;
                _watchdogInterval = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds)
                    ? TimeSpan.FromMicroseconds(microseconds)
                    : null;
                break;
            default:
                // What a later version adds.
                descriptor?.Dispose();
                break;
        }
    }

    /// <summary>A daemon that is gone has left its place, whatever it still wanted to say.</summary>
    private async Task SayAndWaitAsync(char say, char expected)
    {
        char kind;
        try
        {
            _channel.Send(say);
            (kind, _, SafeDescriptor? descriptor) = await _channel.ReceiveAsync(CancellationToken.None).ConfigureAwait(false);
            descriptor?.Dispose();
        }
        catch (IOException)
        {
            return;
        }
        if (kind != expected)
            throw new DaemonException("the daemon that was to hand over goes on instead");
    }
}
