using TlsPool.Actors.Hosting;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.IO;

namespace TlsPool.Cli.Tunnels;

/// <summary>Accepts connections and sets each one up; the bytes then go between the pool and the kernel without this process.</summary>
internal sealed class Tunnel
{
    private static readonly TimeSpan FinishTime = TimeSpan.FromSeconds(5);

    private readonly TunnelSettings _settings;
    private readonly TunnelLog _log;
    private readonly EventLoop _loop;
    private readonly TlsPoolClient _pool;
    private readonly TargetAddresses _target;
    private SocketListener? _listener;
    private bool _paused;
    private volatile int _setups; // changed on the loop's thread only

    private Tunnel(TunnelSettings settings, TunnelLog log, EventLoop loop, TlsPoolClient pool, TargetAddresses target) =>
        (_settings, _log, _loop, _pool, _target) = (settings, log, loop, pool, target);

    /// <summary>Runs until cancelled.</summary>
    /// <exception cref="CommandException">An address cannot be used.</exception>
    /// <exception cref="TlsPoolException">There is no pool.</exception>
    internal static async Task RunAsync(TunnelSettings settings, TunnelLog log, CancellationToken cancellation)
    {
        using var loop = new EventLoop("tunnel", resumesAwaits: true);
        var pool = new TlsPoolClient(new TlsPoolClientOptions { SocketPath = settings.PoolSocket, Loop = loop });
        await using (pool.ConfigureAwait(false))
        {
            await GreetAsync(pool, settings.Timeout, cancellation).ConfigureAwait(false);
            TargetAddresses target = await TargetAddresses.FindAsync(loop, settings.Connect, cancellation).ConfigureAwait(false);
            using TakeOver? taken = settings.HandOver is null ? null : await TakeOver.BeginAsync(settings, cancellation).ConfigureAwait(false);
            ListeningSocket listening = taken?.Listening ?? ListeningSocket.Open(settings.Listen);
            var tunnel = new Tunnel(settings with { Listen = listening.Address }, log, loop, pool, target);
            var manager = new ServiceNotifier();
            HandOver? handOver = settings.HandOver is null ? null : new HandOver(settings, log, tunnel, listening);
            if (taken is null)
                handOver?.Open();
            // Before it accepts: of a socket that was handed over, connections may come at once, and their lines come later.
            log.Listening(settings.IsServer ? "server" : "client", listening.Address, settings.Connect, pool.SocketPath);
            tunnel.Start(listening.Duplicate());
            manager.Ready();
            bool handedOver = false;
            try
            {
                handedOver = handOver is null
                    ? await UntilAsync(cancellation).ConfigureAwait(false)
                    : await handOver.RunAsync(taken, cancellation).ConfigureAwait(false);
                manager.Stopping();
                await tunnel.FinishAsync().ConfigureAwait(false);
            }
            finally
            {
                // Otherwise the socket, and its path if it has one, are another process's now.
                if (!handedOver)
                    listening.Dispose();
            }
        }
    }

    /// <summary>A pool that is not there is better told now than with the first connection.</summary>
    private static async Task GreetAsync(TlsPoolClient pool, TimeSpan timeout, CancellationToken cancellation)
    {
        try
        {
            await pool.PingAsync(cancellation: cancellation).WaitAsync(timeout, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new CommandException($"the pool at {pool.SocketPath} does not answer");
        }
    }

    private static Task<bool> UntilAsync(CancellationToken cancellation)
    {
        var cancelled = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        cancellation.UnsafeRegister(_ => cancelled.SetResult(false), null);
        return cancelled.Task;
    }

    /// <summary>Takes no more connections, or goes on taking them.</summary>
    internal void SetAccepting(bool accepting) => _loop.Post(_ =>
    {
        _paused = !accepting;
        _listener!.SetAccepting(accepting && _setups < _settings.MaxSetups);
    });

    /// <summary>Waits until no connection is being set up.</summary>
    internal async Task SettleAsync(TimeSpan limit, CancellationToken cancellation)
    {
        // Those that were being accepted when that was stopped have begun when this comes round.
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _loop.Post(_ => reached.SetResult());
        await reached.Task.ConfigureAwait(false);
        long deadline = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        while (_setups > 0 && Environment.TickCount64 < deadline)
            await Task.Delay(20, cancellation).ConfigureAwait(false);
    }

    /// <summary>Second descriptors of the connections that control this tunnel's sessions.</summary>
    internal IReadOnlyList<SafeDescriptor> DuplicateConnections() => _pool.DuplicateConnections();

    private void Start(SafeDescriptor listening) => _loop.Post(_ => _listener = SocketListener.Start(_loop, listening, Accept));

    /// <summary>Takes no more, and gives what has begun a little time.</summary>
    private async Task FinishAsync()
    {
        _loop.Post(_ => _listener!.Close());
        await SettleAsync(FinishTime, CancellationToken.None).ConfigureAwait(false);
    }

    private void Accept(SafeDescriptor accepted)
    {
        if (++_setups >= _settings.MaxSetups)
            _listener!.SetAccepting(false);
        _ = SetUpAsync(accepted);
    }

    private async Task SetUpAsync(SafeDescriptor accepted)
    {
        try
        {
            await new TunnelSetup(_settings, _log, _loop, _pool, _target, accepted).RunAsync().ConfigureAwait(true);
        }
        finally
        {
            _loop.Post(_ => Leave());
        }
    }

    private void Leave()
    {
        if (_setups-- == _settings.MaxSetups && !_paused)
            _listener!.SetAccepting(true);
    }
}
