using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Hosting;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;

namespace TlsPool.Actors.Management;

/// <summary>
/// Listens for TCP and has the pool itself run TLS on what comes, as any application would: keys stay in tokens, and peers are judged as all
/// peers are.
/// </summary>
/// <param name="address">Where.</param>
/// <param name="identity">Local identity to be.</param>
/// <param name="flags">What is asked of peers: nothing said, they have to show an identity.</param>
/// <param name="service">IANA service name for access rules; empty for none.</param>
/// <param name="pool">UNIX socket of the pool.</param>
/// <param name="log">Log of the facility DAEMON.</param>
internal sealed class PoolTlsListener(IPEndPoint address, string identity, StartTlsFlags flags, string service, string pool, ILogger log)
{
    /// <summary>Peers that have not shown who they are, at one time.</summary>
    private const int MaxStrangers = 64;

    /// <summary>Of these, peers of one address.</summary>
    private const int MaxStrangersOfOne = 16;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan HandshakeTime = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<IPAddress, int> _strangers = new();
    private int _count;

    /// <summary>Listens.</summary>
    /// <exception cref="DaemonException">The address cannot be had.</exception>
    internal Socket Listen()
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
            throw new DaemonException($"cannot listen at {address}: {failure.Message}");
        }
    }

    /// <summary>Listens, and accepts until it is told to end; the log says if the address cannot be had.</summary>
    /// <inheritdoc cref="AcceptAsync"/>
    internal async Task RunAsync(Func<TlsSession, Task> welcome, CancellationToken stop)
    {
        if (await ListenAsync(stop).ConfigureAwait(false) is { } listener)
            await AcceptAsync(listener, welcome, stop).ConfigureAwait(false);
    }

    /// <summary>Accepts until it is told to end.</summary>
    /// <param name="listener">Listens; owned.</param>
    /// <param name="welcome">Takes a connection, with the identity that its peer has proven.</param>
    /// <param name="stop">Ends it.</param>
    internal async Task AcceptAsync(Socket listener, Func<TlsSession, Task> welcome, CancellationToken stop)
    {
        using Socket owned = listener;
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
            try
            {
                return Listen();
            }
            catch (DaemonException failure)
            {
                if (!told)
                    log.LogError("{Reason}; it is tried again", failure.Message);
                await Task.Delay(Pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        return null;
    }

    private async Task ServeAsync(TlsPoolClient client, Socket socket, Func<TlsSession, Task> welcome, CancellationToken stop)
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
                    StartTlsOptions.Server(identity, flags) with { Service = service, Timeout = HandshakeTime },
                    stop).ConfigureAwait(false);
            }
            finally
            {
                Leave(from);
            }
            await welcome(session).ConfigureAwait(false);
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
