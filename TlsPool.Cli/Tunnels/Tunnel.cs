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
    private int _setups;

    private Tunnel(TunnelSettings settings, TunnelLog log, EventLoop loop, TlsPoolClient pool, TargetAddresses target) =>
        (_settings, _log, _loop, _pool, _target) = (settings, log, loop, pool, target);

    /// <summary>Runs until cancelled.</summary>
    /// <exception cref="CommandException">An address cannot be used.</exception>
    /// <exception cref="TlsPoolException">There is no pool.</exception>
    internal static async Task RunAsync(TunnelSettings settings, TunnelLog log, CancellationToken cancellation)
    {
        using var loop = new EventLoop("tunnel");
        var pool = new TlsPoolClient(new TlsPoolClientOptions { SocketPath = settings.PoolSocket, Loop = loop });
        await using (pool.ConfigureAwait(false))
        {
            // Better told now than with the first connection.
            await pool.PingAsync(cancellation: cancellation).ConfigureAwait(false);
            TargetAddresses target = await TargetAddresses.FindAsync(loop, settings.Connect, cancellation).ConfigureAwait(false);
            using ListeningSocket listening = ListeningSocket.Open(settings.Listen);
            var tunnel = new Tunnel(settings, log, loop, pool, target);
            log.Listening(settings.IsServer ? "server" : "client", listening.Address, settings.Connect, pool.SocketPath);
            await tunnel.AcceptAsync(listening, cancellation).ConfigureAwait(false);
        }
    }

    private async Task AcceptAsync(ListeningSocket listening, CancellationToken cancellation)
    {
        _listener = SocketListener.Start(_loop, listening.Duplicate(), accepted => _ = SetUpAsync(accepted));
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _listener.Close();
        }
        long deadline = Environment.TickCount64 + (long)FinishTime.TotalMilliseconds;
        while (Volatile.Read(ref _setups) > 0 && Environment.TickCount64 < deadline)
            await Task.Delay(20, CancellationToken.None).ConfigureAwait(false);
    }

    private async Task SetUpAsync(SafeDescriptor accepted)
    {
        if (Interlocked.Increment(ref _setups) == _settings.MaxSetups)
            _listener!.SetAccepting(false);
        var setup = new TunnelSetup(_settings, _log, _loop, _pool, _target, accepted);
        await setup.RunAsync().ConfigureAwait(false);
        if (Interlocked.Decrement(ref _setups) == _settings.MaxSetups - 1)
            _listener!.SetAccepting(true);
    }
}
