using TlsPool.Protocol.IO;

namespace TlsPool.Cli.Tunnels.Preambles;

/// <summary>The preamble of a connection whose TLS ends here, in front of a backend that speaks in the clear.</summary>
internal sealed class ServedPreamble(LoopSocket client, Func<Task<LoopSocket>> connectBackend, CancellationToken cancellation) : IDisposable
{
    private LoopSocket? _backend;

    /// <summary>The network client.</summary>
    internal LoopSocket Client => client;

    /// <summary>Ends the preamble when it takes too long.</summary>
    internal CancellationToken Cancellation => cancellation;

    /// <summary>Stands between pool and backend where the protocol needs it; null otherwise.</summary>
    internal Func<LoopSocket, SafeDescriptor>? Filter { get; set; }

    /// <summary>The backend, connected when a preamble first needs its word.</summary>
    internal async Task<LoopSocket> BackendAsync() => _backend ??= await connectBackend().ConfigureAwait(false);

    /// <summary>The backend connection that the preamble used, as the plaintext side; null if it used none.</summary>
    internal async Task<SafeDescriptor?> TakeBackendAsync(CancellationToken limit)
    {
        limit.ThrowIfCancellationRequested();
        if (_backend is not { } backend)
            return null;
        if (Filter is null)
            return await backend.ReleaseAsync().ConfigureAwait(false);
        SafeDescriptor end = Filter(backend);
        _backend = null;
        return end;
    }

    /// <inheritdoc/>
    public void Dispose() => _backend?.Dispose();
}
