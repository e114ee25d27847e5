using Akka.Actor;
using TlsPool.Actors.Sessions.Telemetry;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Pump;
using TlsPool.Crypto.Records;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.IO;
using static TlsPool.Actors.Sessions.SessionProtocol;

namespace TlsPool.Actors.Sessions;

/// <content>Before the first byte: what was stored last is known, and the engine is put together.</content>
public sealed partial class SessionActor
{
    private SetupTrace? _trace;

    private void Prepare(Begin begin)
    {
        (_number, _request, _connection, _ciphertext) = (begin.Number, begin.Request, begin.Connection, begin.Ciphertext);
        _trace = _services.Telemetry.Begin(_number, _request);
        Follow(_connection);
        StartTimer(_services.Policy);
        if (_services.CatchUp() is { } reading)
        {
            Become(Preparing);
            reading.PipeTo(Self, Self, () => CaughtUp.Instance, _ => CaughtUp.Instance);
            return;
        }
        SettleLocalId();
    }

    private void Preparing(object message)
    {
        if (message is CaughtUp)
            SettleLocalId();
        else
            SetupEnds(message);
    }

    private void StartHandshake()
    {
        _question = null;
        _trace?.Handshake();
        if (RefusedLocalId(_request, _gate) is { } fault)
        {
            Fail(fault, AlertCode.UserCanceled);
            return;
        }
        _bridge = new SessionBridge(_services, _request, _gate, Self) { Trace = _trace };
        _network = SocketKind.Cookie(_ciphertext!);
        if (_request.Peer != PeerPart.None)
        {
            StartAsPeer();
            return;
        }
        var machine = new HandshakeMachine(_services.Policy.Handshakes, HandshakeRequests.For(_request, _ciphertext!, _services.Policy.Precursor), _bridge);
        Become(Handshaking);
        _pump = SessionPump.Start(_services.Loops.Next(), _ciphertext!, machine, _bridge, _services.Policy.MaxEarlyBytes);
        _ciphertext = null;
    }

    private void StartTimer(SessionPolicy policy)
    {
        if (Limit(_request.Message.Timeout, policy) is { } limit)
            StartTimer(limit);
    }

    private void StartTimer(TimeSpan limit) =>
        _setupTimer = Context.System.Scheduler.ScheduleTellOnceCancelable(limit, Self, SetupTimedOut.Instance, Self);

    private static TimeSpan? Limit(uint asked, SessionPolicy policy) => asked switch
    {
        StartTlsMessage.TimeoutInfinite => null,
        StartTlsMessage.TimeoutDefault => policy.SetupTimeout,
        _ => TimeSpan.FromMilliseconds(asked),
    };
}
