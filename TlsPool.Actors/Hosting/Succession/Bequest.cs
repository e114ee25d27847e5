using System.Globalization;
using TlsPool.Crypto.Handshakes;
using TlsPool.Protocol.IO;
using TlsPool.Protocol.Transport;

namespace TlsPool.Actors.Hosting.Succession;

/// <summary>What a daemon has that its successor gets, and what becomes of it here.</summary>
/// <param name="sockets">Sockets that it serves.</param>
/// <param name="point">Where hand-overs are asked for, or null.</param>
/// <param name="pidFile">The PID file, or null.</param>
/// <param name="manager">The service manager.</param>
internal sealed class Bequest(IReadOnlyList<ServerSocket> sockets, ServerSocket? point, PidFile? pidFile, ServiceNotifier manager)
{
    /// <summary>Sends it all. Nothing changes here by that.</summary>
    /// <exception cref="IOException">The successor is gone.</exception>
    internal void SendTo(DescriptorChannel channel, TicketKeyRing? tickets)
    {
        // One whose file somebody has removed is of no use: the successor makes another.
        foreach (ServerSocket socket in sockets.Where(socket => socket.IsOurs || socket.IsManagers))
            channel.Send(socket.IsManagers ? SuccessionProtocol.ManagerSocket : SuccessionProtocol.OwnSocket, socket.Path, socket.Descriptor);
        if (point is { IsOurs: true })
            channel.Send(SuccessionProtocol.Point, point.Path, point.Descriptor);
        pidFile?.SendTo(channel, SuccessionProtocol.PidFile);
        using (SafeDescriptor? notifier = manager.Duplicate())
        {
            if (notifier is not null)
                channel.Send(SuccessionProtocol.Notifier, manager.WatchdogInterval?.TotalMicroseconds.ToString("0", CultureInfo.InvariantCulture) ?? "", notifier);
        }
        foreach (TicketKey key in tickets?.Export() ?? [])
        {
            using (key)
                SuccessionProtocol.Send(channel, key);
        }
        channel.Send(SuccessionProtocol.End);
    }

    /// <summary>Lets the successor have the PID file as well, while this process still has it.</summary>
    internal void Share() => pidFile?.Share();

    /// <summary>It is all this process's again.</summary>
    internal void Reclaim() => pidFile?.Own();

    /// <summary>It is the successor's: nothing of it is removed or told by this process any more.</summary>
    internal void Leave(int successor)
    {
        foreach (ServerSocket socket in sockets)
            socket.Leave();
        point?.Leave();
        point?.Descriptor.Dispose();
        pidFile?.Leave();
        manager.Leave(successor);
    }
}
