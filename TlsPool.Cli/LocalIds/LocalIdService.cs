using System.Diagnostics;
using System.Globalization;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;

namespace TlsPool.Cli.LocalIds;

/// <summary>Chooses local identities for the pool, also for the one that comes after a restart.</summary>
/// <param name="client">Reaches the pool.</param>
/// <param name="picker">Who decides.</param>
/// <param name="log">Where it is written.</param>
/// <param name="flags">What is asked about.</param>
/// <param name="timeout">How long the pool waits for an answer.</param>
/// <param name="once">True to decide about one session and end.</param>
internal sealed class LocalIdService(
    TlsPoolClient client, ILocalIdPicker picker, LocalIdLog log, LidEntryFlags flags, TimeSpan timeout, bool once)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    // The pool takes whoever misses its time for gone: better to refuse the one session in time.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(1);

    private readonly List<StoredEntry> _shown = [];
    private long _began;
    private bool _chosen;
    private bool _lost;

    /// <summary>Serves until cancelled, or done.</summary>
    /// <returns>True if the last session was not refused.</returns>
    /// <exception cref="TlsPoolException">There is no pool, or another program chooses.</exception>
    internal async Task<bool> RunAsync(CancellationToken cancellation)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await client.PingAsync(cancellation: done.Token).ConfigureAwait(false);
        log.Waiting(client.SocketPath);
        while (!done.IsCancellationRequested)
        {
            _shown.Clear();
            try
            {
                await client.ServeLocalIdAsync((question, token) => ChooseAsync(question, done, token), flags, timeout, done.Token).ConfigureAwait(false);
            }
            catch (TlsPoolException late) when (late.Error == PoolError.ClientRefusesCallback)
            {
                log.Lost(late.Message);
            }
            catch (TlsPoolException gone) when (gone.Error is PoolError.ClientDisconnect or PoolError.ConnectionHandlerSetup)
            {
                // A pool that ends; or one that goes on and says so, as its cluster has changed.
                if (!_lost)
                {
                    picker.Say($"{gone.Message}; waiting for it");
                    log.Lost(gone.Message);
                }
                _lost = true;
                await Task.Delay(Pause, done.Token).ContinueWith(_ => { }, TaskScheduler.Default).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (done.IsCancellationRequested)
            {
                break;
            }
        }
        return _chosen;
    }

    private async ValueTask<LocalIdChoice?> ChooseAsync(LocalIdQuestion question, CancellationTokenSource done, CancellationToken cancellation)
    {
        _lost = false;
        if (_shown.Count == 0)
            _began = Stopwatch.GetTimestamp();
        if (question.IsEntry)
        {
            _shown.Add(new StoredEntry(question.RemoteId, question.MaxLevels, question.LocalId));
            return null;
        }
        var turn = LocalIdTurn.Of(question.RemoteId, question.LocalId, question.MaxLevels, _shown);
        _shown.Clear();
        log.Question(turn);
        LocalIdChoice? choice = await AskAsync(turn, cancellation).ConfigureAwait(false);
        log.Answer(turn, choice);
        _chosen = choice is not null;
        // This answer still goes out.
        if (once)
            await done.CancelAsync().ConfigureAwait(false);
        return choice;
    }

    private async Task<LocalIdChoice?> AskAsync(LocalIdTurn turn, CancellationToken cancellation)
    {
        TimeSpan left = timeout - Stopwatch.GetElapsedTime(_began) - (timeout > 2 * Margin ? Margin : TimeSpan.Zero);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        try
        {
            return await picker.PickAsync(turn, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            picker.Say(string.Create(CultureInfo.InvariantCulture, $"no answer within {timeout.TotalSeconds} s: the session is refused"));
            return null;
        }
    }
}
