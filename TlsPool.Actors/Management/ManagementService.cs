using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Configuration;
using TlsPool.Actors.Connections;
using TlsPool.Actors.Hosting;
using TlsPool.Actors.Management.Access;
using TlsPool.Actors.Management.Remoting;
using TlsPool.Protocol.IO;
using TlsPool.Protocol.Transport;

namespace TlsPool.Actors.Management;

/// <summary>Accepts programs that manage the pool: at the UNIX socket, and if it is configured, over TLS with an identity of the pool.</summary>
/// <param name="socket">The UNIX socket.</param>
/// <param name="remote">The address to listen at for programs of other hosts; null for none.</param>
/// <param name="open">Makes what lets them in; the pool's actors have to be there.</param>
/// <param name="access">Says who they are.</param>
/// <param name="log">Log of the facility DAEMON.</param>
/// <param name="left">Ends when a successor lets programs in; those that are here stay until the daemon ends.</param>
internal sealed class ManagementService(
    ServerSocket socket, PoolTlsListener? remote, Func<ManagementDoor> open, ManagementAccess access, ILogger log, CancellationToken left) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        ManagementDoor door = open();
        using (var closed = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, left))
        {
            Task local = AcceptAsync(door, closed.Token);
            Task distant = remote is null
                ? Task.CompletedTask
                : remote.RunAsync(session => door.WelcomeAsync(access.Of(session.RemoteId), session.OpenStream()), closed.Token);
            await Task.WhenAll(local, distant).ConfigureAwait(false);
        }
        await Task.Delay(Timeout.Infinite, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await door.DisposeAsync().ConfigureAwait(false);
        socket.RemoveFile();
    }

    private async Task AcceptAsync(ManagementDoor door, CancellationToken stoppingToken)
    {
        // The descriptor stays the daemon's, which may hand it over.
        using SafeDescriptor owned = socket.Descriptor;
        using var listener = new Socket(new SafeSocketHandle(owned.Number, ownsHandle: false));
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                Socket accepted = await listener.AcceptAsync(stoppingToken).ConfigureAwait(false);
                _ = WelcomeAsync(door, accepted);
            }
            catch (SocketException failure)
            {
                // Descriptors may be short for a while.
                log.LogWarning("a program that wants to manage the pool cannot be let in: {Reason}", failure.Message);
                await Task.Delay(Pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task WelcomeAsync(ManagementDoor door, Socket accepted)
    {
        var stream = new NetworkStream(accepted, ownsSocket: true);
        try
        {
            PeerCredentials process = ProcessExecutable.Name(PeerCredentials.OfPeer((int)accepted.Handle));
            await door.WelcomeAsync(access.Of(process), stream).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            log.LogError("a program that wants to manage the pool cannot be let in: {Reason}", failure.Message);
            await stream.DisposeAsync().ConfigureAwait(false);
        }
    }
}
