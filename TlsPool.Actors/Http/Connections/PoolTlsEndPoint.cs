using System.Net;
using TlsPool.Actors.Management;

namespace TlsPool.Actors.Http.Connections;

/// <summary>Where HTTP comes in over TLS that the pool itself speaks.</summary>
/// <param name="listener">Accepts, and has the pool run TLS.</param>
/// <param name="address">Where, for people.</param>
/// <param name="ending">The daemon gives its addresses up when it begins to end, so that a successor can have them.</param>
internal sealed class PoolTlsEndPoint(PoolTlsListener listener, IPEndPoint address, CancellationToken ending) : EndPoint
{
    /// <summary>The daemon begins to end.</summary>
    internal CancellationToken Ending => ending;

    /// <summary>True if another daemon may have the address for a while yet, which is waited for.</summary>
    internal bool IsAwaited { get; init; }

    /// <summary>Accepts, and has the pool run TLS.</summary>
    internal PoolTlsListener Listener => listener;

    public override string ToString() => $"https://{address}";
}
