using System.Buffers;
using System.Security.Cryptography;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;
using TlsPool.Protocol.IO;

namespace TlsPool.Crypto.Pump;

/// <content>Keys, alerts and messages after the handshake.</content>
public sealed partial class SessionPump : IPostHandshakeSession
{
    /// <summary>How long tickets wait for data to travel with.</summary>
    private static readonly TimeSpan FirstMessagesDelay = TimeSpan.FromMilliseconds(10);

    private const byte WarningLevel = 1;
    private const byte FatalLevel = 2;

    private RecordSealer? _sealer;
    private RecordOpener? _opener;
    private IPostHandshake? _postHandshake;
    private byte[]? _firstMessages;
    private int _maxContent = RecordSealer.MaxContent;
    private bool _isTls13;
    private bool _closeNotifySent;
    private bool _closeNotifyReceived;

    /// <inheritdoc/>
    void IPostHandshakeSession.Send(ContentType type, ReadOnlySpan<byte> content) => SealAndQueue(type, content);

    /// <inheritdoc/>
    void IPostHandshakeSession.UpdateSealer() => _sealer!.UpdateKeys();

    /// <inheritdoc/>
    void IPostHandshakeSession.UpdateOpener() => _opener!.UpdateKeys();

    private void Adopt(HandshakeOutcome outcome)
    {
        _sealer = outcome.Sealer;
        _opener = outcome.Opener;
        _postHandshake = outcome.PostHandshake;
        _firstMessages = outcome.FirstMessages;
        _maxContent = outcome.MaxContent;
        _isTls13 = outcome.Version == TlsVersion.Tls13;
        _phase = outcome.IsAnonymous ? Phase.Anonymous : Phase.AwaitingPlaintext;
    }

    private void DropKeys()
    {
        DropRenewal();
        _sealer?.Dispose();
        _opener?.Dispose();
        (_sealer, _opener, _postHandshake, _firstMessages) = (null, null, null, null);
        _partial.Clear();
        _early.Clear();
    }

    /// <summary>Tickets travel with the first data; a peer that waits for them does not wait long.</summary>
    private void ScheduleFirstMessages()
    {
        if (_firstMessages is not null)
            _loop.Schedule(FirstMessagesDelay, _ => SendFirstMessages(), this);
    }

    private void SendFirstMessages()
    {
        if (_phase != Phase.Established || _firstMessages is null)
            return;
        SealFirstMessages();
        Pump();
    }

    private void SealFirstMessages()
    {
        if (_firstMessages is not { } messages)
            return;
        _firstMessages = null;
        SealAndQueue(ContentType.Handshake, messages);
    }

    private void UpdateKeysNow(bool requestAnswer)
    {
        if (_phase is not (Phase.AwaitingPlaintext or Phase.Established) || _closeNotifySent)
            return;
        _postHandshake!.SendKeyUpdate(requestAnswer, this);
        if (!_ciphertext.Flush(_loop, this))
            End(SessionEndReason.CiphertextReset);
    }

    private void SealAlert(AlertCode alert)
    {
        if (_renewal is { OwnChanged: true })
        {
            // Only the machine has the keys that the peer expects now.
            _renewal.Machine!.Abort(alert);
            QueueOutput(_renewal);
            _closeNotifySent = true;
            return;
        }
        bool closing = alert is AlertCode.CloseNotify or AlertCode.UserCanceled;
        SealAndQueue(ContentType.Alert, [closing ? WarningLevel : FatalLevel, (byte)alert]);
        // user_canceled only announces the end (RFC 8446 section 6.1).
        if (alert == AlertCode.UserCanceled)
            SealAndQueue(ContentType.Alert, [WarningLevel, (byte)AlertCode.CloseNotify]);
        _closeNotifySent = true;
    }

    /// <summary>Seals content outside the scratch area, which may be in use, and queues it behind what is queued already.</summary>
    private void SealAndQueue(ContentType type, ReadOnlySpan<byte> content)
    {
        if (_closeNotifySent)
            return;
        SealFirstMessages();
        RecordSealer sealer = _sealer!;
        int front = RecordSealer.HeaderSize + sealer.PrefixSize;
        do
        {
            ReadOnlySpan<byte> part = content[..Math.Min(content.Length, _maxContent)];
            content = content[part.Length..];
            byte[] record = ArrayPool<byte>.Shared.Rent(front + part.Length + sealer.SuffixSize);
            part.CopyTo(record.AsSpan(front));
            int size = sealer.Seal(record, part.Length, type);
            _ciphertext.Queue(record.AsSpan(0, size));
            _queuedAnswers += size;
            ArrayPool<byte>.Shared.Return(record);
        }
        while (content.Length > 0);
    }
}
