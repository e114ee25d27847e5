using TlsPool.Protocol.IO;

namespace TlsPool.Cli.Tunnels.Preambles;

/// <summary>The preamble of a connection whose TLS begins here, for a local client that speaks in the clear.</summary>
internal sealed class AskedPreamble(LoopSocket server, LoopSocket client, string remoteId, CancellationToken cancellation) : IDisposable
{
    private bool _taken;

    /// <summary>The network server.</summary>
    internal LoopSocket Server => server;

    /// <summary>The local client.</summary>
    internal LoopSocket Client => client;

    /// <summary>Whom the server is to be; may be empty.</summary>
    internal string RemoteId => remoteId;

    /// <summary>Ends the preamble when it takes too long.</summary>
    internal CancellationToken Cancellation => cancellation;

    /// <summary>What the local client is told first, once the server's identity is proven.</summary>
    internal ReadOnlyMemory<byte> Greeting { get; set; }

    /// <summary>Stands between pool and local client where the protocol needs it, and takes the client over; null otherwise.</summary>
    internal Func<LoopSocket, SafeDescriptor>? Filter { get; set; }

    /// <summary>The local client, as the plaintext side.</summary>
    internal async Task<SafeDescriptor> TakeClientAsync()
    {
        if (Filter is null)
            return await client.ReleaseAsync().ConfigureAwait(false);
        SafeDescriptor end = Filter(client);
        _taken = true;
        return end;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        server.Dispose();
        if (!_taken)
            client.Dispose();
    }
}
