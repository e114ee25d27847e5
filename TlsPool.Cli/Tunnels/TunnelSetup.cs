using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using TlsPool.Cli.Tunnels.Preambles;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.IO;

namespace TlsPool.Cli.Tunnels;

/// <summary>The way of one accepted connection until bytes flow.</summary>
internal sealed class TunnelSetup
{
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
            using TlsSession session = await (_settings.IsServer ? ServeAsync() : AskAsync()).ConfigureAwait(false);
            if (_log.WritesEstablished)
                await LogAsync(session).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or SocketException or InvalidDataException or OperationCanceledException or CommandException)
        {
            _log.Failed(_from, Reason(exception));
        }
    }

    private async Task<TlsSession> ServeAsync()
    {
        StartTlsOptions options = Options();
        if (_settings.Preamble is null)
        {
            options = options with
            {
                ConnectPlaintext = (identities, _) =>
                {
                    Ask(identities);
                    return new ValueTask<SafeDescriptor>(ConnectBackendAsync(identities));
                },
            };
            return await _pool.StartTlsAsync(_accepted, options).ConfigureAwait(false);
        }
        using var limit = new CancellationTokenSource(_settings.Timeout);
        using var client = new LoopSocket(_loop, _accepted);
        using var served = new ServedPreamble(client, ConnectEarlyAsync, limit.Token);
        await _settings.Preamble.ServeAsync(served).ConfigureAwait(false);
        options = options with
        {
            ConnectPlaintext = async (identities, _) =>
            {
                Ask(identities);
                return await served.TakeBackendAsync(limit.Token).ConfigureAwait(false) ?? await ConnectBackendAsync(identities).ConfigureAwait(false);
            },
        };
        return await _pool.StartTlsAsync(await client.ReleaseAsync().ConfigureAwait(false), options).ConfigureAwait(false);
    }

    private async Task<TlsSession> AskAsync()
    {
        SafeDescriptor? local = _accepted;
        try
        {
            SafeDescriptor server = await _target.ConnectAsync("", "", _settings.Timeout).ConfigureAwait(false);
            var greeting = ReadOnlyMemory<byte>.Empty;
            if (_settings.Preamble is not null)
            {
                using var limit = new CancellationTokenSource(_settings.Timeout);
                using var client = new LoopSocket(_loop, local);
                local = null;
                using var asked = new AskedPreamble(new LoopSocket(_loop, server), client, _settings.RemoteId, limit.Token);
                await _settings.Preamble.AskAsync(asked).ConfigureAwait(false);
                greeting = asked.Greeting;
                server = await asked.Server.ReleaseAsync().ConfigureAwait(false);
                local = await asked.TakeClientAsync(_loop).ConfigureAwait(false);
            }
            SafeDescriptor? mine = local;
            StartTlsOptions options = Options() with
            {
                ConnectPlaintext = (identities, _) =>
                {
                    Ask(identities);
                    return Greet(Interlocked.Exchange(ref mine, null)!, greeting);
                },
            };
            local = null;
            try
            {
                return await _pool.StartTlsAsync(server, options).ConfigureAwait(false);
            }
            finally
            {
                Interlocked.Exchange(ref mine, null)?.Dispose();
            }
        }
        finally
        {
            local?.Dispose();
        }
    }

    private StartTlsOptions Options() => new()
    {
        Flags = _settings.Flags,
        LocalId = _settings.LocalId,
        RemoteId = _settings.RemoteId,
        Service = _settings.Service,
        Timeout = _settings.Timeout,
    };

    private static ValueTask<SafeDescriptor> Greet(SafeDescriptor client, ReadOnlyMemory<byte> greeting)
    {
        // A greeting is far smaller than an empty socket's buffer.
        if (greeting.Length > 0 && SocketCalls.Send(client.Number, greeting.Span) != greeting.Length)
            throw new IOException("the local client does not take the greeting");
        return ValueTask.FromResult(client);
    }

    private async Task<SafeDescriptor> ConnectBackendAsync(ValidatedIdentities identities)
    {
        SafeDescriptor backend = await _target.ConnectAsync(identities.LocalId, identities.RemoteId, _settings.Timeout).ConfigureAwait(false);
        return _settings.ProxyHeader ? Introduce(backend, identities.LocalId, identities.RemoteId) : backend;
    }

    /// <summary>The backend before TLS: its greeting is wanted, and nobody has an identity yet.</summary>
    private async Task<LoopSocket> ConnectEarlyAsync()
    {
        SafeDescriptor backend = await _target.ConnectAsync("", "", _settings.Timeout).ConfigureAwait(false);
        return new LoopSocket(_loop, _settings.ProxyHeader ? Introduce(backend, "", "") : backend);
    }

    private SafeDescriptor Introduce(SafeDescriptor backend, string localId, string remoteId)
    {
        byte[] header = ProxyHeader.Make(_peer, _here, localId, remoteId);
        if (SocketCalls.Send(backend.Number, header) == header.Length)
            return backend;
        backend.Dispose();
        throw new IOException("the backend does not take the PROXY header");
    }

    /// <summary>Asks what was negotiated while the session is sure to be there: it may be over before its line is written.</summary>
    private void Ask(ValidatedIdentities identities)
    {
        if (_log.WritesEstablished)
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
        TlsPoolException { InnerException: { } cause } => $"{exception.Message}: {cause.Message}",
        OperationCanceledException => "it took longer than the time limit",
        _ => exception.Message,
    };
}
