using TlsPool.Crypto.Records;
using TlsPool.Protocol.IO;

namespace TlsPool.Crypto.Pump;

/// <content>
/// Between an anonymous handshake and the one that follows it (TLS 1.2): nobody knows yet with whom this is, so nothing is passed on. What the
/// peer has to say already is held back, up to a limit, until it has proven that it is the one that says it.
/// </content>
public sealed partial class SessionPump
{
    private PendingBytes _early;
    private int _maxEarly;

    private void PumpAnonymously()
    {
        if (!_ciphertext.Flush(_loop, this) || _ciphertext.IsBroken)
        {
            End(SessionEndReason.CiphertextReset);
            return;
        }
        while (_phase == Phase.Anonymous && (_ciphertext.IsReadable || _wholeRecords) && _renewal is not { StopsReading: true })
        {
            if (!OpenEarly())
                return;
        }
        if (_phase == Phase.Anonymous && !_ciphertext.Flush(_loop, this))
            End(SessionEndReason.CiphertextReset);
    }

    /// <summary>Opens one batch; false if the session has ended.</summary>
    private bool OpenEarly()
    {
        Span<byte> scratch = _loop.Scratch;
        int have = _partial.Take(scratch);
        _wholeRecords = false;
        if (_ciphertext.IsReadable)
        {
            int got = _ciphertext.Receive(scratch[have..]);
            if (got is 0 or SocketCalls.Failed)
            {
                End(got == 0 ? SessionEndReason.Truncated : SessionEndReason.CiphertextReset);
                return false;
            }
            have += Math.Max(got, 0);
        }
        Stop? stop = OpenInPlace(scratch[..have], out int content, out int used);
        if (stop is null && _closeNotifyReceived)
            stop = new Stop(SessionEndReason.ProtocolError, AlertCode.CloseNotify, null);
        if (stop is null && _early.Length + content > _maxEarly)
            stop = new Stop(SessionEndReason.ProtocolError, AlertCode.UnexpectedMessage, null);
        if (stop is { } end)
        {
            End(end.Reason, end.Alert, end.Received);
            return false;
        }
        _early.Append(scratch[..content]);
        _partial.Append(scratch[used..have]);
        return true;
    }

    /// <summary>Passes on what was held back, now that it is known whose words these are; false if the session has ended.</summary>
    private bool DeliverEarly()
    {
        if (_early.Length == 0)
            return true;
        Span<byte> content = _loop.Scratch[.._early.Length];
        _early.Take(content);
        Volatile.Write(ref _bytesToPlaintext, content.Length);
        if (_plaintext!.Send(_loop, this, content))
            return true;
        End(SessionEndReason.PlaintextReset, AlertCode.InternalError);
        return false;
    }
}
