using Akka.Actor;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Sessions;
using TlsPool.Actors.Sessions.Facts;
using TlsPool.Protocol.Frames;

namespace TlsPool.Actors.Connections;

/// <content>What a connection does with control keys.</content>
public sealed partial class ConnectionActor : IWithTimers
{
    private readonly GuessLimit _guesses = new(TimeProvider.System);
    private bool _guessed;

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    private void Export(ushort requestId, PrngMessage request)
    {
        if (request.TryReadRequest(out ControlKey key, out _, out _))
            AskRegistry(new SessionProtocol.AskFact(key, request, Self, requestId, _application));
        else
            Respond(requestId, new PoolFault(PoolError.PrngUnavailable, SessionFacts.WrongLengths));
    }

    /// <summary>
    /// Delays the answer to a key that is nobody's, once there were too many. As an answer that is due keeps back one more frame of the
    /// connection, it also stops reading from one that guesses on.
    /// </summary>
    private bool IsHeldBack(SessionProtocol.ControlDone done)
    {
        if (done.Fault?.Code is not (PoolError.ControlKeyNotFound or PoolError.RenegotiateNotFound) || _guesses.Take() is not { Ticks: > 0 } delay)
            return false;
        if (!_guessed)
        {
            _guessed = true;
            const string what = "presents many control keys that are nobody's: answers to further ones are held back";
            _log.LogWarning("pid {Pid} of uid {Uid} {What}", _application.ProcessId, _application.UserId, what);
            _services.Audit.Record(new AuditEvent(AuditKind.SessionControl, Allowed: false, what) { Application = _application });
        }
        var held = new HeldBack(done);
        Timers.StartSingleTimer(held, held, delay);
        return true;
    }

    private void Conclude(SessionProtocol.ControlDone done)
    {
        if (done.Fault is { } fault)
            Complete(done.RequestId, fault);
        else if (done.Answer is InfoMessage info)
            Complete(done.RequestId, Command.Info, info);
        else if (done.Answer is PrngMessage prng)
            Give(done.RequestId, prng);
        else
            Complete(done.RequestId, Command.Success, EmptyMessage.Instance);
        _receiver.Handled();
    }

    private void Give(ushort requestId, PrngMessage keys)
    {
        Complete(requestId, Command.Prng, keys);
        keys.ClearBuffer();
    }

    private sealed record HeldBack(SessionProtocol.ControlDone Outcome);
}
