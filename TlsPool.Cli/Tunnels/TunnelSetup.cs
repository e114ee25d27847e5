using System.Diagnostics;
using System.Net;
using System.Text;
using TlsPool.Cli.Tunnels.Preambles;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.IO;

namespace TlsPool.Cli.Tunnels;

/// <summary>The way of one accepted connection until bytes flow.</summary>
internal sealed class TunnelSetup
{
    /// <summary>What the pool gets beyond its own limit to say itself that time is up.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(2);

    private readonly TunnelSettings _settings;
    private readonly TunnelLog _log;
    private readonly EventLoop _loop;
    private readonly TlsPoolClient _pool;
    private readonly TargetAddresses _target;
    private readonly SafeDescriptor _accepted;
    private readonly IPEndPoint? _peer;
    private readonly IPEndPoint? _here;
    private readonly string _from;
    private readonly long _start = Stopwatch.GetTimestamp();
    private Task<string> _parameters = Task.FromResult("TLS");

    internal TunnelSetup(
        TunnelSettings settings, TunnelLog log, EventLoop loop, TlsPoolClient pool, TargetAddresses target, SafeDescriptor accepted)
    {
        (_settings, _log, _loop, _pool, _target, _accepted) = (settings, log, loop, pool, target, accepted);
        _peer = SocketKind.PeerEndPoint(accepted);
        _here = settings.ProxyHeader ? SocketKind.LocalEndPoint(accepted) : null;
        _from = _peer?.ToString() ?? "unix";
        SocketCalls.DisableDelay(accepted.Number);
    }

    /// <summary>Sets up; failures are logged, never thrown.</summary>
    internal async Task RunAsync()
    {
        try
        {
            // Where nothing else is said, all of this goes on on the loop: waking other threads costs more than the work.
            using TlsSession session = await (_settings.IsServer ? ServeAsync() : AskAsync()).ConfigureAwait(true);
            if (_log.WritesEstablished)
                await LogAsync(session).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // Whatever went wrong is this connection's affair alone.
            _log.Failed(_from, Reason(exception));
        }
    }

    private async Task<TlsSession> ServeAsync()
    {
        if (_settings.Preamble is null)
            return await StartTlsAsync(_accepted, (identities, _) => ConnectBackendAsync(identities)).ConfigureAwait(true);
        using var client = new LoopSocket(_loop, _accepted);
        using var limit = new CancellationTokenSource(Remaining());
        using var served = new ServedPreamble(client, ConnectEarlyAsync, limit.Token);
        await _settings.Preamble.ServeAsync(served).ConfigureAwait(false);
        SafeDescriptor network = await client.ReleaseAsync().ConfigureAwait(false);
        return await StartTlsAsync(
            network,
            async (identities, cancellation) =>
                await served.TakeBackendAsync(cancellation).ConfigureAwait(false) ?? await ConnectBackendAsync(identities).ConfigureAwait(false))
            .ConfigureAwait(false);
    }

    private async Task<TlsSession> AskAsync()
    {
        SafeDescriptor? local = _accepted;
        SafeDescriptor? server = null;
        try
        {
            server = await _target.ConnectAsync("", "", Remaining()).ConfigureAwait(true);
            var greeting = ReadOnlyMemory<byte>.Empty;
            if (_settings.Preamble is not null)
            {
                using var limit = new CancellationTokenSource(Remaining());
                using var asked = new AskedPreamble(new LoopSocket(_loop, server), new LoopSocket(_loop, local), _settings.RemoteId, limit.Token);
                (server, local) = (null, null);
                await _settings.Preamble.AskAsync(asked).ConfigureAwait(false);
                greeting = asked.Greeting;
                server = await asked.Server.ReleaseAsync().ConfigureAwait(false);
                local = await asked.TakeClientAsync().ConfigureAwait(false);
            }
            SafeDescriptor network = server;
            server = null;
            return await StartTlsAsync(network, (_, _) => Greet(Interlocked.Exchange(ref local, null)!, greeting)).ConfigureAwait(true);
        }
        finally
        {
            server?.Dispose();
            Interlocked.Exchange(ref local, null)?.Dispose();
        }
    }

    private async Task<TlsSession> StartTlsAsync(SafeDescriptor network, PlaintextConnect connect)
    {
        TimeSpan rest;
        try
        {
            rest = Remaining();
        }
        catch
        {
            network.Dispose();
            throw;
        }
        using var late = new CancellationTokenSource(rest + Slack);
        var options = new StartTlsOptions
        {
            Flags = _settings.Flags,
            LocalId = _settings.LocalId,
            RemoteId = _settings.RemoteId,
            Service = _settings.Service,
            Timeout = rest,
            ConnectPlaintext = (identities, cancellation) =>
            {
                Ask(identities);
                return connect(identities, cancellation);
            },
        };
        return await _pool.StartTlsAsync(network, options, late.Token).ConfigureAwait(true);
    }

    /// <summary>What is left of the time until bytes must flow.</summary>
    private TimeSpan Remaining() =>
        _settings.Timeout - Stopwatch.GetElapsedTime(_start) is { Ticks: > 0 } rest ? rest : throw new OperationCanceledException();

    private static ValueTask<SafeDescriptor> Greet(SafeDescriptor client, ReadOnlyMemory<byte> greeting)
    {
        // A greeting is far smaller than an empty socket's buffer.
        if (greeting.Length == 0 || SocketCalls.Send(client.Number, greeting.Span) == greeting.Length)
            return ValueTask.FromResult(client);
        client.Dispose();
        throw new IOException("the local client does not take the greeting");
    }

    private async ValueTask<SafeDescriptor> ConnectBackendAsync(ValidatedIdentities identities)
    {
        SafeDescriptor backend = await _target.ConnectAsync(identities.LocalId, identities.RemoteId, Remaining()).ConfigureAwait(false);
        return _settings.ProxyHeader
            ? Introduce(backend, ProxyTls.Read(identities.LocalId, identities.RemoteId, await _parameters.ConfigureAwait(false)))
            : backend;
    }

    /// <summary>The backend before TLS: its greeting is wanted, and nobody has an identity yet.</summary>
    private async Task<LoopSocket> ConnectEarlyAsync()
    {
        SafeDescriptor backend = await _target.ConnectAsync("", "", Remaining()).ConfigureAwait(false);
        return new LoopSocket(_loop, _settings.ProxyHeader ? Introduce(backend, null) : backend);
    }

    private SafeDescriptor Introduce(SafeDescriptor backend, ProxyTls? tls)
    {
        byte[] header = ProxyHeader.Make(_peer, _here, _settings.Listen.Path ?? "", tls);
        if (SocketCalls.Send(backend.Number, header) == header.Length)
            return backend;
        backend.Dispose();
        throw new IOException("the backend does not take the PROXY header");
    }

    /// <summary>Asks what was negotiated while the session is sure to be there: it may be over before its line is written.</summary>
    private void Ask(ValidatedIdentities identities)
    {
        if (_log.WritesEstablished || _settings.ProxyHeader)
            _parameters = AskAsync(identities.ControlKey);
    }

    private async Task<string> AskAsync(ControlKey session)
    {
        try
        {
            return Encoding.ASCII.GetString(await _pool.InfoAsync(session, InfoKind.SessionParameters).ConfigureAwait(false));
        }
        catch (TlsPoolException)
        {
            // A pool without this addition.
            return "TLS";
        }
    }

    private async Task LogAsync(TlsSession session)
    {
        string to = _settings.Connect.Path is null
            ? _settings.Connect.ToString()
            : _settings.Connect.PathFor(session.LocalId, session.RemoteId);
        TimeSpan took = Stopwatch.GetElapsedTime(_start);
        _log.Established(_from, to, session.LocalId, session.RemoteId, await _parameters.ConfigureAwait(false), took);
    }

    private static string Reason(Exception exception) => exception switch
    {
        // The pool was told no more than that this side cannot.
        TlsPoolException { InnerException: CommandException cause } => cause.Message,
        TlsPoolException { InnerException: { } cause } => $"{exception.Message}: {cause.Message}",
        OperationCanceledException => "it took longer than the time limit",
        _ => exception.Message,
    };
}
