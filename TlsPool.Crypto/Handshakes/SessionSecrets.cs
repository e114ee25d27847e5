namespace TlsPool.Crypto.Handshakes;

/// <summary>Secrets saved at handshake time. Cleared on dispose; no text form.</summary>
public abstract class SessionSecrets : IDisposable
{
    /// <summary>False where the master secret is not bound to its handshake: then nothing may be exported (RFC 7627 section 5.4).</summary>
    public virtual bool MayExport => true;

    /// <summary>Keying-material exporter (RFC 8446 section 7.5, RFC 5705).</summary>
    /// <param name="label">ASCII label.</param>
    /// <param name="context">Context; null means none, which differs from empty in TLS 1.2.</param>
    /// <param name="destination">Filled with keying material.</param>
    /// <exception cref="InvalidOperationException"><see cref="MayExport"/> is false.</exception>
    public abstract void Export(ReadOnlySpan<byte> label, byte[]? context, Span<byte> destination);

    /// <summary>tls-unique (RFC 5929 section 3): the first Finished; null in TLS 1.3.</summary>
    public abstract ReadOnlyMemory<byte>? TlsUnique { get; }

    /// <summary>tls-server-end-point (RFC 5929 section 4): hash of the server's certificate; null if it showed none.</summary>
    public abstract ReadOnlyMemory<byte>? TlsServerEndPoint { get; }

    /// <inheritdoc/>
    public abstract void Dispose();
}
