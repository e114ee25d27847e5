using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;

namespace TlsPool.Actors.Management;

/// <summary>
/// Listens for TCP and has the pool itself run TLS on what comes, as any application would: keys stay in tokens, and peers are judged as all
/// peers are. Peers have to show an identity.
/// </summary>
/// <param name="address">Where.</param>
/// <param name="identity">Local identity to be.</param>
/// <param name="service">IANA service name for access rules; empty for none.</param>
/// <param name="pool">UNIX socket of the pool.</param>
/// <param name="log">Log of the facility DAEMON.</param>
internal sealed class PoolTlsListener(IPEndPoint address, string identity, string service, string pool, ILogger log)
{
    /// <summary>Peers that have not shown who they are, at one time.</summary>
    private const int MaxStrangers = 64;

    /// <summary>Of these, peers of one address.</summary>
    private const int MaxStrangersOfOne = 16;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan HandshakeTime = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<IPAddress, int> _strangers = new();
    private int _count;

    /// <summary>Accepts until it is told to end.</summary>
    /// <param name="welcome">Takes a connection, and the identity that its peer has proven.</param>
    /// <param name="stop">Ends it.</param>
    internal async Task RunAsync(Func<Stream, string, Task> welcome, CancellationToken stop)
    {
        using Socket? listener = await ListenAsync(stop).ConfigureAwait(false);
        if (listener is null)
            return;
        await using var client = new TlsPoolClient(new TlsPoolClientOptions { SocketPath = pool });
        while (!stop.IsCancellationRequested)
        {
            try
            {
                Socket socket = await listener.AcceptAsync(stop).ConfigureAwait(false);
                _ = ServeAsync(client, socket, welcome, stop);
            }
            catch (SocketException failure)
            {
                log.LogWarning("a connection at {Address} cannot be accepted: {Reason}", address, failure.Message);
                await Task.Delay(100, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>A daemon before this one may have the address for a while yet.</summary>
    private async Task<Socket?> ListenAsync(CancellationToken stop)
    {
        for (bool told = false; !stop.IsCancellationRequested; told = true)
        {
            var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                listener.Bind(address);
                listener.Listen(128);
                return listener;
            }
            catch (SocketException failure)
            {
                listener.Dispose();
                if (!told)
                    log.LogError("cannot listen at {Address}, and tries again: {Reason}", address, failure.Message);
                await Task.Delay(Pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        return null;
    }

    private async Task ServeAsync(TlsPoolClient client, Socket socket, Func<Stream, string, Task> welcome, CancellationToken stop)
    {
        IPAddress from = (socket.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
        TlsSession? session = null;
        try
        {
            if (!TryEnter(from))
                return;
            try
            {
                socket.NoDelay = true;
                session = await client.StartTlsAsync(
                    socket,
                    StartTlsOptions.Server(identity, StartTlsFlags.None) with { Service = service, Timeout = HandshakeTime },
                    stop).ConfigureAwait(false);
            }
            finally
            {
                Leave(from);
            }
            await welcome(session.OpenStream(), session.RemoteId).ConfigureAwait(false);
        }
        catch (TlsPoolException refused)
        {
            log.LogInformation("a connection from {From} at {Address} is refused: {Reason}", from, address, refused.Message);
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            session?.Dispose();
        }
        finally
        {
            // The pool has taken it over, or it is of no use.
            socket.Dispose();
        }
    }

    private bool TryEnter(IPAddress from)
    {
        if (Interlocked.Increment(ref _count) <= MaxStrangers && _strangers.AddOrUpdate(from, 1, (_, count) => count + 1) <= MaxStrangersOfOne)
            return true;
        Leave(from);
        return false;
    }

    private void Leave(IPAddress from)
    {
        Interlocked.Decrement(ref _count);
        if (_strangers.AddOrUpdate(from, 0, (_, count) => count - 1) <= 0)
            _strangers.TryRemove(from, out _);
    }
}
