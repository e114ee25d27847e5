using System.Globalization;
using System.Net.Sockets;
using TlsPool.Protocol.IO;
using TlsPool.Protocol.Transport;

namespace TlsPool.Cli.Tunnels;

/// <summary>
/// Changes processes without losing a connection. The successor gets the listening socket at once and accepts from then on; this tunnel ends
/// what it is setting up, and passes on the connections that control its sessions. The pool does not notice: to it they are the same
/// connections. If the successor fails before it has everything, this tunnel goes on.
/// <code>
/// successor ──Take──►           ◄──Listening── ... set-ups end ... ◄──Connection* ──End──    ──Taken──► (this one ends)
/// </code>
/// </summary>
internal sealed class HandOver(TunnelSettings settings, TunnelLog log, Tunnel tunnel, ListeningSocket listening)
{
    internal const char Take = 'T';
    internal const char Refused = 'R';
    internal const char Listening = 'L';
    internal const char End = 'E';
    internal const char Taken = 'K';

    private const char Connection = 'C';

    /// <summary>How long the other side may take for an answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly List<SafeDescriptor> _inherited = [];
    private ListeningSocket? _point;

    /// <summary>Opens the path where nobody was before: a tunnel that says it is ready can be taken over.</summary>
    /// <exception cref="CommandException">It cannot be used.</exception>
    internal void Open() => _point = ListeningSocket.OpenPrivate(settings.HandOver!);

    /// <summary>Takes over what is left to take, and waits for a successor.</summary>
    /// <returns>True if one has taken over, false if this tunnel is to end.</returns>
    internal async Task<bool> RunAsync(TakeOver? taken, CancellationToken cancellation)
    {
        try
        {
            if (taken is not null)
                await InheritAsync(taken, cancellation).ConfigureAwait(false);
            ListeningSocket point = _point ?? ListeningSocket.OpenPrivate(settings.HandOver!);
            // The next successor finds this tunnel as soon as it does not find the one before.
            if (taken is not null)
                Confirm(taken);
            while (!await ServeAsync(point, cancellation).ConfigureAwait(false))
                point = ListeningSocket.OpenPrivate(settings.HandOver!);
            return true;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            _inherited.ForEach(connection => connection.Dispose());
        }
    }

    private async Task InheritAsync(TakeOver taken, CancellationToken cancellation)
    {
        try
        {
            _inherited.AddRange(await taken.ReceiveAsync(cancellation).ConfigureAwait(false));
            log.HandOver("the tunnel before this one has handed over its sessions");
        }
        catch (IOException)
        {
            log.HandOver("the tunnel before this one ended without handing over its sessions");
        }
    }

    private void Confirm(TakeOver taken)
    {
        try
        {
            taken.Confirm();
        }
        catch (IOException)
        {
            log.HandOver("the tunnel before this one has ended already");
        }
    }

    /// <summary>Serves one successor; true if it has taken over.</summary>
    private async Task<bool> ServeAsync(ListeningSocket point, CancellationToken cancellation)
    {
        DescriptorChannel channel;
        using (point)
            channel = new DescriptorChannel(await point.AcceptAsync(cancellation).ConfigureAwait(false));
        // The path is free for the successor's own.
        using (channel)
        {
            try
            {
                return await HandToAsync(channel, cancellation).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is IOException or SocketException || (exception is OperationCanceledException && !cancellation.IsCancellationRequested))
            {
                log.HandOver("a successor came and went: this tunnel goes on");
                tunnel.SetAccepting(true);
                return false;
            }
        }
    }

    private async Task<bool> HandToAsync(DescriptorChannel channel, CancellationToken cancellation)
    {
        (char kind, string listen, SafeDescriptor? descriptor) = await ReceiveAsync(channel, cancellation).ConfigureAwait(false);
        descriptor?.Dispose();
        if (kind != Take)
            return false;
        if (listen != settings.Listen.ToString())
        {
            channel.Send(Refused, $"the tunnel there listens on {settings.Listen}, and not on {listen}");
            return false;
        }
        tunnel.SetAccepting(false);
        using (SafeDescriptor socket = listening.Duplicate())
            channel.Send(Listening, listening.Address.ToString(), socket);
        await tunnel.SettleAsync(settings.Timeout + Patience, cancellation).ConfigureAwait(false);
        List<SafeDescriptor> connections = [.. tunnel.DuplicateConnections(), .. _inherited.Select(connection => connection.Duplicate())];
        try
        {
            foreach (SafeDescriptor connection in connections)
                channel.Send(Connection, "", connection);
            channel.Send(End);
        }
        finally
        {
            connections.ForEach(connection => connection.Dispose());
        }
        (kind, _, descriptor) = await ReceiveAsync(channel, cancellation).ConfigureAwait(false);
        descriptor?.Dispose();
        if (kind != Taken)
            throw new IOException("the successor says something else");
        log.HandOver(string.Create(CultureInfo.InvariantCulture, $"a successor has taken over, with {connections.Count} connection(s) to the pool"));
        return true;
    }

    /// <summary>Receives a message that is due.</summary>
    /// <exception cref="OperationCanceledException">It did not come in time, or the caller gave up.</exception>
    internal static async Task<(char Kind, string Text, SafeDescriptor? Descriptor)> ReceiveAsync(DescriptorChannel channel, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        return await channel.ReceiveAsync(limit.Token).ConfigureAwait(false);
    }
}
