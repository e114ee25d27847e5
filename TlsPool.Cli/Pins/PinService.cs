using System.Diagnostics;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;

namespace TlsPool.Cli.Pins;

/// <summary>Serves PINs to the pool, also to the one that comes after a restart.</summary>
/// <param name="client">Reaches the pool.</param>
/// <param name="source">Where PINs come from.</param>
/// <param name="lockTime">How long the pool waits for an answer.</param>
/// <param name="life">When it begins and ends.</param>
internal sealed class PinService(TlsPoolClient client, IPinSource source, TimeSpan lockTime, PinServiceLife life)
{
    /// <summary>A daemon that is replaced, or ends at the same Ctrl-C as this, is no news.</summary>
    private const int LossesToTell = 2;

    /// <summary>The protocol does not say that a PIN was right, only that another one is wanted.</summary>
    private static readonly TimeSpan Verdict = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private PinPrompt? _served;
    private bool _asked;
    private bool _refused;
    private int _losses;

    /// <summary>Serves until cancelled, or done.</summary>
    /// <returns>True if a PIN was given and, as far as one can know, was right.</returns>
    /// <exception cref="TlsPoolException">There is no pool, or another program serves PINs.</exception>
    internal async Task<bool> RunAsync(CancellationToken cancellation)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (life != PinServiceLife.Daemons)
        {
            _ = RemarkSilenceAsync(done.Token);
            await client.PingAsync(cancellation: done.Token).ConfigureAwait(false);
        }
        while (!done.IsCancellationRequested)
        {
            try
            {
                await client.ServePinEntryAsync((prompt, token) => AskAsync(prompt, done, token), lockTime, done.Token).ConfigureAwait(false);
            }
            catch (TlsPoolException failure) when (failure.Error is PoolError.ClientDisconnect or PoolError.ConnectionHandlerSetup)
            {
                // A pool that ends, or whose PIN entry restarts, may still say so.
                if (++_losses == LossesToTell && life != PinServiceLife.Daemons)
                    source.Say($"{failure.Message}; waiting for it");
                await Task.Delay(Pause, done.Token).ContinueWith(_ => { }, TaskScheduler.Default).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (done.IsCancellationRequested)
            {
                break;
            }
        }
        return _served is not null && !_refused;
    }

    private async ValueTask<byte[]> AskAsync(PinPrompt prompt, CancellationTokenSource done, CancellationToken cancellation)
    {
        (_asked, _losses) = (true, 0);
        if (life == PinServiceLife.OneToken && (_refused || (_served is { } served && !IsAgain(prompt, served))))
        {
            // Somebody else's turn: closing the connection leaves the question to the next program.
            await done.CancelAsync().ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
        }
        _served = null;
        long start = Stopwatch.GetTimestamp();
        byte[] pin = await source.AskAsync(prompt, cancellation).ConfigureAwait(false);
        if (lockTime > TimeSpan.Zero && Stopwatch.GetElapsedTime(start) > lockTime)
            source.Say($"that took longer than {lockTime.TotalSeconds} s, and was not used");
        else if (pin.Length > 0)
            _served = prompt;
        else
            _refused = true;
        if (life == PinServiceLife.OneToken && (_served is not null || _refused))
            done.CancelAfter(Verdict);
        return pin;
    }

    private static bool IsAgain(PinPrompt prompt, PinPrompt served) => prompt.Attempt > served.Attempt
        && prompt with { Attempt = 0, Prompt = "" } == served with { Attempt = 0, Prompt = "" };

    private async Task RemarkSilenceAsync(CancellationToken cancellation)
    {
        await Task.Delay(Silence, cancellation).ContinueWith(_ => { }, TaskScheduler.Default).ConfigureAwait(false);
        if (!_asked && !cancellation.IsCancellationRequested)
            source.Say("no token wants a PIN now; waiting until one does (Ctrl-C ends)");
    }
}
