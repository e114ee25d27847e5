using System.Net.Sockets;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.IO;

namespace TlsPool.Protocol.Client;

/// <summary>
/// An application's access to the pool. Requests run side by side over one connection, which is made when first needed and made anew
/// when it was lost. Open requests of a lost connection fail with <see cref="PoolError.ClientDisconnect"/>, and so do attached
/// sessions that were not forked. Thread safe.
/// </summary>
public sealed class TlsPoolClient : IAsyncDisposable
{
    private readonly ConnectionKeeper _keeper;
    private readonly EventLoop? _ownLoop;
    private readonly CancellationTokenSource _disposing = new();
    private int _disposed;

    /// <summary>A client that connects with its first request.</summary>
    /// <param name="options">How to reach the pool; null for the host's.</param>
    /// <exception cref="IOException">The configuration file that the environment names cannot be read.</exception>
    public TlsPoolClient(TlsPoolClientOptions? options = null)
    {
        options ??= new TlsPoolClientOptions();
        SocketPath = PoolSocketPath.Resolve(options.SocketPath);
        if (options.Loop is null)
            _ownLoop = new EventLoop("tlspool-client");
        _keeper = new ConnectionKeeper(options, options.Loop ?? _ownLoop!, SocketPath);
    }

    /// <summary>Path of the pool's socket.</summary>
    public string SocketPath { get; }

    /// <summary>Makes a client and connects it.</summary>
    /// <param name="socketPath">Path of the pool's socket; null to look it up (<see cref="PoolSocketPath"/>).</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TlsPoolException">No pool listens there.</exception>
    public static async Task<TlsPoolClient> ConnectAsync(string? socketPath = null, CancellationToken cancellation = default)
    {
        var client = new TlsPoolClient(new TlsPoolClientOptions { SocketPath = socketPath });
        try
        {
            await client._keeper.GetAsync(cancellation).ConfigureAwait(false);
            return client;
        }
        catch
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>PING: who the pool is, and which of the facilities asked for it has.</summary>
    /// <param name="wanted">Facilities asked for.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="TlsPoolException">The pool refused, or was lost.</exception>
    public Task<PingMessage> PingAsync(Facilities wanted = Facilities.AllCurrent, CancellationToken cancellation = default) =>
        AskAsync<PingMessage>(Command.Ping, new PingMessage(PingMessage.IdentityV2, wanted), cancellation);

    /// <summary>STARTTLS on a connected socket.</summary>
    /// <param name="ciphertext">
    /// The network side, with no operation pending on it. It is the pool's from here on, and disposed on this side, whatever happens.
    /// </param>
    /// <param name="options">Roles, identities and callbacks.</param>
    /// <param name="cancellation">Gives the session up and shuts the network side down.</param>
    /// <returns>The session, with the identities that the pool has validated and the plaintext side.</returns>
    /// <exception cref="TlsPoolException">The handshake or the validation failed, or the pool was lost.</exception>
    /// <exception cref="ArgumentException">An option does not fit its field.</exception>
    public Task<TlsSession> StartTlsAsync(Socket ciphertext, StartTlsOptions options, CancellationToken cancellation = default) =>
        StartTlsAsync(Ciphertext.Take(ciphertext), options, cancellation);

    /// <summary>STARTTLS on a descriptor, without a .NET socket in between.</summary>
    /// <param name="ciphertext">The network side, handed over, whatever happens.</param>
    /// <param name="options">Roles, identities and callbacks.</param>
    /// <param name="cancellation">Gives the session up and shuts the network side down.</param>
    /// <returns>As above.</returns>
    /// <exception cref="TlsPoolException">The handshake or the validation failed, or the pool was lost.</exception>
    /// <exception cref="ArgumentException">An option does not fit its field.</exception>
    public Task<TlsSession> StartTlsAsync(SafeDescriptor ciphertext, StartTlsOptions options, CancellationToken cancellation = default) =>
        _keeper.Current is { } connection && !cancellation.IsCancellationRequested
            ? Begin(connection, ciphertext, options, cancellation)
            : ConnectAndBeginAsync(ciphertext, options, cancellation);

    /// <summary>STARTTLS with RENEGOTIATE: renews security and identities of an attached session.</summary>
    /// <param name="controlKey">The session.</param>
    /// <param name="options">What to ask for now.</param>
    /// <param name="cancellation">Stops waiting; the session goes on.</param>
    /// <returns>The identities as they are now.</returns>
    /// <exception cref="TlsPoolException">The pool or the peer refused, or the pool was lost.</exception>
    public async Task<ValidatedIdentities> RenegotiateAsync(
        ControlKey controlKey, StartTlsOptions options, CancellationToken cancellation = default)
    {
        ClientConnection connection = await ConnectionAsync(cancellation).ConfigureAwait(false);
        StartTlsOptions renewal = options with { ControlKey = controlKey, Flags = options.Flags | StartTlsFlags.Renegotiate };
        using TlsSession session = await Begin(connection, null, renewal, cancellation).ConfigureAwait(false);
        return session.Identities;
    }

    /// <summary>CONTROL_DETACH: gives up control; the session lives on without this connection.</summary>
    /// <param name="controlKey">The session.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="TlsPoolException">CTLKEY_NOT_FOUND, CTLKEY_NOT_YOURS or CTLKEY_DETACHED, or the pool was lost.</exception>
    public Task DetachAsync(ControlKey controlKey, CancellationToken cancellation = default) =>
        AskAsync<EmptyMessage>(Command.ControlDetach, new ControlMessage(0, controlKey, ""), cancellation);

    /// <summary>CONTROL_REATTACH: takes control of a detached session.</summary>
    /// <param name="controlKey">The session.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="TlsPoolException">CTLKEY_NOT_FOUND or CTLKEY_ATTACHED, or the pool was lost.</exception>
    public Task ReattachAsync(ControlKey controlKey, CancellationToken cancellation = default) =>
        AskAsync<EmptyMessage>(Command.ControlReattach, new ControlMessage(0, controlKey, ""), cancellation);

    /// <summary>PRNG: keying material of an attached session (RFC 5705, RFC 8446 section 7.5).</summary>
    /// <param name="controlKey">The session.</param>
    /// <param name="label">A registered exporter label, or one that starts with "EXPERIMENTAL"; at most 254 bytes.</param>
    /// <param name="context">Context, at most 254 bytes; null for none, which differs from an empty one.</param>
    /// <param name="length">Bytes wanted, 0 to 254.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <returns>Secret bytes, for the caller to clear.</returns>
    /// <exception cref="ArgumentException">A length is out of range, or label and context take more than 334 bytes.</exception>
    /// <exception cref="TlsPoolException">PRNG_UNAVAILABLE or CTLKEY_NOT_FOUND, or the pool was lost.</exception>
    public async Task<byte[]> PrngAsync(
        ControlKey controlKey, string label, byte[]? context, int length, CancellationToken cancellation = default)
    {
        PrngMessage request = PrngMessage.Request(controlKey, System.Text.Encoding.UTF8.GetBytes(label), context, length);
        PrngMessage answer = await AskAsync<PrngMessage>(Command.Prng, request, cancellation).ConfigureAwait(false);
        try
        {
            return answer.PrngLength == length
                ? answer.Buffer.Span[..length].ToArray()
                : throw new TlsPoolException(PoolError.PrngUnavailable, "the pool gave another length than was asked for");
        }
        finally
        {
            answer.ClearBuffer();
        }
    }

    /// <summary>INFO: a fact about an attached session.</summary>
    /// <param name="controlKey">The session.</param>
    /// <param name="kind">Which fact.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <returns>Its bytes: DER of a name, or a channel binding; at most 334.</returns>
    /// <exception cref="TlsPoolException">INFO_NOT_FOUND, INFOKIND_UNKNOWN or CTLKEY_NOT_FOUND, or the pool was lost.</exception>
    public async Task<byte[]> InfoAsync(ControlKey controlKey, InfoKind kind, CancellationToken cancellation = default)
    {
        var query = new InfoMessage(controlKey, kind, InfoMessage.Query, default);
        InfoMessage answer = await AskAsync<InfoMessage>(Command.Info, query, cancellation).ConfigureAwait(false);
        return answer.Length <= InfoMessage.BufferSize
            ? answer.Buffer.Span[..answer.Length].ToArray()
            : throw new TlsPoolException(PoolError.InfoNotFound, "the pool gave a length that its answer cannot hold");
    }

    /// <summary>INFO: whether a value is the right one; for a subjectAltName, whether this GeneralName is among them.</summary>
    /// <param name="controlKey">The session.</param>
    /// <param name="kind">Which fact.</param>
    /// <param name="value">The value to check, at most 334 bytes.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="ArgumentException">The value is too long.</exception>
    /// <exception cref="TlsPoolException">INFOKIND_UNKNOWN or CTLKEY_NOT_FOUND, or the pool was lost.</exception>
    public async Task<bool> CheckInfoAsync(
        ControlKey controlKey, InfoKind kind, ReadOnlyMemory<byte> value, CancellationToken cancellation = default)
    {
        if (value.Length > InfoMessage.BufferSize)
            throw new ArgumentException($"at most {InfoMessage.BufferSize} bytes can be checked", nameof(value));
        try
        {
            var check = new InfoMessage(controlKey, kind, (ushort)value.Length, value);
            await AskAsync<InfoMessage>(Command.Info, check, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (TlsPoolException wrong) when (wrong.Error == PoolError.InfoNotFound)
        {
            return false;
        }
    }

    /// <summary>PINENTRY: asks the user for PINs until cancelled, on a connection of its own.</summary>
    /// <param name="handler">Asks the user.</param>
    /// <param name="lockTime">How long the pool keeps other programs out once it has asked; 0 to 4294 s.</param>
    /// <param name="cancellation">Ends the service; it then throws <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="TlsPoolException">PINENTRY_NOT_VACANT, or the pool was lost.</exception>
    public Task ServePinEntryAsync(PinEntryHandler handler, TimeSpan lockTime, CancellationToken cancellation = default) =>
        ServeAsync(token => EntryService.ServePinsAsync(_keeper, handler, lockTime, token), cancellation);

    /// <summary>LIDENTRY_REGISTER: chooses local identities until cancelled, on a connection of its own.</summary>
    /// <param name="chooser">Makes the choice.</param>
    /// <param name="flags">Registration flags: WANT_DBENTRY and SKIP_ flags.</param>
    /// <param name="timeout">How long the pool waits for an answer, in whole seconds.</param>
    /// <param name="cancellation">Ends the service; it then throws <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="TlsPoolException">LIDENTRY_NOT_VACANT, or the pool was lost.</exception>
    public Task ServeLocalIdAsync(
        LocalIdChooser chooser, LidEntryFlags flags, TimeSpan timeout, CancellationToken cancellation = default) =>
        ServeAsync(token => EntryService.ServeLocalIdsAsync(_keeper, chooser, flags, timeout, token), cancellation);

    /// <summary>
    /// Second descriptors of this client's connections to the pool. Sessions that are neither forked nor detached live as long as any
    /// descriptor of their connection, so that a process which is given these keeps them when this one ends. No request should be open.
    /// </summary>
    /// <exception cref="IOException">Out of descriptors.</exception>
    public IReadOnlyList<SafeDescriptor> DuplicateConnections() => _keeper.Duplicate();

    /// <summary>Closes the connection: open requests fail, and sessions that were neither forked nor detached end.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _disposing.CancelAsync().ConfigureAwait(false);
        await _keeper.DisposeAsync().ConfigureAwait(false);
        _ownLoop?.Dispose();
    }

    private static Task<TlsSession> Begin(
        ClientConnection connection, SafeDescriptor? ciphertext, StartTlsOptions options, CancellationToken cancellation)
    {
        StartTlsRequest? request = null;
        try
        {
            StartTlsMessage message = options.ToMessage();
            request = new StartTlsRequest(options, ciphertext, cancellation);
            connection.Start(request, Command.StartTls, message, ciphertext);
            return request.Session;
        }
        catch (Exception exception)
        {
            ciphertext?.Dispose();
            request?.OnLost(new TlsPoolException("the request was not sent", exception));
            return Task.FromException<TlsSession>(exception);
        }
    }

    private async Task<TlsSession> ConnectAndBeginAsync(
        SafeDescriptor ciphertext, StartTlsOptions options, CancellationToken cancellation)
    {
        ClientConnection connection;
        try
        {
            connection = await _keeper.GetAsync(cancellation).ConfigureAwait(false);
        }
        catch
        {
            ciphertext.Dispose();
            throw;
        }
        return await Begin(connection, ciphertext, options, cancellation).ConfigureAwait(false);
    }

    private async Task<TBody> AskAsync<TBody>(Command command, Message body, CancellationToken cancellation)
        where TBody : Message
    {
        ClientConnection connection = await ConnectionAsync(cancellation).ConfigureAwait(false);
        return await SimpleRequest.AskAsync<TBody>(connection, command, body, cancellation).ConfigureAwait(false);
    }

    private ValueTask<ClientConnection> ConnectionAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return _keeper.Current is { } connection
            ? ValueTask.FromResult(connection)
            : new ValueTask<ClientConnection>(_keeper.GetAsync(cancellation));
    }

    private async Task ServeAsync(Func<CancellationToken, Task> serve, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _disposing.Token);
        await serve(either.Token).ConfigureAwait(false);
    }
}
