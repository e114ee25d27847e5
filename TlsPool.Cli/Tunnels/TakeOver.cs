using System.Net.Sockets;
using TlsPool.Protocol.IO;
using TlsPool.Protocol.Transport;

namespace TlsPool.Cli.Tunnels;

/// <summary>A tunnel's place, taken over from the one before: first the listening socket, then the connections that control its sessions.</summary>
internal sealed class TakeOver : IDisposable
{
    private readonly DescriptorChannel _channel;

    private TakeOver(DescriptorChannel channel, ListeningSocket listening) => (_channel, Listening) = (channel, listening);

    /// <summary>The socket that it has listened on.</summary>
    internal ListeningSocket Listening { get; }

    /// <summary>Asks the tunnel at the path for its listening socket; null if there is no tunnel.</summary>
    /// <exception cref="CommandException">It refuses, or goes away.</exception>
    internal static async Task<TakeOver?> BeginAsync(TunnelSettings settings, CancellationToken cancellation)
    {
        DescriptorChannel? channel = null;
        try
        {
            channel = await DescriptorChannel.ConnectAsync(settings.HandOver!, cancellation).ConfigureAwait(false);
            if (channel is null)
                return null;
            channel.Send(HandOver.Take, settings.Listen.ToString());
            (char kind, string text, SafeDescriptor? descriptor) = await HandOver.ReceiveAsync(channel, cancellation).ConfigureAwait(false);
            if (kind != HandOver.Listening || descriptor is null)
            {
                descriptor?.Dispose();
                throw new CommandException($"--hand-over {settings.HandOver}: {(kind == HandOver.Refused ? TerminalText.Printable(text) : "there is something else than a tunnel")}");
            }
            return new TakeOver(channel, ListeningSocket.Adopt(descriptor));
        }
        catch (Exception exception) when (exception is IOException or SocketException || (exception is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            channel?.Dispose();
            throw new CommandException($"--hand-over {settings.HandOver}: the tunnel there does not answer as it should ({exception.Message})");
        }
        catch
        {
            channel?.Dispose();
            throw;
        }
    }

    /// <summary>Receives the connections, once the other tunnel has nothing more to set up.</summary>
    /// <exception cref="IOException">It ended without a word, and its sessions with it.</exception>
    internal async Task<IReadOnlyList<SafeDescriptor>> ReceiveAsync(CancellationToken cancellation)
    {
        var connections = new List<SafeDescriptor>();
        while (true)
        {
            (char kind, _, SafeDescriptor? descriptor) = await _channel.ReceiveAsync(cancellation).ConfigureAwait(false);
            if (descriptor is not null)
                connections.Add(descriptor);
            if (kind == HandOver.End)
                return connections;
        }
    }

    /// <summary>Lets the other tunnel end.</summary>
    /// <exception cref="IOException">It has ended.</exception>
    internal void Confirm() => _channel.Send(HandOver.Taken);

    /// <inheritdoc/>
    public void Dispose() => _channel.Dispose();
}
