using System.Security.Cryptography;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.Identities;

namespace TlsPool.Protocol.Client;

/// <summary>
/// Serves PIN entry or local-identity choice on a connection of its own: closing that connection is how the protocol ends an offer, and
/// frees the pool's lock at once.
/// </summary>
internal static class EntryService
{
    internal static Task ServePinsAsync(
        ConnectionKeeper keeper, PinEntryHandler handler, TimeSpan lockTime, CancellationToken cancellation)
    {
        double microseconds = lockTime.TotalMicroseconds;
        if (microseconds is < 0 or > uint.MaxValue)
            throw new ArgumentOutOfRangeException(nameof(lockTime), "the protocol counts microseconds up to 4294 s");
        var offer = new PinEntryMessage(0, 0, (uint)microseconds, [], "", "", "", "", "");
        return ServeAsync(keeper, Command.PinEntry, offer, async (connection, callback, ended) =>
        {
            if (callback.Body is not PinEntryMessage asked)
                return false;
            var prompt = new PinPrompt(
                asked.Attempt, asked.Prompt, asked.TokenManufacturer, asked.TokenModel, asked.TokenSerial, asked.TokenLabel);
            byte[] pin = await handler(prompt, ended).ConfigureAwait(false);
            try
            {
                connection.Answer(callback, offer with { Pin = pin, Attempt = asked.Attempt });
            }
            finally
            {
                CryptographicOperations.ZeroMemory(pin);
            }
            return true;
        }, cancellation);
    }

    internal static Task ServeLocalIdsAsync(
        ConnectionKeeper keeper, LocalIdChooser chooser, LidEntryFlags flags, TimeSpan timeout, CancellationToken cancellation)
    {
        double seconds = Math.Ceiling(timeout.TotalSeconds);
        if (seconds is < 0 or > uint.MaxValue)
            throw new ArgumentOutOfRangeException(nameof(timeout));
        var registration = new LidEntryMessage(flags & LidEntryFlags.RegistrationMask, 0, (uint)seconds, "", "");
        return ServeAsync(keeper, Command.LidEntryRegister, registration, async (connection, callback, ended) =>
        {
            if (callback.Body is not LidEntryMessage asked)
                return false;
            var question = new LocalIdQuestion(
                asked.Flags, asked.MaxLevels, asked.LocalId, asked.RemoteId, TimeSpan.FromSeconds(asked.Timeout));
            LocalIdChoice? choice = await chooser(question, ended).ConfigureAwait(false);
            if (question.IsEntry)
                connection.Answer(callback, asked);
            else if (choice is null)
                return false;
            else
                connection.Answer(callback, Message(asked, choice));
            return true;
        }, cancellation);
    }

    private static LidEntryMessage Message(LidEntryMessage asked, LocalIdChoice choice) => asked with
    {
        Flags = choice.Flags,
        MaxLevels = choice.Levels,
        LocalId = choice.LocalId,
        RemoteId = choice.RemoteId ?? Generalize(asked.RemoteId, choice.Levels),
    };

    private static string Generalize(string remoteId, int levels)
    {
        if (levels == 0 || !DoNai.TryParse(remoteId, out DoNai? identity))
            return remoteId;
        Selector[] search = [.. Selector.Search(identity)];
        return search[Math.Min(levels, search.Length - 1)].ToString();
    }

    /// <summary>Makes the offer and answers callbacks until cancelled; <paramref name="answer"/> returns false to refuse one.</summary>
    private static async Task ServeAsync(
        ConnectionKeeper keeper,
        Command command,
        Message offer,
        Func<ClientConnection, Frame, CancellationToken, ValueTask<bool>> answer,
        CancellationToken cancellation)
    {
        ClientConnection connection = await keeper.OpenAsync(cancellation).ConfigureAwait(false);
        // A question ends with its connection: nobody waits for the answer.
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task ending = connection.Ended.ContinueWith(_ => ended.CancelAsync(), TaskScheduler.Default).Unwrap();
        try
        {
            var request = new CallbackRequest();
            connection.Start(request, command, offer);
            await foreach (Frame callback in request.Callbacks.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                try
                {
                    if (!await answer(connection, callback, ended.Token).ConfigureAwait(false))
                        connection.Refuse(callback.RequestId, callback.CallbackId, "refused");
                }
                catch (OperationCanceledException) when (ended.IsCancellationRequested && !cancellation.IsCancellationRequested)
                {
                    // The channel knows why the connection has ended.
                    continue;
                }
            }
        }
        finally
        {
            connection.Close();
            await ending.ConfigureAwait(false);
        }
    }
}
