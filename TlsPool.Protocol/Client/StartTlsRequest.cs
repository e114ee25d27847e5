using TlsPool.Protocol.Frames;
using TlsPool.Protocol.IO;

namespace TlsPool.Protocol.Client;

/// <summary>
/// STARTTLS with its callbacks. When it is cancelled, the caller knows at once and the network connection is shut down, so that the
/// pool gives up soon; until the pool's final response the request stays on the table and refuses what is asked of it.
/// </summary>
internal sealed class StartTlsRequest : PendingRequest
{
    private readonly TaskCompletionSource<TlsSession> _session = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly StartTlsOptions _options;
    private readonly CancellationToken _cancellation;
    private readonly CancellationTokenRegistration _registration;
    private SafeDescriptor? _ciphertext;
    private SafeDescriptor? _plaintext;
    private Exception? _callbackFault;
    private bool _over;
    private bool _cancelled;

    /// <summary>A request about to be sent.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="ciphertext">The descriptor that will be passed, still the caller's; null for a renegotiation.</param>
    /// <param name="cancellation">Abandons the request.</param>
    internal StartTlsRequest(StartTlsOptions options, SafeDescriptor? ciphertext, CancellationToken cancellation)
    {
        _options = options;
        _cancellation = cancellation;
        if (!cancellation.CanBeCanceled)
            return;
        _ciphertext = ciphertext?.Duplicate();
        _registration = cancellation.UnsafeRegister(static state => ((StartTlsRequest)state!).Cancel(), this);
    }

    /// <summary>The established session, <see cref="TlsPoolException"/>, or cancellation.</summary>
    internal Task<TlsSession> Session => _session.Task;

    internal override void OnCallback(ClientConnection connection, Frame callback)
    {
        if (IsOver() || callback.Body is not StartTlsMessage message)
        {
            connection.Refuse(callback.RequestId, callback.CallbackId, "the request was cancelled");
            return;
        }
        switch (callback.Command)
        {
            case Command.PlaintextConnect when _options.ConnectPlaintext is { } connect:
                Run(connection, callback, () => ConnectAsync(connection, callback, message, connect));
                break;
            case Command.PlaintextConnect:
                ConnectPair(connection, callback);
                break;
            case Command.StartTlsLocalId when _options.CheckLocalId is { } check:
                Run(connection, callback, () => CheckAsync(connection, callback, message, check));
                break;
            case Command.StartTlsLocalId:
                connection.Answer(callback, message);
                break;
            default:
                connection.Refuse(callback.RequestId, callback.CallbackId, "this callback does not belong to STARTTLS");
                break;
        }
    }

    internal override void OnFinal(Frame response)
    {
        SafeDescriptor? plaintext = End();
        if (response is not { Command: Command.StartTls, Body: StartTlsMessage result })
        {
            plaintext?.Dispose();
            // The pool may notice that the network side is shut down before this side is done with it.
            if (_cancelled)
                _session.TrySetCanceled(_cancellation);
            else
                _session.TrySetException(Fault(response, _callbackFault));
            return;
        }
        var session = new TlsSession(result, plaintext);
        if (!_session.TrySetResult(session))
            session.Dispose();
    }

    internal override void OnLost(TlsPoolException reason)
    {
        End()?.Dispose();
        _session.TrySetException(reason);
    }

    private bool IsOver()
    {
        lock (_gate)
            return _over;
    }

    /// <summary>The request is over one way or another: gives this side's plaintext end, and lets go of the network side.</summary>
    private SafeDescriptor? End()
    {
        SafeDescriptor? ciphertext;
        SafeDescriptor? plaintext;
        lock (_gate)
        {
            _over = true;
            (ciphertext, _ciphertext) = (_ciphertext, null);
            (plaintext, _plaintext) = (_plaintext, null);
        }
        _registration.Unregister();
        ciphertext?.Dispose();
        return plaintext;
    }

    private void Cancel()
    {
        SafeDescriptor? ciphertext;
        lock (_gate)
        {
            if (_over)
                return;
            _cancelled = true;
            (ciphertext, _ciphertext) = (_ciphertext, null);
        }
        if (ciphertext is not null)
            Ciphertext.Abort(ciphertext);
        End()?.Dispose();
        _session.TrySetCanceled(_cancellation);
    }

    private void ConnectPair(ClientConnection connection, Frame callback)
    {
        SafeDescriptor theirs;
        try
        {
            (SafeDescriptor ours, theirs) = SocketPair.Create();
            Keep(ours);
        }
        catch (IOException exhausted)
        {
            Refuse(connection, callback, exhausted);
            return;
        }
        connection.Answer(callback, callback.Body, theirs);
    }

    private void Keep(SafeDescriptor plaintext)
    {
        SafeDescriptor? superfluous = plaintext;
        lock (_gate)
        {
            if (!_over)
                (superfluous, _plaintext) = (_plaintext, plaintext);
        }
        superfluous?.Dispose();
    }

    private async Task ConnectAsync(ClientConnection connection, Frame callback, StartTlsMessage message, PlaintextConnect connect)
    {
        var identities = new ValidatedIdentities(message.LocalId, message.RemoteId, message.ControlKey);
        SafeDescriptor plaintext = await connect(identities, _cancellation).ConfigureAwait(true);
        Give(connection, callback, message, plaintext);
    }

    private async Task CheckAsync(ClientConnection connection, Frame callback, StartTlsMessage message, LocalIdCheck check)
    {
        var proposal = new LocalIdProposal(message.LocalId, message.RemoteId, message.Service);
        LocalIdAnswer answer = await check(proposal, _cancellation).ConfigureAwait(true);
        Give(connection, callback, answer.LocalId is { } localId ? message with { LocalId = localId } : message, answer.Plaintext);
    }

    private void Give(ClientConnection connection, Frame callback, StartTlsMessage body, SafeDescriptor? plaintext)
    {
        if (!IsOver())
        {
            connection.Answer(callback, body, plaintext);
            return;
        }
        plaintext?.Dispose();
        connection.Refuse(callback.RequestId, callback.CallbackId, "the request was cancelled");
    }

    /// <summary>The application's code runs away from the loop, where it may take its time, unless the loop is one that it promised not to block.</summary>
    private void Run(ClientConnection connection, Frame callback, Func<Task> answer)
    {
        if (SynchronizationContext.Current is LoopContext)
            _ = RunAsync(connection, callback, answer);
        else
            _ = Task.Run(() => RunAsync(connection, callback, answer));
    }

    private async Task RunAsync(ClientConnection connection, Frame callback, Func<Task> answer)
    {
        try
        {
            await answer().ConfigureAwait(true);
        }
        catch (Exception exception)
        {
            Refuse(connection, callback, exception);
        }
    }

    private void Refuse(ClientConnection connection, Frame callback, Exception why)
    {
        _callbackFault = why;
        connection.Refuse(callback.RequestId, callback.CallbackId, "the application cannot answer");
    }
}
