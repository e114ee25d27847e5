using System.Security.Cryptography;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.IO;
using TlsPool.Protocol.Transport;

namespace TlsPool.Protocol.Client;

/// <summary>One connection to the pool, with the requests that are open on it.</summary>
internal sealed class ClientConnection : IFrameReceiver
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ushort, PendingRequest> _requests = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private FrameConnection _transport = null!;
    private ushort _lastId;
    private volatile bool _open = true;
    private volatile bool _answered;

    private ClientConnection()
    {
    }

    /// <summary>False once no request can be made any more.</summary>
    internal bool IsOpen => _open;

    /// <summary>True once the pool has sent anything: the connection was of use.</summary>
    internal bool HasAnswered => _answered;

    /// <summary>Completes when the connection has ended and all of its requests know.</summary>
    internal Task Ended => _ended.Task;

    /// <summary>A second descriptor of it.</summary>
    internal SafeDescriptor Duplicate() => _transport.Duplicate();

    /// <summary>Connects; may block while the pool's backlog is full.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">Nobody listens there, or access is denied.</exception>
    internal static ClientConnection Connect(EventLoop loop, string path)
    {
        var connection = new ClientConnection();
        connection._transport = FrameConnection.Connect(loop, path, connection);
        return connection;
    }

    /// <summary>Sends a request; its outcome, also that of a lost connection, reaches the request itself.</summary>
    /// <param name="request">Takes what comes in answer.</param>
    /// <param name="command">The request's command.</param>
    /// <param name="body">Its body.</param>
    /// <param name="descriptor">A descriptor to pass along, handed over in any case.</param>
    /// <exception cref="ArgumentException">A value does not fit its field.</exception>
    internal void Start(PendingRequest request, Command command, Message body, SafeDescriptor? descriptor = null)
    {
        if (!TryEnter(request, out ushort id, out TlsPoolException? refusal))
        {
            descriptor?.Dispose();
            request.OnLost(refusal);
            return;
        }
        try
        {
            if (!Send(new Frame(id, 0, command, body), descriptor) && Leave(id) is not null)
                request.OnLost(Lost(TransportEnd.Failed));
        }
        catch (ArgumentException)
        {
            Leave(id);
            descriptor?.Dispose();
            throw;
        }
    }

    /// <summary>Answers a callback.</summary>
    /// <exception cref="ArgumentException">A value does not fit its field; the descriptor is closed.</exception>
    internal void Answer(Frame callback, Message body, SafeDescriptor? descriptor = null)
    {
        try
        {
            Send(callback with { Body = body }, descriptor);
        }
        catch (ArgumentException)
        {
            descriptor?.Dispose();
            throw;
        }
    }

    /// <summary>Refuses a callback.</summary>
    internal void Refuse(ushort requestId, ushort callbackId, string why) =>
        Send(new Frame(requestId, callbackId, Command.Error, new ErrorMessage(PoolError.ClientRefusesCallback, why)), null);

    /// <summary>Ends the connection; see <see cref="Ended"/>.</summary>
    internal void Close() => _transport.Close();

    void IFrameReceiver.OnFrame(FrameConnection connection, ReadOnlySpan<byte> frame, SafeDescriptor? descriptor, bool surplus)
    {
        // It may be the first to come, before Connect has returned.
        _transport = connection;
        // The pool has no reason to pass any.
        descriptor?.Dispose();
        _answered = true;
        FrameDecoding decoding = FrameCodec.Decode(frame);
        if (decoding.CallbackId != 0)
            TakeCallback(decoding);
        else if (Leave(decoding.RequestId) is { } request)
            Finish(request, decoding);
    }

    void IFrameReceiver.OnClosed(FrameConnection connection, TransportEnd reason)
    {
        PendingRequest[] orphans;
        lock (_gate)
        {
            _open = false;
            orphans = [.. _requests.Values];
            _requests.Clear();
        }
        connection.Close();
        foreach (PendingRequest orphan in orphans)
            orphan.OnLost(Lost(reason));
        _ended.TrySetResult();
    }

    private static TlsPoolException Lost(TransportEnd reason) => new(PoolError.ClientDisconnect, reason switch
    {
        TransportEnd.ClosedHere => "the connection to the TLS Pool was closed by this program",
        TransportEnd.OutputLimit => "the TLS Pool does not read what this program sends",
        _ => "the connection to the TLS Pool was lost: the daemon has stopped or has dropped this program",
    });

    private static void Finish(PendingRequest request, FrameDecoding decoding)
    {
        if (decoding.IsValid)
            request.OnFinal(decoding.Frame);
        else
            request.OnLost(new TlsPoolException(decoding.Error, $"the pool's answer makes no sense: {decoding.Reason}"));
    }

    private void TakeCallback(FrameDecoding decoding)
    {
        PendingRequest? request;
        lock (_gate)
            _requests.TryGetValue(decoding.RequestId, out request);
        if (request is null)
            Refuse(decoding.RequestId, decoding.CallbackId, "no such request is open here");
        else if (decoding.IsValid)
            request.OnCallback(this, decoding.Frame);
        else
            Refuse(decoding.RequestId, decoding.CallbackId, decoding.Reason);
    }

    private bool TryEnter(PendingRequest request, out ushort id, out TlsPoolException refusal)
    {
        id = 0;
        refusal = null!;
        lock (_gate)
        {
            if (!_open)
            {
                refusal = Lost(TransportEnd.Failed);
                return false;
            }
            if (_requests.Count >= ushort.MaxValue)
            {
                refusal = new TlsPoolException(PoolError.OutOfMemory, "65535 requests are open on this connection: wait for some to end");
                return false;
            }
            // Round the clock, so that an id rests as long as possible before it is used again. 0 is left out.
            do
                _lastId = _lastId == ushort.MaxValue ? (ushort)1 : (ushort)(_lastId + 1);
            while (!_requests.TryAdd(_lastId, request));
            id = _lastId;
            return true;
        }
    }

    private PendingRequest? Leave(ushort id)
    {
        lock (_gate)
            return _requests.Remove(id, out PendingRequest? request) ? request : null;
    }

    private bool Send(Frame frame, SafeDescriptor? descriptor)
    {
        Span<byte> bytes = stackalloc byte[Frame.Size];
        try
        {
            FrameCodec.Encode(frame, bytes);
            return _transport.Send(bytes, descriptor);
        }
        finally
        {
            // It may hold a PIN.
            CryptographicOperations.ZeroMemory(bytes);
        }
    }
}
