using Microsoft.Extensions.Logging;
using TlsPool.Actors.Entry;
using TlsPool.Actors.Sessions;
using TlsPool.Protocol.Frames;

namespace TlsPool.Actors.Connections;

/// <summary>PINENTRY of a connection: at most one question is open on it.</summary>
public sealed partial class ConnectionActor
{
    private long _pinQuestion;

    private bool TakePinMessage(object message)
    {
        switch (message)
        {
            case PinProtocol.Question question:
                AskForPin(question);
                return true;
            case PinProtocol.Expire expire:
                if (expire.Number == _pinQuestion)
                    _callbacks.Expire(_services.Tokens);
                return true;
            case PinProtocol.OfferDone done:
                if (done.Fault is { } refused)
                    Respond(done.RequestId, refused);
                _receiver.Handled();
                return true;
            case PinProtocol.OfferEnded ended:
                Respond(ended.RequestId, ended.Fault);
                return true;
            default:
                return false;
        }
    }

    private void AskForPin(PinProtocol.Question question)
    {
        _callbacks.Expire(_services.Tokens);
        _pinQuestion = question.Number;
        if (_callbacks.Add(_services.Tokens, question.RequestId, Command.PinEntry) is { } id)
            Send(new Frame(question.RequestId, id, Command.PinEntry, question.Body));
        else
            SpoilPinAnswer(question.RequestId, new PoolFault(PoolError.OutOfMemory, "too many open callbacks on this connection"));
    }

    private void OfferPinEntry(ushort requestId, PinEntryMessage offer)
    {
        offer.ClearPin();
        _isEntryProgram = true;
        AskPinEntry(PinOffer(requestId, offer));
    }

    private void TakePinAnswer(Frame frame, PoolFault? fault)
    {
        if (frame.Command == Command.Error)
        {
            _services.Tokens.Tell(new PinProtocol.Resign(Self), Self);
            Respond(frame.RequestId, Command.Success, EmptyMessage.Instance);
        }
        else if (fault is null && frame.Body is PinEntryMessage entered)
        {
            AskPinEntry(new PinProtocol.Answer(PinOffer(frame.RequestId, entered), _pinQuestion, entered.Pin));
        }
        else
        {
            (frame.Body as PinEntryMessage)?.ClearPin();
            SpoilPinAnswer(frame.RequestId, fault ?? new PoolFault(PoolError.CommandBadCallbackResponse));
        }
    }

    private void SpoilPinAnswer(ushort requestId, PoolFault fault)
    {
        _services.Tokens.Tell(new PinProtocol.Spoiled(_pinQuestion), Self);
        Respond(requestId, fault);
    }

    /// <summary>Nobody waits for this PIN any more, but its program is there: what it sent is an offer all the same.</summary>
    private void TakeLatePin(ushort requestId, PinEntryMessage late)
    {
        _log.LogWarning("pid {Pid} has answered a question for a PIN too late: what was entered is not used", _application.ProcessId);
        OfferPinEntry(requestId, late);
    }

    private PinProtocol.Offer PinOffer(ushort requestId, PinEntryMessage offer) =>
        new(Self, requestId, _application, TimeSpan.FromMicroseconds(offer.TimeoutMicroseconds));

    /// <summary>PIN entry works for all connections: none may have more before it than frames before its own actor.</summary>
    private void AskPinEntry(object question)
    {
        _receiver.Retain();
        _services.Tokens.Tell(question, Self);
    }
}
