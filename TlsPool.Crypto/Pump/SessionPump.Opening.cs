using TlsPool.Crypto.Records;
using TlsPool.Protocol.IO;

namespace TlsPool.Crypto.Pump;

/// <content>Ciphertext to plaintext.</content>
public sealed partial class SessionPump
{
    /// <summary>Batches per direction before other sessions of the loop get their turn.</summary>
    private const int BatchesPerRound = 4;

    /// <summary>Answers to post-handshake messages that may wait for a peer that does not read, before no more is read from it.</summary>
    private const int MaxAnswers = 16 * 1024;

    /// <summary>Records without application data in a row, beyond which the peer is only keeping this side busy.</summary>
    private const int MaxIdleRecords = 64;

    private long _bytesToPlaintext;
    private int _queuedAnswers;
    private bool _wholeRecords;
    private bool _truncated;
    private byte _idleRecords;

    /// <summary>What came to an end inside a batch.</summary>
    private readonly record struct Stop(SessionEndReason Reason, AlertCode? Alert, AlertCode? Received);

    /// <summary>Opens what has arrived, up to a limit; true if there may be more.</summary>
    private bool OpenRecords()
    {
        for (int batch = 0; batch < BatchesPerRound; batch++)
        {
            if (!DeliverPending())
                return false;
            if (_plaintext!.IsBlocked || _closeNotifyReceived || _truncated)
                return false;
            if (!_ciphertext.IsReadable && !_wholeRecords)
                return false;
            // Data that waits must not keep this side from reading: a peer in the same state would wait for ever.
            if (_ciphertext.Pending == 0)
                _queuedAnswers = 0;
            if (_queuedAnswers > MaxAnswers)
                return !_ciphertext.IsBlocked;
            if (_renewal is { StopsReading: true })
                return false;
            if (!OpenBatch())
                return false;
        }
        return true;
    }

    /// <summary>Passes on what the plaintext side did not take before, and the end of data behind it; false if the session has ended.</summary>
    private bool DeliverPending()
    {
        if (!_plaintext!.Flush(_loop, this))
        {
            End(SessionEndReason.PlaintextReset, AlertCode.InternalError);
            return false;
        }
        if (_plaintext.Pending > 0)
            return true;
        if (_truncated)
        {
            End(SessionEndReason.Truncated);
            return false;
        }
        if (_closeNotifyReceived)
            _plaintext.EndWrite();
        return true;
    }

    /// <summary>Reads, opens and passes on one batch; false if the session has ended.</summary>
    private bool OpenBatch()
    {
        Span<byte> scratch = _loop.Scratch;
        int have = _partial.Take(scratch);
        _wholeRecords = false;
        bool ended = false;
        if (_ciphertext.IsReadable)
        {
            int got = _ciphertext.Receive(scratch[have..]);
            if (got == SocketCalls.Failed)
            {
                End(SessionEndReason.CiphertextReset);
                return false;
            }
            ended = got == 0;
            have += Math.Max(got, 0);
        }
        Stop? stop = OpenInPlace(scratch[..have], out int content, out int used);
        if (!_closeNotifyReceived && stop is null)
            _partial.Append(scratch[used..have]);
        if (content > 0)
        {
            Volatile.Write(ref _bytesToPlaintext, _bytesToPlaintext + content);
            if (!_plaintext!.Send(_loop, this, scratch[..content]))
            {
                End(SessionEndReason.PlaintextReset, AlertCode.InternalError);
                return false;
            }
        }
        if (stop is { } end)
        {
            End(end.Reason, end.Alert, end.Received);
            return false;
        }
        _truncated = ended && !_closeNotifyReceived;
        return DeliverPending();
    }

    /// <summary>Opens the whole records of a buffer and gathers their application data at its front.</summary>
    private Stop? OpenInPlace(Span<byte> buffer, out int content, out int used)
    {
        content = 0;
        used = 0;
        int maxBody = _isTls13 ? RecordHeader.MaxBody13 : RecordHeader.MaxBody12;
        try
        {
            while (!_closeNotifyReceived && _phase != Phase.AwaitingPlaintext && buffer.Length - used >= RecordHeader.Size && _renewal is not { StopsReading: true })
            {
                Span<byte> rest = buffer[used..];
                int size = RecordHeader.Size + RecordHeader.BodyLength(rest);
                if (size > RecordHeader.Size + maxBody)
                    throw new RecordException(AlertCode.RecordOverflow, "a record is too long");
                if (rest.Length < size)
                    break;
                Span<byte> record = rest[..size];
                if (_renewal is { PeerChanged: true } renewal)
                {
                    used += size;
                    if (TakeProtected(renewal, record) is { } failed)
                        return failed;
                    continue;
                }
                OpenedRecord opened = _opener!.Open(record);
                Span<byte> inner = record.Slice(opened.Offset, opened.Length);
                used += size;
                if (opened.Type is not (ContentType.Handshake or ContentType.Alert) && _postHandshake!.IsInsideMessage)
                    throw new RecordException(AlertCode.UnexpectedMessage, "a handshake message is interrupted");
                if (opened.Type == ContentType.ApplicationData && inner.Length > 0)
                {
                    _idleRecords = 0;
                    inner.CopyTo(buffer[content..]);
                    content += inner.Length;
                }
                else if (TakeControl(opened.Type, inner) is { } stop)
                {
                    return stop;
                }
            }
            return null;
        }
        catch (RecordException exception)
        {
            return new Stop(SessionEndReason.ProtocolError, exception.Alert, null);
        }
    }

    /// <summary>A record that carries no data for the application.</summary>
    private Stop? TakeControl(ContentType type, ReadOnlySpan<byte> content)
    {
        if (++_idleRecords > MaxIdleRecords)
            throw new RecordException(AlertCode.UnexpectedMessage, "too many records without data");
        if (_renewal is { } renewal && (type == ContentType.Handshake || (type == ContentType.ChangeCipherSpec && !renewal.IsInvitation)))
            return TakeRenewal(renewal, type, content);
        switch (type)
        {
            case ContentType.ApplicationData:
                return null;
            case ContentType.Alert:
                return TakeAlert(content);
            case ContentType.Handshake when content.Length > 0:
                _postHandshake!.Receive(content, this);
                return null;
            default:
                throw new RecordException(AlertCode.UnexpectedMessage, "a record of a type that has no place here");
        }
    }

    private Stop? TakeAlert(ReadOnlySpan<byte> content)
    {
        if (content.Length != 2)
            throw new RecordException(AlertCode.DecodeError, "an alert is malformed");
        var alert = (AlertCode)content[1];
        if (alert == AlertCode.CloseNotify)
        {
            _closeNotifyReceived = true;
            CancelAuthentication(RenewalRefusal.ByPeer);
            return _renewal is null ? null : LeaveRenewal();
        }
        // RFC 8446 section 6: the level means nothing, and only user_canceled is no error.
        if (alert == AlertCode.NoRenegotiation && IsTurnedDown())
            return null;
        bool harmless = _isTls13 ? alert == AlertCode.UserCanceled : content[0] == WarningLevel;
        return harmless ? null : new Stop(SessionEndReason.AlertReceived, null, alert);
    }
}
