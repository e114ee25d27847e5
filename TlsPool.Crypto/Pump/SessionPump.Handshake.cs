using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;
using TlsPool.Protocol.IO;

namespace TlsPool.Crypto.Pump;

/// <content>The handshake: bytes between the socket and the machine.</content>
public sealed partial class SessionPump
{
    /// <summary>Most bytes read ahead of the machine: one record of the largest size and as much again.</summary>
    private const int HandshakeWindow = 2 * (RecordHeader.Size + RecordHeader.MaxBody12);

    private const int MaxDrain = 64 * 1024;

    private static readonly HandshakeFault Lost =
        new(AlertCode.CloseNotify, FromPeer: true, "the peer closed the connection during the handshake");

    private HandshakeMachine? _machine;
    private bool _suspended;

    private void BeginHandshake()
    {
        _ciphertext.Register(_loop, this);
        if (Advance(_machine!.Start()))
            Shake();
    }

    private void ShakeWhenReady()
    {
        // A send that fails is no reason to stop reading: the peer may have sent an alert before it left.
        bool lost = !_ciphertext.Flush(_loop, this) || _ciphertext.IsBroken;
        if (lost && _suspended)
            FailHandshake(Lost);
        else
            Shake();
    }

    /// <summary>Offers bytes to the machine until the socket has no more.</summary>
    private void Shake()
    {
        while (!_suspended && _ciphertext.IsReadable)
        {
            Span<byte> input = _loop.Scratch[..HandshakeWindow];
            int have = _partial.Take(input);
            int got = _ciphertext.Receive(input[have..]);
            if (got is 0 or SocketCalls.Failed)
            {
                FailHandshake(Lost);
                return;
            }
            if (!Offer(input[..(have + Math.Max(got, 0))]))
                return;
        }
    }

    private void GoOn(HandshakeAnswer answer)
    {
        if (_phase is Phase.Established or Phase.Anonymous)
            AnswerRenewal(answer);
        if (_phase != Phase.Handshaking || !_suspended)
            return;
        _suspended = false;
        if (!Advance(_machine!.Answer(answer)))
            return;
        // Bytes that were read before the question came up.
        Span<byte> input = _loop.Scratch[..HandshakeWindow];
        int have = _partial.Take(input);
        if (have == 0 || Offer(input[..have]))
            Shake();
    }

    /// <summary>Gives bytes to the machine and keeps those it did not use; false if it wants no more now.</summary>
    private bool Offer(ReadOnlySpan<byte> input)
    {
        if (_negotiation is not null)
            return Negotiate(input);
        HandshakeStatus status = _machine!.Offer(input, out int consumed);
        _partial.Append(input[consumed..]);
        if (status == HandshakeStatus.NeedInput && _partial.Length >= HandshakeWindow)
            throw new InvalidOperationException("the engine leaves whole records unread");
        return Advance(status);
    }

    /// <summary>Sends what the machine has to say; true if it needs input.</summary>
    private bool Advance(HandshakeStatus status)
    {
        SendOutput();
        switch (status)
        {
            case HandshakeStatus.Failed:
                FailHandshake(_machine!.Fault!);
                return false;
            case HandshakeStatus.Asking:
                _suspended = true;
                _events.OnQuestion(this, _machine!.Question!);
                return false;
            case HandshakeStatus.Done:
                HandshakeOutcome outcome = _machine!.Outcome!;
                DropMachine();
                Adopt(outcome);
                _events.OnHandshakeDone(this, outcome);
                return false;
            default:
                return true;
        }
    }

    private void SendOutput()
    {
        Span<byte> output = _loop.Scratch;
        int length = 0;
        while (true)
        {
            int more = _machine!.ReadOutput(output[length..]);
            length += more;
            if (more > 0 && length < output.Length)
                continue;
            // A socket that fails shows it to the next read as well.
            if (length > 0)
                _ = _ciphertext.Send(_loop, this, output[..length]);
            if (more == 0)
                return;
            length = 0;
        }
    }

    private void AbortHandshake(AlertCode alert)
    {
        _machine!.Abort(alert);
        if (_machine.Outcome is { } outcome)
            Discard(outcome);
        SendOutput();
        FailHandshake(_machine.Fault ?? new HandshakeFault(alert, FromPeer: false, "this side ended the handshake"));
    }

    private void FailHandshake(HandshakeFault fault)
    {
        if (_phase != Phase.Handshaking)
            return;
        _phase = Phase.Ended;
        DropMachine();
        _partial.Clear();
        if (_ciphertext.Number >= 0)
        {
            // Bytes left unread would make the close a reset, which can overtake the alert.
            _ciphertext.EndWrite();
            for (int drained = 0; drained < MaxDrain;)
            {
                int got = _ciphertext.Receive(_loop.Scratch[..MaxDrain]);
                if (got <= 0)
                    break;
                drained += got;
            }
        }
        _ciphertext.Close(_loop, reset: false);
        _events.OnHandshakeFailed(this, fault);
    }

    private void DropMachine()
    {
        _negotiation?.Dispose();
        _negotiation = null;
        _machine?.Dispose();
        _machine = null;
    }

    private static void Discard(HandshakeOutcome outcome)
    {
        outcome.Sealer.Dispose();
        outcome.Opener.Dispose();
        outcome.Secrets.Dispose();
    }
}
