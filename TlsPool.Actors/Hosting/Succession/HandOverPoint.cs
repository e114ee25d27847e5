using System.Globalization;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Configuration;
using TlsPool.Protocol.IO;
using TlsPool.Protocol.Transport;

namespace TlsPool.Actors.Hosting.Succession;

/// <summary>
/// The socket beside the PID file at which root and the daemon's own user ask for a hand-over, and hear how it went. A signal could ask, but
/// has no answer.
/// </summary>
/// <param name="socket">The socket.</param>
/// <param name="handOver">Hands over.</param>
internal sealed class HandOverPoint(ServerSocket socket, Func<Task<(int Successor, string Reason)>> handOver)
{
    internal const char Ask = 'H';
    internal const char Done = 'D';
    internal const char Refused = 'R';

    private static readonly TimeSpan AskTime = TimeSpan.FromSeconds(10);

    /// <summary>Opens the socket, or goes on with that of the daemon before.</summary>
    /// <returns>Null if it cannot be had: that is no reason not to serve.</returns>
    internal static ServerSocket? Open(string pidFile, Inheritance? inheritance, ILogger log)
    {
        if (pidFile.Length == 0 || inheritance?.Point is not null)
            return inheritance?.Point;
        try
        {
            return ServerSocket.Create(new SocketConfiguration(PathFor(pidFile), "", "", UnixFileMode.UserRead | UnixFileMode.UserWrite));
        }
        catch (DaemonException exception)
        {
            log.LogWarning("'tlspool --hand-over' will not reach this daemon: {Reason}", exception.Message);
            return null;
        }
    }

    /// <summary>Answers until it is told to end.</summary>
    internal async Task ServeAsync(CancellationToken cancellation)
    {
        // Not the one that a successor gets.
        using var listening = new Socket(new SafeSocketHandle(socket.Descriptor.Duplicate().Detach(), ownsHandle: true));
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                Socket asking = await listening.AcceptAsync(cancellation).ConfigureAwait(false);
                _ = AnswerAsync(asking);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException)
            {
                // Out of descriptors, for example: whoever asks may wait.
                await Task.Delay(AskTime, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Where it is.</summary>
    internal static string PathFor(string pidFile) => pidFile + ".hand-over";

    private async Task AnswerAsync(Socket asking)
    {
        using var channel = new DescriptorChannel(asking);
        if (SocketOwner.Of(asking) is not { MayHandOver: true })
            return;
        try
        {
            using var limit = new CancellationTokenSource(AskTime);
            (char kind, _, SafeDescriptor? descriptor) = await channel.ReceiveAsync(limit.Token).ConfigureAwait(false);
            descriptor?.Dispose();
            if (kind != Ask)
                return;
            (int successor, string reason) = await handOver().ConfigureAwait(false);
            channel.Send(successor != 0 ? Done : Refused, successor != 0 ? successor.ToString(CultureInfo.InvariantCulture) : reason);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // Whoever asked has gone.
            return;
        }
    }
}
