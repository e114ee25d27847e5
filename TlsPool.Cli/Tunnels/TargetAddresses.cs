using System.Net;
using System.Net.Sockets;
using TlsPool.Protocol.IO;

namespace TlsPool.Cli.Tunnels;

/// <summary>Where a tunnel connects to. Names are looked up at the start, and again in the background when the answer has become old.</summary>
internal sealed class TargetAddresses
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(20);

    private readonly EventLoop _loop;
    private readonly TunnelAddress _address;
    private volatile EndPoint[] _known;
    private long _lookedUp;

    private TargetAddresses(EventLoop loop, TunnelAddress address, EndPoint[] known) =>
        (_loop, _address, _known, _lookedUp) = (loop, address, known, Environment.TickCount64);

    /// <summary>Looks a name up for the first time.</summary>
    /// <exception cref="CommandException">It has no address, or is no path for a socket.</exception>
    internal static async Task<TargetAddresses> FindAsync(EventLoop loop, TunnelAddress address, CancellationToken cancellation) =>
        new(loop, address, address.Path is null ? await LookUpAsync(address, cancellation).ConfigureAwait(false)
            : address.NamesIdentities ? []
            : [PathEndPoint(address.PathFor("", ""))]);

    /// <summary>Connects to the first address that takes the connection.</summary>
    /// <param name="localId">For paths that name it.</param>
    /// <param name="remoteId">For paths that name it.</param>
    /// <param name="timeout">Above 0; for each address.</param>
    /// <exception cref="CommandException">None does.</exception>
    internal async Task<SafeDescriptor> ConnectAsync(string localId, string remoteId, TimeSpan timeout)
    {
        EndPoint[] known = _address.NamesIdentities ? [PathEndPoint(_address.PathFor(localId, remoteId))] : _known;
        Refresh();
        for (int i = 0; ; i++)
        {
            try
            {
                return known[i] is UnixDomainSocketEndPoint path
                    ? await ConnectPathAsync(path, timeout).ConfigureAwait(true)
                    : await SocketConnector.ConnectAsync(_loop, known[i], timeout).ConfigureAwait(true);
            }
            catch (SocketException) when (i + 1 < known.Length)
            {
                // The next address may do better.
                continue;
            }
            catch (SocketException refused)
            {
                throw new CommandException($"cannot connect to {known[i]}: {refused.Message}");
            }
        }
    }

    /// <summary>Where TCP waits while a server's queue is full, UNIX sockets say "try again".</summary>
    private async Task<SafeDescriptor> ConnectPathAsync(UnixDomainSocketEndPoint path, TimeSpan timeout)
    {
        long end = Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        while (true)
        {
            try
            {
                return await SocketConnector.ConnectAsync(_loop, path, timeout).ConfigureAwait(true);
            }
            catch (SocketException full) when (full.SocketErrorCode == SocketError.TryAgain && Environment.TickCount64 < end)
            {
                await Task.Delay(Retry).ConfigureAwait(true);
            }
        }
    }

    private void Refresh()
    {
        long seen = Volatile.Read(ref _lookedUp);
        long now = Environment.TickCount64;
        if (_address.Path is not null || IPAddress.TryParse(_address.Host, out _) || now - seen < Freshness.TotalMilliseconds
            || Interlocked.CompareExchange(ref _lookedUp, now, seen) != seen)
            return;
        _ = Task.Run(async () =>
        {
            try
            {
                _known = await LookUpAsync(_address, CancellationToken.None).ConfigureAwait(false);
            }
            catch (CommandException)
            {
                // The old answer stays: better than none.
                return;
            }
        });
    }

    private static UnixDomainSocketEndPoint PathEndPoint(string path)
    {
        try
        {
            return new UnixDomainSocketEndPoint(path);
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new CommandException($"cannot connect to {path}: a socket's path has 1 to 107 bytes");
        }
    }

    private static async Task<EndPoint[]> LookUpAsync(TunnelAddress address, CancellationToken cancellation)
    {
        string host = address.Host!.Length == 0 ? "localhost" : address.Host;
        try
        {
            IPAddress[] found = await Dns.GetHostAddressesAsync(host, cancellation).ConfigureAwait(false);
            return found.Length > 0
                ? [.. found.Select(one => new IPEndPoint(one, address.Port))]
                : throw new CommandException($"{host} has no address");
        }
        catch (SocketException unknown)
        {
            throw new CommandException($"{host}: {unknown.Message}");
        }
    }
}
