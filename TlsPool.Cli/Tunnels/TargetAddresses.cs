using System.Net;
using System.Net.Sockets;
using TlsPool.Protocol.IO;

namespace TlsPool.Cli.Tunnels;

/// <summary>Where a tunnel connects to. Names are looked up at the start, and again in the background when the answer has become old.</summary>
internal sealed class TargetAddresses
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(30);

    private readonly EventLoop _loop;
    private readonly TunnelAddress _address;
    private volatile EndPoint[] _known;
    private long _lookedUp;

    private TargetAddresses(EventLoop loop, TunnelAddress address, EndPoint[] known) =>
        (_loop, _address, _known, _lookedUp) = (loop, address, known, Environment.TickCount64);

    /// <summary>Looks a name up for the first time.</summary>
    /// <exception cref="CommandException">It has no address.</exception>
    internal static async Task<TargetAddresses> FindAsync(EventLoop loop, TunnelAddress address, CancellationToken cancellation) =>
        new(loop, address, address.Path is null ? await LookUpAsync(address, cancellation).ConfigureAwait(false) : []);

    /// <summary>Connects to the first address that takes the connection.</summary>
    /// <exception cref="SocketException">None does.</exception>
    internal async Task<SafeDescriptor> ConnectAsync(string localId, string remoteId, TimeSpan timeout)
    {
        if (_address.Path is not null)
        {
            var path = new UnixDomainSocketEndPoint(_address.PathFor(localId, remoteId));
            return await SocketConnector.ConnectAsync(_loop, path, timeout).ConfigureAwait(false);
        }
        Refresh();
        EndPoint[] known = _known;
        for (int i = 0; ; i++)
        {
            try
            {
                return await SocketConnector.ConnectAsync(_loop, known[i], timeout).ConfigureAwait(false);
            }
            catch (SocketException) when (i + 1 < known.Length)
            {
                // The next address may do better.
                continue;
            }
        }
    }

    private void Refresh()
    {
        long seen = Volatile.Read(ref _lookedUp);
        long now = Environment.TickCount64;
        if (IPAddress.TryParse(_address.Host, out _) || now - seen < Freshness.TotalMilliseconds
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
