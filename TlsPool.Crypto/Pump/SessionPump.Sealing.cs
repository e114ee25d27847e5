using TlsPool.Crypto.Records;
using TlsPool.Protocol.IO;

namespace TlsPool.Crypto.Pump;

/// <content>Plaintext to ciphertext.</content>
public sealed partial class SessionPump
{
    private const int RecordsPerBatch = 16;

    /// <summary>Room kept for an alert behind the data.</summary>
    private const int AlertRoom = 256;

    private long _bytesToCiphertext;

    /// <summary>Seals what the application wrote, up to a limit; true if there may be more.</summary>
    private bool SealRecords()
    {
        for (int batch = 0; batch < BatchesPerRound; batch++)
        {
            bool read = !_closeNotifySent && _plaintext!.IsReadable && _renewal is not { IsRunning: true };
            // Short messages wait for the data they can travel with.
            if ((!read || _ciphertext.Pending > MaxAnswers) && !_ciphertext.Flush(_loop, this))
            {
                CiphertextLost();
                return false;
            }
            if (_ciphertext.IsBlocked)
                return false;
            if (!read)
            {
                if (_closeNotifySent)
                    _ciphertext.EndWrite();
                return false;
            }
            if (!SealBatch())
                return false;
        }
        return true;
    }

    /// <summary>Reads, seals and sends one batch in one write, with what was queued in front of it; false if the session has ended.</summary>
    private bool SealBatch()
    {
        SealFirstMessages();
        Span<byte> scratch = _loop.Scratch;
        int length = _ciphertext.TakePending(scratch);
        bool filled = Fill(scratch, ref length);
        bool sent = length == 0 || _ciphertext.Send(_loop, this, scratch[..length]);
        if (!filled)
        {
            End(SessionEndReason.PlaintextReset, AlertCode.InternalError);
            return false;
        }
        if (!sent)
        {
            CiphertextLost();
            return false;
        }
        return !_sealer!.IsExhausted || RenewSealer();
    }

    /// <summary>Receives into record slots and seals them where they are, behind what is in the buffer already; false if the socket failed.</summary>
    private bool Fill(Span<byte> buffer, ref int length)
    {
        RecordSealer sealer = _sealer!;
        int front = RecordSealer.HeaderSize + sealer.PrefixSize;
        int stride = front + _maxContent + sealer.SuffixSize;
        int slots = Math.Min(RecordsPerBatch, (buffer.Length - length - AlertRoom) / stride);
        while (slots > 0 && _plaintext!.IsReadable)
        {
            int got = _plaintext.ReceiveSlots(buffer[length..], front, stride, _maxContent, slots);
            if (got == 0)
            {
                SealAlert(AlertCode.CloseNotify);
                length += _ciphertext.TakePending(buffer[length..]);
            }
            if (got <= 0)
                return got != SocketCalls.Failed;
            Volatile.Write(ref _bytesToCiphertext, _bytesToCiphertext + got);
            for (int left = got; left > 0; left -= _maxContent, slots--)
                length += sealer.Seal(buffer[length..], Math.Min(left, _maxContent), ContentType.ApplicationData);
        }
        return true;
    }

    /// <summary>The peer takes no more: after both close_notify alerts that is its right.</summary>
    private void CiphertextLost() =>
        End(_closeNotifySent && _closeNotifyReceived ? SessionEndReason.Finished : SessionEndReason.CiphertextReset);

    /// <summary>A key has protected as much as it may: the next one (TLS 1.3), or the end (TLS 1.2).</summary>
    private bool RenewSealer()
    {
        if (_closeNotifySent)
            return true;
        _postHandshake!.SendKeyUpdate(requestAnswer: false, this);
        if (!_sealer!.IsExhausted)
            return true;
        End(SessionEndReason.ClosedHere, AlertCode.InternalError);
        return false;
    }
}
