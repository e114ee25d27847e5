using System.Net.Sockets;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.IO;

namespace TlsPool.Protocol.Client;

/// <summary>Keeps one connection to the pool, and makes a new one when the old one is lost and somebody wants it.</summary>
internal sealed class ConnectionKeeper(TlsPoolClientOptions options, EventLoop loop, string path) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly HashSet<ClientConnection> _open = [];
    private volatile ClientConnection? _last;
    private readonly CancellationTokenSource _disposing = new();
    private Task<ClientConnection>? _attempt;
    private TimeSpan _pause;
    private volatile bool _disposed;

    /// <summary>The connection, if there is one that works.</summary>
    internal ClientConnection? Current => _last is { IsOpen: true } connection && !_disposed ? connection : null;

    /// <summary>The connection, after making one if need be. Callers that come while one is being made share it, and its failure.</summary>
    /// <exception cref="TlsPoolException">Nobody listens there.</exception>
    internal Task<ClientConnection> GetAsync(CancellationToken cancellation)
    {
        Task<ClientConnection> attempt;
        lock (_gate)
        {
            if (Current is { } connection)
                return Task.FromResult(connection);
            if (_attempt is null or { IsCompleted: true })
                _attempt = ConnectAsync(_disposing.Token);
            attempt = _attempt;
        }
        return attempt.WaitAsync(cancellation);
    }

    /// <summary>A connection that is nobody else's.</summary>
    /// <exception cref="TlsPoolException">Nobody listens there.</exception>
    internal async Task<ClientConnection> OpenAsync(CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(TlsPoolClient));
        try
        {
            ClientConnection connection = await Task.Run(() => ClientConnection.Connect(loop, path), cancellation).ConfigureAwait(false);
            if (Track(connection))
                return connection;
            connection.Close();
            throw new ObjectDisposedException(nameof(TlsPoolClient));
        }
        catch (ArgumentOutOfRangeException impossible)
        {
            throw new TlsPoolException(PoolError.ClientDisconnect, $"no TLS Pool at {path}: a socket's path has 1 to 107 bytes", impossible);
        }
        catch (SocketException unreachable)
        {
            throw new TlsPoolException(
                PoolError.ClientDisconnect,
                $"no TLS Pool at {path} ({Reason(unreachable)}): is the daemon running, and may this user open its socket?",
                unreachable);
        }
    }

    /// <summary>A second descriptor of each connection.</summary>
    internal IReadOnlyList<SafeDescriptor> Duplicate()
    {
        lock (_gate)
            return [.. _open.Where(connection => connection.IsOpen).Select(connection => connection.Duplicate())];
    }

    /// <summary>Ends all connections and everything open on them.</summary>
    public async ValueTask DisposeAsync()
    {
        ClientConnection[] open;
        lock (_gate)
        {
            _disposed = true;
            open = [.. _open];
        }
        await _disposing.CancelAsync().ConfigureAwait(false);
        foreach (ClientConnection connection in open)
            connection.Close();
        foreach (ClientConnection connection in open)
            await connection.Ended.ConfigureAwait(false);
    }

    // SocketError has no number for files that are not there, and borrows one that misleads.
    private static string Reason(SocketException unreachable) =>
        unreachable.SocketErrorCode == SocketError.AddressNotAvailable ? "No such file or directory" : unreachable.Message;

    private bool Track(ClientConnection connection)
    {
        lock (_gate)
        {
            if (_disposed)
                return false;
            _open.Add(connection);
        }
        connection.Ended.ContinueWith(
            _ =>
            {
                lock (_gate)
                    _open.Remove(connection);
            },
            TaskScheduler.Default);
        return true;
    }

    private async Task<ClientConnection> ConnectAsync(CancellationToken disposing)
    {
        // A connection that never said anything was no success: a pool that drops its callers is not to be hammered.
        if (_last is { HasAnswered: true })
            _pause = TimeSpan.Zero;
        TimeSpan patience = _last is null ? TimeSpan.Zero : options.ReconnectTime;
        long start = options.Time.GetTimestamp();
        while (true)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(TlsPoolClient));
            if (_last is not null && _pause > TimeSpan.Zero)
                await PauseAsync(disposing).ConfigureAwait(false);
            try
            {
                _pause = NextPause();
                return _last = await OpenAsync(disposing).ConfigureAwait(false);
            }
            catch (TlsPoolException) when (options.Time.GetElapsedTime(start) + _pause < patience)
            {
                // The pool is restarting: the next round waits first.
                continue;
            }
        }
    }

    private async Task PauseAsync(CancellationToken disposing)
    {
        try
        {
            await Task.Delay(_pause, options.Time, disposing).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw new ObjectDisposedException(nameof(TlsPoolClient));
        }
    }

    private TimeSpan NextPause()
    {
        TimeSpan next = _pause == TimeSpan.Zero ? options.FirstPause : _pause * 2;
        return next < options.LongestPause ? next : options.LongestPause;
    }
}
