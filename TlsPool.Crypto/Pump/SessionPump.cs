using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;
using TlsPool.Protocol.IO;

namespace TlsPool.Crypto.Pump;

/// <summary>
/// The data path of one TLS session on one <see cref="EventLoop"/>: first handshake bytes, then records both ways between the
/// ciphertext and the plaintext descriptor (design/architecture.md, "Data path"). Holds a buffer only for a partial record or a
/// blocked write.
/// <code>
/// Handshaking ─► (Anonymous) ─► AwaitingPlaintext ─► Established ─► Lingering ─► Ended
///      └───────────────┴───────────────┴──────────────────────────────────────► Ended
/// </code>
/// </summary>
/// <remarks>
/// End of data in one direction is passed on (close_notify, or a shutdown of the plaintext side) and the other direction goes on. Every
/// other end is a reset of the plaintext side: RST where it is TCP. An AF_UNIX stream has no such thing: its reader gets ECONNRESET if
/// it has sent bytes that were not read yet; else the end of data together with a hang-up (EPOLLHUP; writes fail with EPIPE), where a
/// clean end leaves its writing direction open.
/// </remarks>
public sealed partial class SessionPump : DescriptorHandler
{
    private static readonly TimeSpan LingerLimit = TimeSpan.FromSeconds(1);

    private readonly EventLoop _loop;
    private readonly ISessionEvents _events;
    private readonly PumpSide _ciphertext;
    private PumpSide? _plaintext;
    private PendingBytes _partial;
    private Phase _phase;
    private bool _requeued;
    private SessionEnd? _end;

    private SessionPump(EventLoop loop, SafeDescriptor ciphertext, ISessionEvents events)
    {
        _loop = loop;
        _events = events;
        _ciphertext = new PumpSide(ciphertext);
        SocketCalls.DisableDelay(ciphertext.Number);
    }

    private enum Phase : byte
    {
        Handshaking,
        Anonymous,
        AwaitingPlaintext,
        Established,
        Lingering,
        Ended,
    }

    /// <summary>Application bytes opened and passed on so far. Any thread; may lag.</summary>
    public long BytesToPlaintext => Volatile.Read(ref _bytesToPlaintext);

    /// <summary>Application bytes sealed and passed on so far. Any thread; may lag.</summary>
    public long BytesToCiphertext => Volatile.Read(ref _bytesToCiphertext);

    /// <summary>Takes a ciphertext descriptor and starts the handshake on the loop. Any thread.</summary>
    /// <param name="loop">The loop that will own both descriptors.</param>
    /// <param name="ciphertext">A connected stream socket, now owned by the pump.</param>
    /// <param name="handshake">A fresh machine, now owned by the pump.</param>
    /// <param name="events">Who is told.</param>
    /// <param name="maxEarly">Application bytes that are taken, and held back, between an anonymous handshake and the one that follows it.</param>
    public static SessionPump Start(EventLoop loop, SafeDescriptor ciphertext, HandshakeMachine handshake, ISessionEvents events, int maxEarly = 0)
    {
        var pump = new SessionPump(loop, ciphertext, events) { _machine = handshake, _maxEarly = maxEarly };
        if (!loop.Post(_ => pump.BeginHandshake(), pump))
            pump._ciphertext.Abandon();
        return pump;
    }

    /// <summary>Takes over a session whose handshake was made elsewhere; it waits for <see cref="Attach"/>.</summary>
    internal static SessionPump Adopt(EventLoop loop, SafeDescriptor ciphertext, HandshakeOutcome outcome, ISessionEvents events, int maxEarly = 0)
    {
        var pump = new SessionPump(loop, ciphertext, events) { _maxEarly = maxEarly };
        pump.Adopt(outcome);
        if (!loop.Post(_ => pump._ciphertext.Register(loop, pump), pump))
            pump._ciphertext.Abandon();
        return pump;
    }

    /// <summary>Answers the open question. Any thread.</summary>
    public void Answer(HandshakeAnswer answer) => _loop.Post(_ => GoOn(answer), this);

    /// <summary>Gives the plaintext side, now owned by the pump, and lets bytes flow. Any thread; once, after the handshake.</summary>
    /// <param name="plaintext">A connected stream socket; closed at once if the session has ended meanwhile.</param>
    public void Attach(SafeDescriptor plaintext)
    {
        if (!_loop.Post(_ => BeginPumping(plaintext), this))
            plaintext.Dispose();
    }

    /// <summary>Ends the session from this side: during the handshake with the alert, later with close_notify (or the alert, if fatal). Any thread.</summary>
    public void Close(AlertCode alert) => _loop.Post(_ => CloseHere(alert), this);

    /// <summary>Sends a key update (TLS 1.3; nothing happens in TLS 1.2). Any thread.</summary>
    /// <param name="requestAnswer">Ask the peer to update its keys too.</param>
    public void UpdateKeys(bool requestAnswer) => _loop.Post(_ => UpdateKeysNow(requestAnswer), this);

    /// <inheritdoc/>
    protected override void OnReady(EventLoop loop, int descriptor, Readiness ready)
    {
        PumpSide side = descriptor == _ciphertext.Number ? _ciphertext : _plaintext!;
        side.Note(ready);
        switch (_phase)
        {
            case Phase.Handshaking:
                ShakeWhenReady();
                break;
            case Phase.Anonymous:
                PumpAnonymously();
                break;
            case Phase.AwaitingPlaintext:
                // The peer's bytes stay in the kernel until there is somebody to take them.
                if (_ciphertext.IsBroken || !_ciphertext.Flush(_loop, this))
                    End(SessionEndReason.CiphertextReset);
                break;
            case Phase.Established:
                Pump();
                break;
            case Phase.Lingering:
                Linger();
                break;
            default:
                break;
        }
    }

    /// <inheritdoc/>
    protected override void OnFault(EventLoop loop, Exception exception)
    {
        switch (_phase)
        {
            case Phase.Handshaking:
                string reason = exception is IOException ? exception.Message : $"the handshake broke ({exception.GetType().Name})";
                FailHandshake(new HandshakeFault(AlertCode.InternalError, FromPeer: false, reason));
                break;
            case Phase.Anonymous or Phase.AwaitingPlaintext or Phase.Established:
                End(SessionEndReason.ClosedHere, AlertCode.InternalError);
                break;
            default:
                // It is ended already: only the loop can tell anybody.
                Destroy();
                throw new InvalidOperationException("a session failed while it ended", exception);
        }
    }

    private void BeginPumping(SafeDescriptor plaintext)
    {
        if (_phase != Phase.AwaitingPlaintext)
        {
            plaintext.Dispose();
            return;
        }
        _plaintext = new PumpSide(plaintext);
        SocketCalls.DisableDelay(plaintext.Number);
        _phase = Phase.Established;
        try
        {
            _plaintext.Register(_loop, this);
        }
        catch (IOException)
        {
            End(SessionEndReason.PlaintextReset, AlertCode.InternalError);
            return;
        }
        _wholeRecords = _partial.Length > 0;
        if (!DeliverEarly())
            return;
        ScheduleFirstMessages();
        Pump();
    }

    /// <summary>Moves what can be moved, a bounded amount; a session with more to do queues behind the others of its loop.</summary>
    private void Pump()
    {
        if (_phase == Phase.Anonymous)
        {
            PumpAnonymously();
            return;
        }
        if (_phase != Phase.Established)
            return;
        bool more = OpenRecords();
        if (_phase == Phase.Established)
            more |= SealRecords();
        if (_phase != Phase.Established)
            return;
        if (_plaintext!.WriteEnded && _ciphertext.WriteEnded)
            End(SessionEndReason.Finished);
        else if (_closeNotifyReceived && _ciphertext.IsBroken)
            End(SessionEndReason.CiphertextReset);
        else if (_plaintext.IsGone && _ciphertext.WriteEnded)
            End(SessionEndReason.Finished);
        else if (more && !_requeued)
        {
            _requeued = true;
            _loop.Post(_ => Continue(), this);
        }
    }

    private void Continue()
    {
        _requeued = false;
        if (_phase == Phase.Established)
            Pump();
    }

    private void CloseHere(AlertCode alert)
    {
        switch (_phase)
        {
            case Phase.Handshaking:
                AbortHandshake(alert);
                break;
            case Phase.Anonymous or Phase.AwaitingPlaintext or Phase.Established:
                End(SessionEndReason.ClosedHere, alert);
                break;
            default:
                break;
        }
    }

    /// <summary>Ends the session after its handshake: tells the peer, closes the plaintext side, then lets the ciphertext side run out.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="alert">The alert to send, unless close_notify was sent before.</param>
    /// <param name="received">The alert that came.</param>
    private void End(SessionEndReason reason, AlertCode? alert = null, AlertCode? received = null)
    {
        if (alert is { } code && !_closeNotifySent && !_ciphertext.IsBroken)
            SealAlert(code);
        _phase = Phase.Lingering;
        _end = new SessionEnd(reason, received ?? alert, _bytesToPlaintext, _bytesToCiphertext);
        bool reset = reason != SessionEndReason.Finished;
        _plaintext?.Close(_loop, reset);
        _plaintext = null;
        DropKeys();
        bool nothingFollows = reason is SessionEndReason.CiphertextReset or SessionEndReason.AlertReceived or SessionEndReason.Truncated;
        if (nothingFollows || (reason == SessionEndReason.Finished && _closeNotifyReceived))
        {
            Destroy();
            return;
        }
        _loop.Schedule(LingerLimit, _ => Destroy(), this);
        Linger();
    }

    /// <summary>
    /// Sends the last bytes and drops what still arrives: closing a socket with unread bytes makes the kernel send a reset, which can
    /// overtake the last bytes at the peer.
    /// </summary>
    private void Linger()
    {
        if (!_ciphertext.Flush(_loop, this))
        {
            Destroy();
            return;
        }
        if (_ciphertext.Pending == 0)
            _ciphertext.EndWrite();
        for (int batch = 0; batch < BatchesPerRound && _ciphertext.IsReadable; batch++)
        {
            if (_ciphertext.Receive(_loop.Scratch) is 0 or SocketCalls.Failed)
            {
                Destroy();
                return;
            }
        }
        if (_ciphertext.IsReadable && !_requeued)
        {
            _requeued = true;
            _loop.Post(_ => ContinueLingering(), this);
        }
    }

    private void ContinueLingering()
    {
        _requeued = false;
        if (_phase == Phase.Lingering)
            Linger();
    }

    private void Destroy()
    {
        if (_phase == Phase.Ended)
            return;
        _phase = Phase.Ended;
        _ciphertext.Close(_loop, reset: false);
        if (_end is { } end)
            _events.OnEnded(this, end);
    }
}
