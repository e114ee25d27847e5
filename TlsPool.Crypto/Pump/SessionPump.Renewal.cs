using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Pump;

/// <content>Renegotiation of TLS 1.2 sessions, while data goes on (RFC 5246 section 7.4.1, RFC 5746).</content>
public sealed partial class SessionPump
{
    private static ReadOnlySpan<byte> HelloRequestMessage => [0, 0, 0, 0];

    private Renegotiation? _renewal;

    /// <summary>
    /// Renegotiates (TLS 1.2): sends a ClientHello, or a HelloRequest, or goes on with what the peer has asked for. Any thread; the outcome is
    /// told by <see cref="ISessionEvents"/>.
    /// </summary>
    /// <param name="machine">A fresh machine that renews this session's secrets, now owned by the pump.</param>
    public void Renegotiate(HandshakeMachine machine)
    {
        if (!_loop.Post(_ => BeginRenegotiation(machine), this))
            machine.Dispose();
    }

    /// <summary>Turns down what the peer asked for. Any thread; once per <see cref="ISessionEvents.OnRenewalWanted"/>.</summary>
    public void RefuseRenegotiation() => _loop.Post(_ => RefuseNow(), this);

    /// <summary>Gives a renegotiation up: if it has begun the session ends with it. Any thread; told as its end is.</summary>
    /// <param name="alert">What the peer is told then.</param>
    public void CancelRenegotiation(AlertCode alert) => _loop.Post(_ => CancelNow(alert), this);

    /// <inheritdoc/>
    void IPostHandshakeSession.PeerRenegotiates(byte[] message)
    {
        if (_closeNotifySent)
            return;
        if (_renewal is not { Machine: not null } invited)
        {
            _renewal = new Renegotiation();
            if (message[0] != HelloRequestMessage[0])
                _renewal.Add(ContentType.Handshake, message);
            _events.OnRenewalWanted(this);
            return;
        }
        invited.IsRunning = true;
        invited.Add(ContentType.Handshake, message);
    }

    private void BeginRenegotiation(HandshakeMachine machine)
    {
        bool possible = _phase is (Phase.Established or Phase.Anonymous) && !_isTls13 && !_closeNotifySent && !_closeNotifyReceived && _renewal?.Machine is null;
        if (!possible)
        {
            machine.Dispose();
            if (_renewal is { Machine: null })
                _renewal = null;
            _events.OnRenewalRefused(this, RenewalRefusal.NotNow);
            return;
        }
        bool wanted = _renewal is not null;
        _renewal ??= new Renegotiation();
        _renewal.Machine = machine;
        bool isClient = machine.Role == TlsRole.Client;
        _renewal.IsRunning = isClient || wanted;
        if (!_renewal.IsRunning)
        {
            ((PostHandshake12)_postHandshake!).Invite();
            SealAndQueue(ContentType.Handshake, HelloRequestMessage);
        }
        GoOnRenewing(machine.Start());
    }

    private void RefuseNow()
    {
        if (_renewal is not { Machine: null } || _phase is not (Phase.Established or Phase.Anonymous))
            return;
        _renewal = null;
        try
        {
            ((PostHandshake12)_postHandshake!).Refuse(this);
            Pump();
        }
        catch (RecordException exception)
        {
            End(SessionEndReason.ProtocolError, exception.Alert);
        }
    }

    private void CancelNow(AlertCode alert)
    {
        if (_isTls13)
            CancelAuthentication(RenewalRefusal.GivenUp);
        if (_renewal?.Machine is not { } machine || _phase is not (Phase.Established or Phase.Anonymous))
            return;
        if (_renewal.IsInvitation)
        {
            DropRenewal();
            _events.OnRenewalRefused(this, RenewalRefusal.GivenUp);
            return;
        }
        machine.Abort(alert);
        Stop stop = FailRenewal();
        End(stop.Reason, stop.Alert, stop.Received);
    }

    private void AnswerRenewal(HandshakeAnswer answer)
    {
        if (_isTls13)
        {
            AnswerAuthentication(answer);
            return;
        }
        if (_renewal is not { IsSuspended: true } renewal)
            return;
        renewal.IsSuspended = false;
        GoOnRenewing(renewal.Machine!.Answer(answer));
    }

    /// <summary>Goes on outside of reading: what was read meanwhile comes next.</summary>
    private void GoOnRenewing(HandshakeStatus status)
    {
        if (Advance12(status) is { } stop)
        {
            End(stop.Reason, stop.Alert, stop.Received);
            return;
        }
        _wholeRecords = _partial.Length > 0;
        Pump();
    }

    /// <summary>Content of a handshake record, or the peer's change of keys.</summary>
    private Stop? TakeRenewal(Renegotiation renewal, ContentType type, ReadOnlySpan<byte> content)
    {
        if (renewal.IsInvitation)
        {
            _postHandshake!.Receive(content, this);
            // Anything but the ClientHello is not complete yet.
            return renewal.IsRunning ? Advance12(HandshakeStatus.NeedInput) : null;
        }
        renewal.Add(type, content);
        renewal.PeerChanged = type == ContentType.ChangeCipherSpec;
        return renewal.IsSuspended || renewal.Machine is null ? null : Advance12(HandshakeStatus.NeedInput);
    }

    /// <summary>A record that the machine has the keys for.</summary>
    private Stop? TakeProtected(Renegotiation renewal, ReadOnlySpan<byte> record)
    {
        renewal.AddRecord(record.ToArray());
        return Advance12(HandshakeStatus.NeedInput);
    }

    private Stop? Advance12(HandshakeStatus status)
    {
        Renegotiation renewal = _renewal!;
        if (status == HandshakeStatus.NeedInput && renewal.IsRunning)
            status = renewal.Feed(status);
        if (status == HandshakeStatus.Failed)
            return FailRenewal();
        QueueOutput(renewal);
        if (status == HandshakeStatus.Asking)
        {
            renewal.IsSuspended = true;
            _events.OnQuestion(this, renewal.Machine!.Question!);
        }
        else if (status == HandshakeStatus.Done)
        {
            FinishRenewal(renewal, renewal.Machine!.Outcome!);
        }
        return null;
    }

    private void FinishRenewal(Renegotiation renewal, HandshakeOutcome outcome)
    {
        _renewal = null;
        if (renewal.HasRest)
            throw new InvalidOperationException("the renegotiation left records unread");
        renewal.Machine!.Dispose();
        _sealer!.Dispose();
        _opener!.Dispose();
        (_sealer, _opener, _maxContent, _idleRecords) = (outcome.Sealer, outcome.Opener, outcome.MaxContent, 0);
        if (_phase == Phase.Anonymous)
            _phase = Phase.AwaitingPlaintext;
        _events.OnRenewed(this, outcome);
    }

    /// <summary>Sends the machine's alert; the session cannot go on.</summary>
    private Stop FailRenewal()
    {
        HandshakeFault fault = _renewal!.Machine!.Fault!;
        QueueOutput(_renewal);
        _closeNotifySent = true;
        DropRenewal();
        _events.OnRenewalFailed(this, fault);
        return fault.FromPeer
            ? new Stop(SessionEndReason.AlertReceived, null, fault.Alert)
            : new Stop(SessionEndReason.ProtocolError, fault.Alert, null);
    }

    /// <summary>The peer answers no_renegotiation; true if that was about a renegotiation of this side.</summary>
    private bool IsTurnedDown()
    {
        if (_renewal is not { Machine: not null, PeerChanged: false, OwnChanged: false })
            return false;
        DropRenewal();
        _events.OnRenewalRefused(this, RenewalRefusal.ByPeer);
        return true;
    }

    /// <summary>The peer closes in place of renegotiating: data that waited for it is lost.</summary>
    private Stop? LeaveRenewal()
    {
        if (_renewal!.IsRunning)
            return new Stop(SessionEndReason.ProtocolError, AlertCode.CloseNotify, null);
        bool own = _renewal.IsInvitation;
        DropRenewal();
        if (own)
            _events.OnRenewalRefused(this, RenewalRefusal.ByPeer);
        return null;
    }

    private void DropRenewal()
    {
        _renewal?.Drop();
        _renewal = null;
    }

    /// <summary>Seals what the machine says in the clear, and passes on what it has protected itself.</summary>
    private void QueueOutput(Renegotiation renewal)
    {
        byte[] output = renewal.TakeOutput();
        for (ReadOnlySpan<byte> rest = output; !rest.IsEmpty;)
        {
            ReadOnlySpan<byte> record = rest[..(RecordHeader.Size + RecordHeader.BodyLength(rest))];
            rest = rest[record.Length..];
            ContentType type = RecordHeader.Type(record);
            if (renewal.OwnChanged)
                _ciphertext.Queue(record);
            else
                SealAndQueue(type, record[RecordHeader.Size..]);
            renewal.OwnChanged |= type == ContentType.ChangeCipherSpec;
        }
    }
}
