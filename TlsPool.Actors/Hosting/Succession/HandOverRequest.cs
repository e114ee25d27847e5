using System.Globalization;
using System.Net.Sockets;
using TlsPool.Protocol.IO;
using TlsPool.Protocol.Transport;

namespace TlsPool.Actors.Hosting.Succession;

/// <summary>Asks a running daemon to hand over to the program that is installed now.</summary>
public static class HandOverRequest
{
    /// <summary>Longer than the daemon tries.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromMinutes(3);

    /// <summary>Asks the daemon that has a PID file to hand over.</summary>
    /// <param name="pidFile">The PID file.</param>
    /// <param name="cancellation">Stops waiting; the hand-over goes on.</param>
    /// <returns>The process that serves now.</returns>
    /// <exception cref="DaemonException">It did not, for a reason that it gives.</exception>
    public static async Task<int> AskAsync(string pidFile, CancellationToken cancellation)
    {
        string path = HandOverPoint.PathFor(pidFile);
        try
        {
            using DescriptorChannel channel = await DescriptorChannel.ConnectAsync(path, cancellation).ConfigureAwait(false)
                ?? throw new DaemonException($"no daemon hands over at {path}: none runs, or one of an earlier version, which 'tlspool -k' replaces");
            channel.Send(HandOverPoint.Ask);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(AnswerTime);
            (char kind, string text, SafeDescriptor? descriptor) = await channel.ReceiveAsync(limit.Token).ConfigureAwait(false);
            descriptor?.Dispose();
            return kind == HandOverPoint.Done && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int process)
                ? process
                : throw new DaemonException($"no hand-over, the running daemon goes on: {text}");
        }
        catch (SocketException exception)
        {
            throw new DaemonException($"{path}: {exception.Message}");
        }
        catch (IOException)
        {
            throw new DaemonException("the running daemon has ended, or does not hand over for this user: ask as root or as its own user");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new DaemonException("the running daemon does not answer: see its log");
        }
    }
}
