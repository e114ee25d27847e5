using TlsPool.Actors.Management;
using TlsPool.Actors.Management.Remoting;

namespace TlsPool.Cli.Consoles;

/// <summary>Keeps up a connection with the node: when it ends, another one is made, after pauses that become longer.</summary>
/// <param name="connect">Connects.</param>
/// <param name="changed">Is told when <see cref="State"/> has changed.</param>
internal sealed class NodeLink(Func<CancellationToken, Task<ManagementClient>> connect, Action changed)
{
    private static readonly TimeSpan[] Pauses = [.. new[] { 1, 2, 4, 8, 15 }.Select(seconds => TimeSpan.FromSeconds(seconds))];

    /// <summary>A node that stands still lets programs connect, and says nothing.</summary>
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(15);

    /// <summary>Somebody wants to leave: a node that does not answer does not keep them.</summary>
    private static readonly TimeSpan ClosingTime = TimeSpan.FromMilliseconds(500);

    private volatile ManagementClient? _client;
    private volatile CancellationTokenSource? _connection;
    private volatile LinkState _state = new(IsConnected: false, null, "", null);
    private volatile TaskCompletionSource? _hurry;
    private string _given = "";

    /// <summary>How it is.</summary>
    internal LinkState State
    {
        get => _state;
        private set
        {
            _state = value;
            changed();
        }
    }

    /// <summary>Keeps up the connection until it is cancelled.</summary>
    internal async Task RunAsync(CancellationToken cancellation)
    {
        int failures = 0;
        while (!cancellation.IsCancellationRequested)
        {
            string reason;
            try
            {
                ManagementClient client = await ConnectAsync(cancellation).ConfigureAwait(false);
                failures = 0;
                reason = await KeepAsync(client, cancellation).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                reason = "it does not answer";
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                // Whatever it is, a file that somebody has removed or a node that says nonsense, may be mended while the console is open.
                reason = failure.Message;
            }
            await PauseAsync(reason, Pauses[Math.Min(failures++, Pauses.Length - 1)], cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Has something done.</summary>
    /// <param name="operation">Name of the operation.</param>
    /// <param name="arguments">UTF-8 of a JSON object.</param>
    /// <param name="node">The node that is to do it; empty for the usual one.</param>
    /// <returns>UTF-8 of the JSON of the answer.</returns>
    /// <exception cref="ManagementException">It was not done, or it is not known whether it was.</exception>
    internal async Task<ReadOnlyMemory<byte>> DoAsync(string operation, ReadOnlyMemory<byte> arguments, string node) => _client is { } client
        ? await client.DoAsync(operation, arguments, node).ConfigureAwait(false)
        : throw new ManagementException(ManagementFault.NoAnswer, "not connected: nothing was done");

    /// <summary>Gives up the connection, and makes another one.</summary>
    internal void GiveUp(string reason)
    {
        _given = reason;
        try
        {
            _connection?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended by itself.
        }
    }

    /// <summary>Tries again at once.</summary>
    internal void Hurry() => _hurry?.TrySetResult();

    private async Task<ManagementClient> ConnectAsync(CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(ConnectTime);
        return await connect(limit.Token).ConfigureAwait(false);
    }

    /// <summary>Until the connection ends; the reason why.</summary>
    private async Task<string> KeepAsync(ManagementClient client, CancellationToken cancellation)
    {
        using var connection = CancellationTokenSource.CreateLinkedTokenSource(client.Gone, cancellation);
        (_given, _connection, _client) = ("", connection, client);
        State = new LinkState(IsConnected: true, client.Greeting, "", null);
        await Task.Delay(Timeout.Infinite, connection.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        (_connection, _client) = (null, null);
        Task closing = client.DisposeAsync().AsTask();
        if (cancellation.IsCancellationRequested)
            await closing.WaitAsync(ClosingTime, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return _given.Length > 0 ? _given : "the connection has ended";
    }

    private async Task PauseAsync(string reason, TimeSpan pause, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            return;
        var hurry = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _hurry = hurry;
        State = State with { IsConnected = false, Reason = reason, RetryAt = DateTimeOffset.UtcNow + pause };
        await hurry.Task.WaitAsync(pause, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _hurry = null;
        if (!cancellation.IsCancellationRequested)
            State = State with { RetryAt = null };
    }
}
